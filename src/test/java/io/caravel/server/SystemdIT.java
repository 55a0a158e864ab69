package io.caravel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the service tells systemd, noted by a program in the place of systemd-notify; and its lines'
 * priorities and files, which are set at the start, too.
 */
class SystemdIT {
  @TempDir Path directory = Path.of("unset");

  private List<String> told() throws Exception {
    Path file = directory.resolve("told");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  @Test
  void readyIsToldOnceAndThenAgainAndAgainThatItLives() throws Exception {
    Path notify = directory.resolve("systemd-notify");
    Files.writeString(notify, "#!/bin/sh\necho \"$@\" >>%s/told\n".formatted(directory));
    assertThat(notify.toFile().setExecutable(true)).isTrue();
    Map<String, String> settings =
        Map.of(
            "PATH", directory + ":" + System.getenv("PATH"),
            "NOTIFY_SOCKET", "/run/nobody/notify",
            "WATCHDOG_USEC", "600000",
            "JOURNAL_STREAM", "1:1",
            "CARAVEL_LOG_DIR", directory.resolve("logs").toString());
    try (CaravelProcess caravel = new CaravelProcess(settings).start()) {
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> told().stream().filter("WATCHDOG=1"::equals).count() >= 3);
      assertThat(told().get(0)).startsWith("--ready");
      assertThat(told()).filteredOn(line -> line.startsWith("--ready")).hasSize(1);
      assertThat(caravel.log().lines().filter(line -> line.contains("Caravel is ready")))
          .isNotEmpty()
          .allMatch(line -> line.startsWith("<6>20"));
      assertThat(directory.resolve("logs/caravel.log"))
          .content()
          .contains("Caravel is ready")
          .doesNotContain("<6>");
      assertThat(directory.resolve("logs/thumbnails.log")).exists();
    }
  }
}
