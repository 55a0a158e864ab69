package io.caravel.bench;

import io.caravel.crash.Camera;
import io.caravel.crash.Sender;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.mvstore.MVStoreTool;

/** The embedded database's file during work, at rest and after an orderly stop. */
public final class DatabaseSize {
  private static final int REST_SECONDS = 60;

  private DatabaseSize() {}

  /** {@code DatabaseSize PHOTOS}. */
  public static void main(String[] arguments) throws Exception {
    int photos = Integer.parseInt(arguments[0]);
    Map<String, String> settings =
        Map.of("CARAVEL_ROLES", "intake,thumbnails,metadata,geolocation,web");
    try (CaravelProcess caravel = new CaravelProcess(settings)) {
      caravel.start();
      Path file = caravel.home().resolve("database/caravel.mv.db");
      Camera camera = new Camera(1, "database-size", 120, 90, Integer.MAX_VALUE);
      Sender sender = new Sender(camera);
      CountDownLatch over = new CountDownLatch(1);
      AtomicLong peak = new AtomicLong();
      Thread watch = new Thread(() -> watch(file, peak, over), "watch");
      watch.start();
      FlowCpu.upload(caravel, sender, camera, photos);
      Finish.awaitAllEnded(sender, caravel.baseUri(), photos, Duration.ofHours(2));
      long worked = Files.size(file);
      over.await(REST_SECONDS, TimeUnit.SECONDS);
      long rested = Files.size(file);
      over.countDown();
      watch.join();
      caravel.terminate();
      long stopped = Files.size(file);
      Path copy = file.resolveSibling("copy.mv.db");
      MVStoreTool.compact(file.toString(), copy.toString(), false);
      long compact = Files.size(copy);
      System.out.printf(
          "%d photos: at most %.1f kB a photo, %.1f at the end of work, %.1f after %d s of rest, %.1f stopped; a compacted copy %.1f: %.2f and %.2f times it%n",
          photos,
          peak.get() / 1000.0 / photos,
          worked / 1000.0 / photos,
          rested / 1000.0 / photos,
          REST_SECONDS,
          stopped / 1000.0 / photos,
          compact / 1000.0 / photos,
          (double) rested / compact,
          (double) stopped / compact);
    }
  }

  private static void watch(Path file, AtomicLong peak, CountDownLatch over) {
    try {
      do {
        peak.accumulateAndGet(Files.size(file), Math::max);
      } while (!over.await(1, TimeUnit.SECONDS));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
