package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.Thread.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** What {@code GET /api/queues} counts. */
class QueueCountTest extends JobRoomTest {
  private Queues.Depth metadata() {
    return Objects.requireNonNull(room.queues.depths().get("metadata"));
  }

  private int putAll(List<JobRequest> requests) {
    Integer put = room.transaction.execute(status -> room.jobs.putAll(requests));
    return Objects.requireNonNull(put);
  }

  private void put(int first, int last) {
    List<JobRequest> requests = new ArrayList<>();
    for (int photo = first; photo <= last; photo++) {
      requests.add(JobRoom.request(room.photo(photo), "metadata", false));
    }
    assertThat(putAll(requests)).isEqualTo(requests.size());
  }

  /** It once lagged by up to 16 s under load. */
  @Test
  void whatIsCommittedIsCountedAtOnce() {
    put(1, 3);
    assertThat(metadata().queued()).isEqualTo(3);
    put(4, 5);
    assertThat(metadata().queued()).isEqualTo(5);
    room.database.sql("update jobs set state = 'done' where image_id <= 2").update();
    room.database.sql("update jobs set state = 'skipped' where image_id = 3").update();
    room.database.sql("update jobs set state = 'running' where image_id = 4").update();

    Queues.Depth depth = metadata();

    assertThat(List.of(depth.queued(), depth.running(), depth.done(), depth.skipped()))
        .containsExactly(1L, 1L, 2L, 1L);
  }

  @Test
  void ofALargeLibraryTheOldOnesAreCountedToo() {
    for (int photo = 1; photo <= 6001; photo += 1000) {
      put(photo, photo + 999);
    }
    room.database.sql("update jobs set state = 'done' where image_id <= 100").update();
    assertThat(List.of(metadata().queued(), metadata().done())).containsExactly(6900L, 100L);
    room.database.sql("update jobs set state = 'done' where image_id > 6990").update();
    room.database.sql("update jobs set state = 'done' where image_id between 101 and 110").update();
    assertThat(List.of(metadata().queued(), metadata().done())).containsExactly(6880L, 120L);
    room.database.sql("update jobs set state = 'queued' where image_id <= 20").update();

    assertThat(List.of(metadata().queued(), metadata().done())).containsExactly(6900L, 100L);
  }

  /** Each waited for the database by itself, one after the other. */
  @Test
  void thoseWhoAskWhileACountFailsFailWithIt() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch answered = new CountDownLatch(1);
    Queues queues =
        room.queuesOf(
            JdbcClient.create(
                new AbstractDataSource() {
                  @Override
                  public Connection getConnection() throws SQLException {
                    asked.incrementAndGet();
                    try {
                      answered.await();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                    throw new SQLTransientConnectionException("away");
                  }

                  @Override
                  public Connection getConnection(String user, String password)
                      throws SQLException {
                    return getConnection();
                  }
                }));
    AtomicInteger failed = new AtomicInteger();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Thread caller =
          new Thread(
              () -> {
                try {
                  queues.depths();
                } catch (DataAccessException e) {
                  failed.incrementAndGet();
                }
              });
      callers.add(caller);
      caller.start();
    }
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                callers.stream().filter(caller -> caller.getState() == State.BLOCKED).count() == 4);
    answered.countDown();
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(failed).hasValue(5);
    assertThat(asked).as("questions to the database").hasValue(1);
  }

  @Test
  void whatFailedOfAPhotoInTheTrashIsNoFailure() {
    put(1, 2);
    room.database.sql("update jobs set state = 'failed', cause = 'undecodable'").update();
    assertThat(metadata().failed()).isEqualTo(2);

    room.database.sql("update images set deleted_at = current_timestamp(3) where id = 1").update();

    assertThat(metadata().failed()).isEqualTo(1);
  }

  @Test
  void manyPhotosAreQueuedAtOnceAndNoneTwice() {
    put(1, 4);
    room.database.sql("update jobs set state = 'done' where image_id = 1").update();
    room.database.sql("update jobs set state = 'running' where image_id = 2").update();
    room.database
        .sql("update jobs set state = 'failed', job_key = 'of other settings' where image_id = 3")
        .update();
    List<JobRequest> requests = new ArrayList<>();
    for (int photo = 1; photo <= 4; photo++) {
      requests.add(JobRoom.request(photo, "metadata", true));
    }

    assertThat(putAll(requests)).isEqualTo(2);

    assertThat(
            room.database
                .sql("select concat(state, run, force_again) from jobs order by image_id")
                .query(String.class)
                .list())
        .map(state -> state.replace("TRUE", "1").replace("FALSE", "0"))
        .containsExactly("queued21", "running10", "queued11", "queued11");
  }
}
