package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A photo that ends the program right after its claim, before the embedded database has written
 * anything of it to its file: it is parked after three starts, and its neighbours are done.
 */
class CrashLoopIT {
  private static final int MOST_DEATHS = 6;
  private static final int INNOCENTS = 6;

  @ParameterizedTest
  @ValueSource(strings = {"thumbnails", "faces"})
  void aPhotoThatEndsTheProgramAtOnceIsParkedAndItsNeighboursAreDone(
      String queue, @TempDir Path routes) throws Exception {
    Camera camera = new Camera(17, queue, 320, 240, Integer.MAX_VALUE);
    Camera.Shot culprit = camera.shoot();
    deadly(routes, queue, culprit.sha256());
    Map<String, String> settings = new HashMap<>();
    settings.put("CARAVEL_ROUTES", "file:" + routes + "/*.camel.yaml");
    settings.put("CARAVEL_ROLES", "intake,web," + queue);
    settings.put("CARAVEL_WORKERS_" + queue.toUpperCase(java.util.Locale.ROOT), "2");
    settings.put("CARAVEL_QUEUE_INTERRUPTED_SECONDS", "1");
    try (CaravelProcess caravel = new CaravelProcess(settings)) {
      Sender sender = new Sender(camera);
      caravel.start();
      assumeTrue(
          sender.get(caravel.baseUri(), "/api/queues").path(queue).path("waiting").isNull(),
          "no face models on this machine: ./caravel run fetches them");
      List<Camera.Shot> shots = new ArrayList<>();
      for (int i = 0; i < INNOCENTS; i++) {
        shots.add(camera.shoot());
      }
      shots.add(INNOCENTS / 2, culprit);
      sender.send(caravel.baseUri(), shots); // it may end before it has them all, or can answer

      int deaths = 0;
      while (!ended(sender, caravel, queue, shots.size()) && deaths < MOST_DEATHS) {
        deaths++;
        caravel.launch();
      }

      assertThat(deaths).as("starts that the photo ended").isEqualTo(3);
      for (JsonNode photo : sender.get(caravel.baseUri(), "/api/photos?size=500").get("items")) {
        JsonNode job =
            sender
                .get(caravel.baseUri(), "/api/photos/" + photo.get("id").asLong())
                .at("/jobs/" + queue);
        boolean guilty = photo.get("sha256").asText().equals(culprit.sha256());
        assertThat(job.get("state").asText()).isEqualTo(guilty ? "failed" : "done");
        if (guilty) {
          assertThat(job.get("cause").asText()).isEqualTo("interrupted");
        }
      }
      assertThat(caravel.terminate()).isEqualTo(143);
      assertThat(Home.files(caravel.home().resolve("nodes")))
          .as("notes of begun work after an orderly stop")
          .noneMatch(file -> file.toString().contains("begun"));
    }
  }

  /** Waits until all jobs have ended, or the program has. */
  private static boolean ended(Sender sender, CaravelProcess caravel, String queue, int photos) {
    await("the end of all jobs, or of the program")
        .atMost(Duration.ofMinutes(20))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> !caravel.alive() || allEnded(sender, caravel, queue, photos));
    return caravel.alive();
  }

  private static boolean allEnded(Sender sender, CaravelProcess caravel, String queue, int photos) {
    sender.resend(caravel.baseUri());
    try {
      JsonNode depths = sender.get(caravel.baseUri(), "/api/queues").path(queue);
      return depths.path("done").asInt() + depths.path("failed").asInt() == photos;
    } catch (IOException e) {
      return false; // on its way up or down
    }
  }

  /** The shipped routes, but that the work on one photo ends the JVM as kill -9 does. */
  private static void deadly(Path routes, String queue, String sha256) throws IOException {
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path route : (Iterable<Path>) shipped::iterator) {
        Files.copy(route, routes.resolve(route.getFileName()));
      }
    }
    Path route = routes.resolve(queue + ".camel.yaml");
    String text = Files.readString(route);
    String make = "      uri: direct:" + queue + "-make\n      steps:\n";
    assertThat(text).contains(make);
    Files.writeString(
        route,
        text.replace(
            make,
            make
                + """
                        - choice:
                            id: deadly
                            when:
                              - expression: { simple: { expression: "${variable.job.photo.sha256} == '%s'" } }
                                steps:
                                  - setBody: { id: deadly-program, method: { beanType: java.lang.Runtime, method: getRuntime } }
                                  - setBody: { id: deadly-end, simple: { expression: "${body.halt(137)}" } }
                """
                    .formatted(sha256)));
  }
}
