package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Somebody else acts between a look at a job and what is done about it. */
class BetweenTest extends JobRoomTest {
  private static final String LATER = "timestampadd(second, 60, current_timestamp(3))";
  private static final String EARLIER = "timestampadd(second, -60, current_timestamp(3))";

  @AfterEach
  void somebodyCameBetween() {
    assertThat(room.wasInterrupted()).isTrue();
  }

  /** It once stood still for five minutes: a hint that had been refused counted as on its way. */
  @Test
  void aJobThatFailedWhileItWasToBeHintedAtIsHintedAtWhenItIsDue() {
    long id = room.queued("metadata", 1);
    room.before(
        "update jobs set sent_at",
        "update jobs set attempts = 1, due_at = " + LATER + " where id = " + id);

    room.jobs.hints("metadata");

    assertThat(room.is("sent_at is null", id)).isTrue();
    room.update("due_at = current_timestamp(3)", id);
    assertThat(room.jobs.hints("metadata")).containsExactly(String.valueOf(id));
  }

  @Test
  void aHintThatWasRefusedWhileItsQueueWasResumedIsSentAgain() {
    long id = room.queued("metadata", 1);
    room.queues.pause("metadata");
    room.before("update queues", "update jobs set sent_at = current_timestamp(3) where id = " + id);

    room.queues.resume("metadata");

    assertThat(room.jobs.hints("metadata")).containsExactly(String.valueOf(id));
  }

  @Test
  void aJobThatIsStartedAnewWhileItsLeaseLapsesIsLeftAlone() {
    long id = room.queued("metadata", 1);
    room.update("state = 'running', attempts = 1, owner = 'gone/1', lease_until = " + EARLIER, id);
    room.before(
        "from jobs j join images i",
        "update jobs set attempts = 2, lease_until = " + LATER + " where id = " + id);

    room.jobs.lapse();

    assertThat(room.is("state = 'running' and attempts = 2 and interrupted = 0", id)).isTrue();
  }

  @Test
  void aPhotoThatIsDeletedWhileItsJobLapsesKeepsNoOtherFromBeingTakenBack() {
    long gone = room.queued("metadata", 1);
    long other = room.queued("metadata", 2);
    for (long id : new long[] {gone, other}) {
      room.update(
          "state = 'running', attempts = 1, owner = 'gone/1', started_at = current_timestamp(3), lease_until = "
              + EARLIER,
          id);
    }
    room.before("from jobs j join images i", "delete from images where id = 1");

    room.jobs.lapse();

    assertThat(room.is("state = 'queued' and interrupted = 1", other)).isTrue();
  }

  @Test
  void aJobThatFailsWhileTheClocksDoingsAreMendedKeepsItsPause() {
    long id = room.queued("metadata", 1);
    room.update("due_at = timestampadd(day, 9, current_timestamp(3))", id);
    room.before(
        "update jobs set due_at",
        "update jobs set attempts = 1, due_at = " + LATER + " where id = " + id);

    room.jobs.bringBack();

    assertThat(room.is("due_at > timestampadd(second, 30, current_timestamp(3))", id)).isTrue();
  }

  @Test
  void whatIsQueuedMeanwhileIsNotToldAsSkipped() {
    room.photo(1);
    room.jobs.skip(JobRoom.request(1, "geolocation", false), "no-position", "None.");
    room.before("update jobs set state = 'skipped'", "update jobs set state = 'queued'");

    room.jobs.skip(JobRoom.request(1, "geolocation", false), "no-position", "None.");

    assertThat(
            room.database
                .sql("select count(*) from journey where outcome = 'skipped'")
                .query(Long.class)
                .single())
        .isOne();
  }
}
