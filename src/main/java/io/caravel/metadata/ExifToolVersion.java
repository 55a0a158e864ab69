package io.caravel.metadata;

import io.caravel.job.Tool;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Which ExifTool there is, asked again every minute, beside whoever wants to know. Thread-safe. */
@Component
public class ExifToolVersion implements Tool {
  private static final int LIMIT_SECONDS = 10;
  private static final Duration ASK_AGAIN = Duration.ofMinutes(1);

  private final String command;
  private CompletableFuture<String> version;
  private String last = "";
  private long askedAt = System.nanoTime();

  public ExifToolVersion(@Value("${caravel.exiftool.command}") String command) {
    this.command = command;
    this.version = CompletableFuture.supplyAsync(this::ask);
  }

  @Override
  public String step() {
    return "metadata";
  }

  /** The version as it was heard last; null: it does not run, or has not answered yet. */
  @Override
  public synchronized @Nullable String version() {
    CompletableFuture<String> asked = current();
    if (asked.isDone()) {
      last = asked.join();
    }
    return last.isEmpty() ? null : last;
  }

  /** The version; empty when it does not run, or takes seconds to say so. */
  public String awaited() {
    return current().completeOnTimeout("", LIMIT_SECONDS, TimeUnit.SECONDS).join();
  }

  private synchronized CompletableFuture<String> current() {
    long now = System.nanoTime();
    if (version.isDone() && now - askedAt > ASK_AGAIN.toNanos()) {
      last = version.join();
      askedAt = now;
      version = CompletableFuture.supplyAsync(this::ask);
    }
    return version;
  }

  /** The version, or "" when it does not run. */
  private String ask() {
    try {
      Process process =
          new ProcessBuilder(command, "-ver")
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
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
}
