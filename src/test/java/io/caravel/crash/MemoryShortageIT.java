package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program whose memory runs out for good ends by itself, with the status that has it restarted.
 */
class MemoryShortageIT {
  private static final String LEAK =
      """
      - route:
          id: leak
          description: "Keep a megabyte more with each tick"
          from:
            uri: "timer:leak?period=20"
            steps:
              - setBody: { constant: { expression: "x" } }
              - setVariable: { name: "global:leak-${exchangeId}", simple: { expression: "${body.repeat(1000000)}" } }
      """;

  @Test
  void memoryThatIsGoneEndsTheProgramWithStatusThree(@TempDir Path routes) throws Exception {
    try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
      for (Path route : (Iterable<Path>) shipped::iterator) {
        Files.copy(route, routes.resolve(route.getFileName()));
      }
    }
    leak(routes);
    Map<String, String> settings =
        Map.of(
            "CARAVEL_ROUTES", "file:" + routes + "/*.camel.yaml",
            "CARAVEL_ROLES", "intake,web",
            "CARAVEL_MEMORY_SHORT_SECONDS", "3",
            "_JAVA_OPTIONS", "-XX:-ExitOnOutOfMemoryError -XX:+UseSerialGC -Xmx128m");
    try (CaravelProcess caravel = new CaravelProcess(settings)) {
      caravel.launch();
      await("its end").atMost(Duration.ofMinutes(5)).until(() -> !caravel.alive());

      assertThat(caravel.terminate()).isEqualTo(3);
      // Either the watch saw it first, or a thread that nothing goes on without.
      assertThat(caravel.log()).contains("OutOfMemoryError", "status 3");

      Files.delete(routes.resolve("leak.camel.yaml"));
      caravel.start();
      assertThat(caravel.terminate()).isEqualTo(143);
    }
  }

  private static void leak(Path routes) throws IOException {
    Files.writeString(routes.resolve("leak.camel.yaml"), LEAK);
  }
}
