package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.caravel.ground.Journey;
import io.caravel.photo.Photo;
import io.caravel.server.MariaDbNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class JourneyOnMariaDbTest {
  private static final MariaDbNode NODE = MariaDbNode.shared();

  /** Two jobs of a photo that end together once gave "1467 Failed to read auto-increment value". */
  @Test
  void aStepThatWaitsForThePhotosRowHindersNoOtherStep() throws Exception {
    String url = NODE.createDatabase();
    Flyway.configure().dataSource(url, NODE.user(), NODE.password()).load().migrate();
    SingleConnectionDataSource first =
        new SingleConnectionDataSource(url, NODE.user(), NODE.password(), true);
    first.setAutoCommit(false);
    try {
      JdbcClient metadata = JdbcClient.create(first);
      JdbcClient thumbnails =
          JdbcClient.create(new DriverManagerDataSource(url, NODE.user(), NODE.password()));
      thumbnails
          .sql(
              """
              insert into images (id, sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)
              values (1, 'aa', 'a.jpg', 'image/jpeg', 1, 'private', 'aa', 'aa.jpg')
              """)
          .update();
      thumbnails
          .sql(
              "insert into jobs (id, image_id, queue, job_key, data) values (1, 1, 'thumbnails', 'k', '{}')")
          .update();
      metadata.sql("update images set width = 2 where id = 1").update();
      CompletableFuture<Void> waiting =
          CompletableFuture.runAsync(
              () -> new Journey(thumbnails).ended(job().start(), "done", null, null));
      await("the step to wait for the photo's row").until(() -> waits(thumbnails));

      assertThatCode(() -> new Journey(metadata).note(1, "metadata", "done", null))
          .doesNotThrowAnyException();

      first.getConnection().commit();
      waiting.get(20, TimeUnit.SECONDS);
    } finally {
      first.destroy();
    }
  }

  private static boolean waits(JdbcClient database) {
    return database
        .sql("select 1 from information_schema.innodb_trx where trx_state = 'LOCK WAIT'")
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  private static Job job() {
    Photo photo =
        new Photo(1, "aa", "a.jpg", "image/jpeg", 1, "private", "aa", "aa.jpg", false, null, null);
    return new Job(
        1, "thumbnails", "k", "{}", false, 1, 1, 0, 0, "node/boot", Lane.UPLOAD, 0, photo);
  }
}
