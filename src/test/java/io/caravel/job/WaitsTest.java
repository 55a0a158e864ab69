package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.ground.Failure;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Why a job has not ended yet, and when it may have. */
class WaitsTest extends JobRoomTest {
  private Waits.Wait wait(int photo) {
    assertThat(room.waits.of(photo)).hasSize(1);
    return room.waits.of(photo).get(0);
  }

  private void done(int photo) {
    long id = room.queued("metadata", photo);
    Job job = Objects.requireNonNull(room.jobs.claim("metadata", id));
    room.transaction.executeWithoutResult(status -> room.jobs.done(job));
  }

  private Instant now() {
    return room.database
        .sql("select current_timestamp(3)")
        .query(LocalDateTime.class)
        .single()
        .toInstant(ZoneOffset.UTC);
  }

  @Test
  void aJobWaitsForItsTurn() {
    room.queued("metadata", 1);
    assertThat(wait(1).waiting())
        .isEqualTo("It is its turn: it starts as soon as a worker is free.");
    assertThat(wait(1).expectedAt()).isNull();
    done(9);
    for (int photo = 2; photo <= 4; photo++) {
      room.queued("metadata", photo);
    }
    room.database.sql("update jobs set lane = 2 where image_id <= 2").update();

    Waits.Wait wait = wait(2);

    assertThat(wait.waiting())
        .isEqualTo("It waits for its turn: 3 jobs of the queue metadata come before it.");
    assertThat(wait.expectedAt()).isAfterOrEqualTo(now());
    // The later one's first: the pace by which each is estimated slows down between the two looks.
    Instant third = wait(4).expectedAt();
    assertThat(wait(2).expectedAt()).isAfter(third);
  }

  @Test
  void aJobIsUnderWay() {
    done(9);
    long id = room.queued("metadata", 1);
    room.jobs.claim("metadata", id);
    assertThat(wait(1).state()).isEqualTo("running");
    assertThat(wait(1).waiting()).startsWith("It is being done on node here, since 20");
    assertThat(wait(1).expectedAt()).isNotNull();
    room.update("started_at = null", id);
    assertThat(wait(1).waiting()).contains("until no other photo is worked on");
    assertThat(wait(1).expectedAt()).isNull();
  }

  @Test
  void aJobThatFailedIsTriedAgain() {
    done(9);
    long id = room.queued("metadata", 1);
    Job job = Objects.requireNonNull(room.jobs.claim("metadata", id));
    room.jobs.failed(job, Failure.passing("original-missing", "The original is not there."));

    assertThat(wait(1).waiting())
        .matches("It is tried again at 20[-0-9T:]+Z. Last time: The original is not there.");
    assertThat(wait(1).expectedAt()).isAfterOrEqualTo(now().plusSeconds(1));
  }

  @Test
  void aPausedQueueAndItsWeatherAreNamed() {
    long id = room.queued("metadata", 1);
    room.queues.pause("metadata");
    assertThat(wait(1).waiting()).isEqualTo("The queue metadata is paused: resume it.");
    room.queues.resume("metadata");
    Job job = Objects.requireNonNull(room.jobs.claim("metadata", id));
    room.jobs.failed(job, Failure.passing("disk-full", "The disk is full: make room."));

    assertThat(wait(1).waiting())
        .startsWith("The disk is full: make room. It is asked again in about ");
    assertThat(wait(1).expectedAt()).isNull();
  }

  @Test
  void whatHasEndedDoesNotWait() {
    done(1);
    assertThat(room.waits.of(1)).isEmpty();
  }
}
