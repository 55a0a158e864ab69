package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.Caravel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/**
 * CARAVEL_ROUTES: routes in a folder of the owner's are what happens. The clock of this Caravel
 * stands still, so its jobs start by the wake alone.
 */
@ExtendWith(OutputCaptureExtension.class)
@DirtiesContext // nobody shares it
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/own",
      "caravel.routes=file:${test.home}/own-routes/*.camel.yaml",
      "caravel.queue.feed-ms=3600000"
    })
class OwnRoutesTest extends FlowTest {
  @BeforeAll
  static void copy() throws IOException {
    Path routes = copyOfRoutes("own-routes");
    Path thumbnails = routes.resolve("thumbnails.camel.yaml");
    String shipped = Files.readString(thumbnails);
    String step = "        - setBody: { id: thumbnails-make-files";
    assertThat(shipped).contains(step);
    Files.writeString(
        thumbnails,
        shipped.replace(
            step,
            "        - log: { id: thumbnails-tell, message: \"Our own word on photo ${variable.job.photo.id}\" }\n"
                + step));
  }

  private static Path copyOfRoutes(String name) throws IOException {
    Path copy = Files.createDirectories(home(name));
    try (Stream<Path> routes = Files.list(Path.of("routes"))) {
      for (Path route : (Iterable<Path>) routes::iterator) {
        Files.copy(route, copy.resolve(route.getFileName()));
      }
    }
    return copy;
  }

  @Test
  void aChangedRouteChangesWhatHappens(CapturedOutput output) {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    JsonNode settled = settled(photo);
    assertThat(settled.at("/jobs/thumbnails/state").asText()).isEqualTo("done");
    assertThat(output.getOut()).contains("Our own word on photo " + photo);
  }

  @Test
  void aJobStartsByTheWakeOfItsUploadAndNotByTheClock() {
    for (int photo = 0; photo < 20; photo++) {
      JsonNode settled = settled(api.accepted("a.jpg", Picture.tiny().bytes()));
      assertThat(settled.at("/jobs/metadata/state").asText()).isEqualTo("done");
    }
    List<Long> waits =
        database
            .sql(
                "select timestampdiff(microsecond, created_at, started_at) / 1000 as wait from jobs where queue <> 'geolocation' order by wait")
            .query(Long.class)
            .list();
    org.slf4j.LoggerFactory.getLogger("caravel")
        .info("From the 202 to the start of a job, ms: {}", waits);
  }

  @ParameterizedTest
  @CsvSource({"none, no-routes", "broken, thumbnails.camel.yaml", "missing, nowhere"})
  void routesThatCannotBeUsedStopTheStartWithOneSentence(
      String what, String named, CapturedOutput output) throws IOException {
    Path routes =
        what.equals("none") ? Files.createDirectories(home("no-routes")) : copyOfRoutes(what);
    if (what.equals("broken")) {
      Files.writeString(routes.resolve("thumbnails.camel.yaml"), "- route:\n   id: x\n  from: [");
    } else if (what.equals("missing")) {
      Path thumbnails = routes.resolve("thumbnails.camel.yaml");
      Files.writeString(
          thumbnails,
          Files.readString(thumbnails)
              .replace("routeConfigurationId: caller-decides", "routeConfigurationId: nowhere"));
    }
    assertThatThrownBy(
            () ->
                new SpringApplicationBuilder(Caravel.class)
                    .run(
                        "--caravel.home=" + home("not-started"),
                        "--caravel.port=0",
                        "--caravel.routes=file:" + routes + "/*.camel.yaml")
                    .close())
        .isNotNull();
    assertThat(output.getAll())
        .contains("Caravel cannot start: its routes cannot be used: ")
        .contains(named)
        .doesNotContain("\tat ");
  }
}
