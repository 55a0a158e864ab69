package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A new photo while a run over the whole library is under way. {@code -Dcaravel.test.bulk=100000}
 * has so many jobs wait, and src/bench/lanes tells how long the photo waits then.
 */
class LanesFlowTest extends FlowTest {
  private static final Logger LOG = LoggerFactory.getLogger(LanesFlowTest.class);

  @Autowired JdbcTemplate batches;

  @AfterEach
  void forget() {
    database.sql("delete from jobs where lane = 2").update();
    api.post("/api/queues/thumbnails/resume");
  }

  /** It once stood behind all that had become due before it. */
  @Test
  void aNewPhotoIsMadeWhileTheWholeLibraryWaits() {
    int bulk = Integer.getInteger("caravel.test.bulk", 3000);
    long old = api.accepted("old.jpg", Picture.tiny().bytes());
    settled(old);
    api.post("/api/queues/thumbnails/pause");
    many(job(old, "thumbnails").path("id").asLong(), bulk);
    JsonNode last = api.get("/api/photos/" + old + "/journey").json().at("/unfinished/0");
    assertThat(last.path("waiting").asText())
        .isEqualTo("The queue thumbnails is paused: resume it.");
    api.post("/api/queues/thumbnails/resume");
    eventually("the run is under way", () -> waiting() < bulk - 200);

    long began = System.nanoTime();
    long fresh = api.accepted("new.jpg", Picture.tiny().bytes());
    JsonNode done = ended(fresh, "thumbnails");
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);

    assertThat(done.path("state").asText()).isEqualTo("done");
    assertThat(
            count(
                "select count(*) from jobs where lane = 2 and (ended_at is null or ended_at > "
                    + "(select ended_at from jobs where queue = 'thumbnails' and not extra and image_id = "
                    + fresh
                    + "))"))
        .isPositive();
    LOG.info("{} jobs waited; the new photo's thumbnail was there after {} ms.", bulk, millis);
  }

  private long waiting() {
    return count("select count(*) from jobs where lane = 2 and state = 'queued'");
  }

  private void many(long like, int count) {
    List<Object[]> rows = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      rows.add(new Object[] {"%032x".formatted(n), like});
    }
    batches.batchUpdate(
        """
        insert into jobs (image_id, queue, job_key, data, extra, lane)
        select image_id, queue, ?, data, true, 2 from jobs where id = ?
        """,
        rows);
  }
}
