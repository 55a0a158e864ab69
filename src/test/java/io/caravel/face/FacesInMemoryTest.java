package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.face.FaceIndex.Match;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

@Timeout(120)
class FacesInMemoryTest {
  private final JdbcConnectionPool pool =
      JdbcConnectionPool.create(
          "jdbc:h2:mem:faces;MODE=MySQL;TIME ZONE=UTC;DB_CLOSE_DELAY=-1", "sa", "");
  private final JdbcClient database = JdbcClient.create(pool);
  private final Random random = new Random(7);

  @TempDir Path home = Path.of("");

  @BeforeEach
  void schema() {
    Flyway.configure().dataSource(pool).load().migrate();
  }

  @AfterEach
  void end() {
    database.sql("shutdown").update();
    pool.dispose();
  }

  private FacesInMemory index() {
    return new FacesInMemory(database, home, "node");
  }

  private void insert(long id, String status, @Nullable Long parent, float @Nullable [] encoding) {
    database
        .sql(
            "insert into faces (id, status, parent_id, descriptor) values (:id, :status, :parent, :descriptor)")
        .param("id", id)
        .param("status", status)
        .param("parent", parent)
        .param("descriptor", encoding == null ? null : Encoding.bytes(encoding))
        .update();
  }

  private void update(long id, String set) {
    database
        .sql(
            "update faces set revision = revision + 1, changed_at = current_timestamp(6), "
                + set
                + " where id = :id")
        .param("id", id)
        .update();
  }

  private float[] encoding() {
    float[] encoding = new float[FaceFinder.ENCODING];
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] = (float) (random.nextGaussian() * 0.055);
    }
    return encoding;
  }

  @Test
  void candidatesAreTheRootsThatAPersonConfirmed() {
    float[] sought = encoding();
    insert(1, "ok", null, encoding());
    insert(2, "ok", 1L, sought);
    insert(3, "process", null, sought);
    insert(4, "unknown", null, sought);
    insert(5, "not_face", null, sought);
    insert(6, "ok", null, null);
    insert(7, "ok", null, sought);
    update(7, "deleted_at = current_timestamp(3)");

    FacesInMemory index = index();

    assertThat(index.nearestPerson(sought).map(Match::face)).contains(1L);
    assertThat(index.toReviewWithin(sought, 0.6)).containsExactly(new Match(3, 0));
  }

  @Test
  void whatThisNodeChangedIsSeenAtOnce() {
    float[] sought = encoding();
    FacesInMemory index = index();
    assertThat(index.nearestPerson(sought)).isEmpty();
    insert(1, "process", null, sought);
    index.changed(List.of(1L));
    assertThat(index.toReviewWithin(sought, 0.6)).hasSize(1);
    update(1, "status = 'ok'");
    index.changed(List.of(1L));
    assertThat(index.toReviewWithin(sought, 0.6)).isEmpty();
    assertThat(index.nearestPerson(sought)).contains(new Match(1, 0));
    database.sql("delete from faces").update();
    index.changed(List.of(1L));
    assertThat(index.nearestPerson(sought)).isEmpty();
  }

  @Test
  void whatAnotherNodeChangedIsSeenWhenLookedFor() {
    float[] sought = encoding();
    FacesInMemory index = index();
    insert(1, "ok", null, sought);
    insert(2, "process", null, sought);
    index.refresh();
    assertThat(index.nearestPerson(sought).map(Match::face)).contains(1L);
    update(2, "status = 'ok'");
    update(1, "deleted_at = current_timestamp(3)");
    index.refresh();
    assertThat(index.nearestPerson(sought).map(Match::face)).contains(2L);
    assertThat(index.toReviewWithin(sought, 0.6)).isEmpty();
  }

  /** Rows of deleted faces go after an hour: a node that slept for longer never sees their mark. */
  @Test
  void whatWasDeletedWhileThisNodeSleptIsForgotten() {
    float[] sought = encoding();
    insert(1, "ok", null, sought);
    insert(2, "process", null, sought);
    FacesInMemory index = index();
    index.refresh();
    database.sql("delete from faces").update();

    index.readSince(Duration.ofHours(2));

    assertThat(index.nearestPerson(sought)).isEmpty();
    assertThat(index.toReviewWithin(sought, 0.6)).isEmpty();
  }

  @Test
  void aChangeThatIsCommittedLateIsSeenToo() {
    FacesInMemory index = index();
    index.refresh();
    float[] sought = encoding();
    insert(1, "ok", null, sought);
    database
        .sql("update faces set changed_at = timestampadd(second, -30, current_timestamp(6))")
        .update();
    index.refresh();
    assertThat(index.nearestPerson(sought)).contains(new Match(1, 0));
  }

  @Test
  void manyThreadsEndWithWhatTheDatabaseHas() throws Exception {
    FacesInMemory index = index();
    List<float[]> encodings = new ArrayList<>();
    for (long id = 1; id <= 400; id++) {
      float[] encoding = encoding();
      encodings.add(encoding);
      insert(id, "process", null, encoding);
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> work = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        Random dice = new Random(thread);
        work.add(
            threads.submit(
                () -> {
                  for (int step = 0; step < 200; step++) {
                    long id = 1 + dice.nextInt(400);
                    update(id, "status = '" + (dice.nextBoolean() ? "ok" : "process") + "'");
                    index.changed(List.of(id));
                    index.nearestPerson(encodings.get(dice.nextInt(400)));
                    if (step % 20 == 0) {
                      index.refresh();
                    }
                  }
                }));
      }
      for (Future<?> each : work) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    for (long id = 1; id <= 400; id++) {
      float[] encoding = encodings.get((int) id - 1);
      boolean person =
          "ok"
              .equals(
                  database
                      .sql("select status from faces where id = :id")
                      .param("id", id)
                      .query(String.class)
                      .single());
      assertThat(index.toReviewWithin(encoding, 1e-6)).hasSize(person ? 0 : 1);
      assertThat(index.nearestPerson(encoding).filter(match -> match.distance() == 0).isPresent())
          .isEqualTo(person);
    }
  }
}
