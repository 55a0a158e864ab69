package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.Caravel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A step that cannot be stops the start with one sentence, whoever finds it out. */
@ExtendWith(OutputCaptureExtension.class)
class StepRefusalsTest {
  private static final String GOOD =
      """
      - route:
          id: captions-make
          from:
            uri: direct:captions-make
            steps:
              - setBody: { constant: { expression: "{}" } }
      """;

  private final Path home;
  private final Path routes;

  StepRefusalsTest(@TempDir Path home) throws IOException {
    this.home = home;
    this.routes = Files.createDirectories(home.resolve("routes"));
  }

  private Path step(String name, String text) throws IOException {
    return Files.writeString(routes.resolve(name), text);
  }

  private void assertRefused(CapturedOutput output, String sentence, String... settings) {
    List<String> all = new ArrayList<>(List.of("--caravel.home=" + home, "--caravel.port=0"));
    all.addAll(List.of(settings));
    assertThatThrownBy(
            () ->
                new SpringApplicationBuilder(Caravel.class).run(all.toArray(String[]::new)).close())
        .isNotNull();
    assertThat(output.getAll())
        .contains("Caravel cannot start: ")
        .contains(sentence)
        .doesNotContain("\tat ");
  }

  @Test
  void ofARouteThatIsAnothers(CapturedOutput output) throws IOException {
    Path file = step("gg.camel.yaml", GOOD);
    assertRefused(
        output,
        file
            + ", line 2: the route must be called gg-make, -before, -lay, -keep or -after, not captions-make.");
  }

  @Test
  void ofAFileThatIsNoYaml(CapturedOutput output) throws IOException {
    Path file = step("captions.camel.yaml", "- route:\n   id: x\n  from: [");
    assertRefused(output, file + ", line 3: it is no YAML");
  }

  @Test
  void ofAProgramThatIsNotAllowed(CapturedOutput output) throws IOException {
    Path file =
        step(
            "captions.camel.yaml",
            GOOD.replace(
                "- setBody: { constant: { expression: \"{}\" } }", "- to: { uri: \"exec:rm\" }"));
    assertRefused(output, file + ", line 6: the step runs the program rm");
  }

  /** What only Camel knows: an option that there is not. */
  @Test
  void ofAnOptionThatThereIsNot(CapturedOutput output) throws IOException {
    step("captions.camel.yaml", GOOD + "        - to: { uri: \"log:x?levle=INFO\" }\n");
    assertRefused(output, "routes/captions.camel.yaml, line 2: ");
  }

  @Test
  void ofAPlaceholderThatThereIsNot(CapturedOutput output) throws IOException {
    step("captions.camel.yaml", GOOD + "        - to: { uri: \"log:{{nowhere}}\" }\n");
    assertRefused(output, "routes/captions.camel.yaml, line 2: ");
  }

  @Test
  void ofABadName(CapturedOutput output) throws IOException {
    Path file = step("My-Step.camel.yaml", GOOD);
    assertRefused(output, file + ": a step is called by 2 to 24 small letters and digits");
  }

  @Test
  void ofANameThatARouteHas(CapturedOutput output) throws IOException {
    step("answer.camel.yaml", GOOD.replace("captions", "answer"));
    assertRefused(output, "there is a route answer beside the step of that name");
  }

  @Test
  void ofAFileThatEverybodyMayWrite(CapturedOutput output) throws IOException {
    Path file = step("captions.camel.yaml", GOOD);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertRefused(output, file + " can be written by everybody");
  }

  @Test
  void ofASettingOfNoStep(CapturedOutput output) throws IOException {
    step("captions.camel.yaml", GOOD);
    assertRefused(
        output,
        "caption is the name of a step (by a file caption.camel.yaml or by CARAVEL_STEPS_CAPTION_…), and there is no route caption-make.",
        "--caravel.steps.caption.tries=6");
  }

  @Test
  void ofAStepThatComesAfterItself(CapturedOutput output) throws IOException {
    step("captions.camel.yaml", GOOD);
    assertRefused(
        output,
        "CARAVEL_STEPS_CAPTIONS_AFTER is \"captions\"",
        "--caravel.steps.captions.after=captions");
  }

  @Test
  void ofASettingThatNoStepHas(CapturedOutput output) throws IOException {
    step("captions.camel.yaml", GOOD);
    assertRefused(
        output,
        "CARAVEL_STEPS_CAPTIONS_TRYS is no setting of a step",
        "--caravel.steps.captions.trys=6");
  }

  /** Those of Caravel, too: a misspelt bean in a copy of its routes. */
  @Test
  void ofABuiltInRouteThatNamesNoBean(CapturedOutput output) throws IOException {
    Path copy = copyOfRoutes();
    Path metadata = copy.resolve("metadata.camel.yaml");
    Files.writeString(
        metadata, Files.readString(metadata).replace("ref: metadataStore", "ref: metadataStoer"));
    assertRefused(output, "metadata-keep", "--caravel.routes=file:" + copy + "/*.camel.yaml");
  }

  /** Its keep would find its key taken by the commit around it, and keep nothing. */
  @Test
  void ofAKeepOfAnOlderCaravel(CapturedOutput output) throws IOException {
    Path copy = copyOfRoutes();
    Path thumbnails = copy.resolve("thumbnails.camel.yaml");
    String begin = "        - choice:\n            id: thumbnails-if-decoded";
    String once =
        """
        - idempotentConsumer:
            id: thumbnails-keep-once
            idempotentRepository: "#keepKeys"
            expression: { simple: { expression: "${variable.job.id}:${variable.job.run}" } }
            steps:
              - log: { id: thumbnails-never, message: "never" }
        """;
    assertThat(Files.readString(thumbnails)).contains(begin);
    Files.writeString(
        thumbnails, Files.readString(thumbnails).replace(begin, once.indent(8) + begin));
    assertRefused(
        output,
        "thumbnails-keep keeps once by itself",
        "--caravel.routes=file:" + copy + "/*.camel.yaml");
  }

  private Path copyOfRoutes() throws IOException {
    Path copy = Files.createDirectories(home.resolve("copy"));
    try (Stream<Path> all = Files.list(Path.of("routes"))) {
      for (Path route : (Iterable<Path>) all::iterator) {
        Files.copy(route, copy.resolve(route.getFileName()));
      }
    }
    return copy;
  }
}
