package io.caravel.door;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/**
 * Whether ExifTool is there: asked for its version at start, and again a minute after the last
 * time.
 */
@Component("exiftoolHealthIndicator")
class ExiftoolHealth extends AbstractHealthIndicator {
  private static final int LIMIT_SECONDS = 10;
  private static final Duration ASK_AGAIN = Duration.ofMinutes(1);

  private final String command;
  private CompletableFuture<String> version;
  private long askedAt = System.nanoTime();

  ExiftoolHealth(@Value("${caravel.exiftool.command}") String command) {
    this.command = command;
    this.version = CompletableFuture.supplyAsync(this::ask);
  }

  /** The version, or "" when it does not run. */
  private String ask() {
    try {
      Process process =
          new ProcessBuilder(command, "-ver")
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .start();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        return "";
      }
      byte[] answer = process.getInputStream().readNBytes(100);
      return new String(answer, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private synchronized CompletableFuture<String> version() {
    long now = System.nanoTime();
    if (version.isDone() && now - askedAt > ASK_AGAIN.toNanos()) {
      askedAt = now;
      version = CompletableFuture.supplyAsync(this::ask);
    }
    return version;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    String known = version().completeOnTimeout("", LIMIT_SECONDS, TimeUnit.SECONDS).join();
    if (known.isEmpty()) {
      health
          .down()
          .withDetail(
              "reason",
              "ExifTool does not run as '%s', so metadata jobs wait: install it (apt install libimage-exiftool-perl)."
                  .formatted(command));
    } else {
      health.up().withDetail("command", command).withDetail("version", known);
    }
  }
}
