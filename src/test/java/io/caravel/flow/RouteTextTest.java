package io.caravel.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What routes do is the same whatever they say of it. */
class RouteTextTest {
  private static final String ROUTE =
      """
      - route:
          id: captions-make
          description: "Says it"
          from:
            uri: direct:captions-make
            steps:
              - setBody: { id: captions-body, constant: { expression: "{}" } }
      """;

  private static String text(String yaml) {
    return RouteText.of(new Yaml().compose(new StringReader(yaml)), "captions");
  }

  @Test
  void descriptionsIdsNotesAndLayoutAreNoPartOfIt() {
    String other =
        ROUTE
            .replace("Says it", "Says it well")
            .replace("captions-body", "captions-answer")
            .replace("{ expression: \"{}\" }", "{expression: '{}'}")
            .replace("    from:", "    note: \"this and that\" # a comment\n    from:");
    assertThat(other).isNotEqualTo(ROUTE);
    assertThat(text(other)).isEqualTo(text(ROUTE)).isNotEmpty();
  }

  @Test
  void whatItDoesIs() {
    assertThat(text(ROUTE.replace("\"{}\"", "\"{ }\""))).isNotEqualTo(text(ROUTE));
    assertThat(text(ROUTE.replace("setBody", "setHeader"))).isNotEqualTo(text(ROUTE));
  }

  @Test
  void anothersRoutesAreNot() {
    assertThat(text(ROUTE + ROUTE.replace("captions", "tags"))).isEqualTo(text(ROUTE));
  }
}
