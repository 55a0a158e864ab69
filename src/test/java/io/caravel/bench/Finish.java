package io.caravel.bench;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.crash.Sender;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** The moment when a Caravel has nothing left to do. */
final class Finish {
  private Finish() {}

  /** Waits until each queue has ended the jobs of so many photos. Returns the failed jobs. */
  static long awaitAllEnded(Sender sender, URI base, long photos, Duration longest) {
    await("the end of all jobs of " + photos + " photos")
        .atMost(longest)
        .pollInterval(Duration.ofMillis(250))
        .ignoreExceptionsMatching(problem -> problem instanceof IOException)
        .until(() -> isEnded(sender, base, photos));
    return failed(sender, base);
  }

  private static boolean isEnded(Sender sender, URI base, long photos) throws IOException {
    JsonNode queues = sender.get(base, "/api/queues");
    // Of the faces, which these measurements leave out by CARAVEL_ROLES, others tell.
    for (String name : List.of("thumbnails", "metadata", "geolocation")) {
      JsonNode queue = queues.get(name);
      long ended =
          queue.get("done").asLong() + queue.get("skipped").asLong() + queue.get("failed").asLong();
      if (queue.get("queued").asLong() + queue.get("running").asLong() > 0 || ended < photos) {
        return false;
      }
    }
    return true;
  }

  private static long failed(Sender sender, URI base) {
    try {
      long failed = 0;
      for (JsonNode queue : sender.get(base, "/api/queues")) {
        failed += queue.get("failed").asLong();
      }
      return failed;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
