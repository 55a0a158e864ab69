package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/**
 * CARAVEL_ROUTES names a copy of the routes as they were when each step had a worker of its own:
 * they do what they did.
 */
@DirtiesContext // nobody shares it
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/before-steps",
      "caravel.routes=file:${test.home}/before-steps-routes/*.camel.yaml"
    })
class RoutesBeforeStepsTest extends FlowTest {
  @BeforeAll
  static void copy() throws IOException {
    Path copy = Files.createDirectories(home("before-steps-routes"));
    for (Path from :
        new Path[] {Path.of("routes"), Path.of("src/test/resources/routes-before-steps")}) {
      try (Stream<Path> routes = Files.list(from)) {
        for (Path route : (Iterable<Path>) routes::iterator) {
          Files.copy(route, copy.resolve(route.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    for (String later : new String[] {"step", "enqueue"}) {
      Files.delete(copy.resolve(later + ".camel.yaml"));
    }
  }

  @Test
  void eachStepIsDoneByItsOwnWorker() {
    long photo = api.accepted("a.jpg", Picture.tiny().at(38.7223, -9.1393).bytes());
    JsonNode settled = settled(photo);
    for (String step : new String[] {"thumbnails", "metadata", "geolocation", "faces"}) {
      assertThat(settled.at("/jobs/" + step + "/state").asText()).as(step).isEqualTo("done");
      assertThat(settled.at("/jobs/" + step + "/attempts").asInt()).as(step).isEqualTo(1);
    }
    assertThat(settled.path("place").asText()).isNotEmpty();
  }

  @Test
  void aDoorThatThereWasNotIsNotThere() {
    assertThat(api.get("/api/queues").json().has("thumbnails")).isTrue();
    assertThat(api.post("/api/queues/thumbnails/stale").status()).isIn(404, 405);
  }
}
