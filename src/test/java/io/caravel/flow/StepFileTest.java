package io.caravel.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the file of a step may hold, and what is told of the rest: file, line and a sentence. */
class StepFileTest {
  private static final String ROUTE =
      """
      - route:
          id: captions-make
          description: "Says it"
          from:
            uri: direct:captions-make
            steps:
              %s
      """;

  private final Path file;

  StepFileTest(@TempDir Path folder) {
    file = folder.resolve("captions.camel.yaml");
  }

  private StepFile read(String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return StepFile.read(file, "captions", Duration.ofSeconds(60), Set.of("sha256sum"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"captions", "checksum", "copies"})
  void theExamplesAreFit(String example) {
    StepFile read =
        StepFile.read(
            Path.of("examples/steps", example + ".camel.yaml"),
            example,
            Duration.ofSeconds(60),
            Set.of("sha256sum"));
    assertThat(read.routes()).containsExactly(example + "-make");
    assertThat(read.about()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "- setBody: { constant: { expression: '{}' } }",
        "- to: { uri: 'http:127.0.0.1:1/x?responseTimeout=1000' }",
        "- to: { uri: 'https://example.org/x', parameters: { responseTimeout: 59999 } }",
        "- to: { uri: 'exec:sha256sum?args=x' }",
        "- to: { uri: 'exec:{{program}}' }",
        "- bean: { ref: fail, method: \"lasting('a', 'b')\" }",
        "- convertBodyTo: { type: String }",
        "- unmarshal: { json: { library: Jackson } }",
      })
  void whatAStepDoes(String step) {
    assertThat(read(ROUTE.formatted(step)).about()).isEqualTo("Says it");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "- toD: { uri: 'direct:x' } | 7 | toD has no place in a step",
        "- recipientList: { simple: x } | 7 | recipientList has no place",
        "- wireTap: { uri: 'direct:x' } | 7 | wireTap has no place",
        "- to: { uri: 'jms:x' } | 7 | and this is jms:x",
        "- to: '{{somewhere}}' | 7 | and this is {{somewhere}}",
        "- to: { uri: 'direct:enqueue' } | 7 | direct:enqueue is no route of this file",
        "- to: { uri: 'exec:rm?args=-r' } | 7 | the program rm, which CARAVEL_PROGRAMS does not name (sha256sum)",
        "- to: { uri: 'exec:sha256sum', parameters: { commandExecutor: '#x' } } | 7 | commandExecutor has no place",
        "- to: { uri: 'http:127.0.0.1:1/x' } | 7 | give http a responseTimeout in ms, less than the 60 s",
        "- to: { uri: 'http:127.0.0.1:1/x?responseTimeout=60000' } | 7 | CARAVEL_STEPS_CAPTIONS_LIMIT_SECONDS",
        "- bean: { beanType: java.lang.System, method: exit } | 7 | beanType has no place",
        "- bean: { ref: jobs, method: release } | 7 | no bean of Caravel's but fail, and this is jobs",
        "- setBody: { method: { ref: disks, method: names } } | 7 | this is disks",
        "- setBody: { spel: { expression: x } } | 7 | spel has no place",
        "- setBody: { simple: { expression: '${bean:type:java.lang.Runtime}' } } | 7 | ${bean:…} has no place",
        "- split: { simple: { expression: x }, parallelProcessing: true, steps: [] } | 7 | parallelProcessing",
      })
  void whatAStepMayNotDoIsToldWithItsLine(String step, int line, String sentence) {
    assertThatThrownBy(() -> read(ROUTE.formatted(step)))
        .isInstanceOf(StepFile.Unfit.class)
        .hasMessageStartingWith(file + ", line " + line + ": ")
        .hasMessageContaining(sentence);
  }

  @Test
  void deepInsideABlockItIsFoundToo() {
    assertThatThrownBy(
            () ->
                read(
                    ROUTE.formatted(
                        """
                        - choice:
                                    when:
                                      - simple: { expression: "x" }
                                        steps:
                                          - doTry:
                                              steps:
                                                - toD: { uri: x }
                        """)))
        .hasMessageContaining("line 13: toD has no place");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "- route: { id: thumbnails-make } | 1 | the route must be called captions-make, -before, -lay, -keep or -after, not thumbnails-make",
        "- route: { id: captions-make, from: { uri: 'timer:x', steps: [] } } | 1 | begins with direct:captions-make, not with timer:x",
        "- route: { id: captions-keep, from: { uri: 'direct:captions-keep', steps: [] } } | 1 | the route captions-make is missing",
        "- route: { from: { uri: 'direct:x' } } | 1 | a route has an id",
        "- rest: {} | 1 | holds routes alone, and this is a rest",
        "- routeTemplate: {} | 1 | this is a routeTemplate",
        "- route: { id: captions-make, errorHandler: {}, from: {} } | 1 | no errorHandler",
        "a: b | 1 | is a list of routes",
        "- route: [ | 2 | it is no YAML",
      })
  void aFileThatIsNoStepIsToldWithItsLine(String text, int line, String sentence) {
    assertThatThrownBy(() -> read(text + "\n"))
        .isInstanceOf(StepFile.Unfit.class)
        .hasMessageStartingWith(file + ", line " + line + ": ")
        .hasMessageContaining(sentence);
  }
}
