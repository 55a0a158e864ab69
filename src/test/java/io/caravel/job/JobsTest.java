package io.caravel.job;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.caravel.ground.Failure;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The life of a job, verb by verb, without any route. */
class JobsTest extends JobRoomTest {
  private final Jobs jobs = room.jobs;

  private Job claimed(String queue, int number) {
    return claim(room.queued(queue, number), queue);
  }

  private Job claim(long id, String queue) {
    return Objects.requireNonNull(jobs.claim(queue, id));
  }

  private long journey(String outcome) {
    return room.database
        .sql("select count(*) from journey where outcome = :outcome")
        .param("outcome", outcome)
        .query(Long.class)
        .single();
  }

  /** SQL: a time lay so many seconds ahead, at most half a minute ago. */
  private static String in(String time, int seconds) {
    return "timestampdiff(second, current_timestamp(3), %s) between %d and %d"
        .formatted(time, seconds - 30, seconds);
  }

  /** A start of a former life, or of another node, that had no end. */
  private long unended(String queue, int number, String owner, String more) {
    long id = room.queued(queue, number);
    room.update(
        "state = 'running', attempts = attempts + 1, started_at = current_timestamp(3), owner = '%s'%s"
            .formatted(owner, more),
        id);
    return id;
  }

  @Test
  void oneTakesAJobAndItsLeaseOutlivesItsLimit() {
    long id = room.queued("faces", 1);
    Job job = claim(id, "faces");
    assertThat(job.attempts()).isOne();
    assertThat(job.owner()).isEqualTo("here/1");
    assertThat(room.is("state = 'running' and started_at is not null", id)).isTrue();
    assertThat(room.is(in("lease_until", 660), id)).isTrue();
    assertThat(jobs.claim("faces", id)).isNull();
  }

  @Test
  void whatIsNotDueOrPausedIsNotTaken() {
    long id = room.queued("faces", 1);
    room.update("due_at = timestampadd(second, 60, current_timestamp(3))", id);
    assertThat(jobs.claim("faces", id)).isNull();
    room.update("due_at = current_timestamp(3)", id);
    room.queues.pause("faces");
    assertThat(jobs.claim("faces", id)).isNull();
    room.queues.resume("faces");
    assertThat(jobs.claim("faces", id)).isNotNull();
  }

  @Test
  void whatRestsIsGivenBackToBeHintedAtAnew() {
    Job first = claimed("faces", 1);
    jobs.failed(first, Failure.passing("disk-full", "The disk is full."));
    long id = room.queued("faces", 2);
    room.update("sent_at = current_timestamp(3)", id);
    assertThat(jobs.claim("faces", id)).isNull();
    assertThat(room.is("state = 'queued' and attempts = 0 and sent_at is null", id)).isTrue();
    assertThat(jobs.hints("faces")).isEmpty();
  }

  @Test
  void aHintIsGivenOnceAndAgainWhenItIsOldOrOfAClockThatWasAhead() {
    long id = room.queued("faces", 1);
    assertThat(jobs.hints("faces")).containsExactly("" + id);
    assertThat(jobs.hints("faces")).isEmpty();
    for (int seconds : new int[] {-301, 600}) {
      room.update(
          "sent_at = timestampadd(second, %d, current_timestamp(3))".formatted(seconds), id);
      assertThat(jobs.hints("faces")).as("%d s", seconds).containsExactly("" + id);
    }
    for (int seconds : new int[] {-200, 55}) {
      room.update(
          "sent_at = timestampadd(second, %d, current_timestamp(3))".formatted(seconds), id);
      assertThat(jobs.hints("faces")).as("%d s", seconds).isEmpty();
    }
    jobs.hintAgain(id);
    assertThat(jobs.hints("faces")).hasSize(1);
    jobs.hintAnew();
    assertThat(jobs.hints("faces")).hasSize(1);
  }

  /**
   * Was: its done was among the commits that the disk had no room for, and it ran till its lease.
   */
  @Test
  void whatTheDatabaseHasForgottenTheEndOfIsStartedAgainOnceItIsBack() {
    Job ended = claimed("faces", 1);
    Job atWork = claimed("faces", 2);
    room.begun.begins(ended);
    room.begun.ends(ended);
    room.begun.begins(atWork);
    Job waits = claimed("faces", 3); // for its turn to begin
    Job asks = claimed("geolocation", 4);
    jobs.databaseIsBack();
    assertThat(room.is("state = 'running'", waits.id())).isTrue();
    assertThat(room.is("state = 'running'", asks.id())).isTrue();
    assertThat(room.is("state = 'queued' and sent_at is null", ended.id())).isTrue();
    assertThat(room.is("state = 'running'", atWork.id())).isTrue();
    Job again = requireNonNull(jobs.claim("faces", ended.id()));
    assertThat(again.tries()).as("of no fault of its own").isEqualTo(ended.tries());
    assertThat(again.interrupted()).isZero();
    jobs.done(again);
    jobs.done(atWork);
    jobs.done(waits);
    jobs.done(asks);
  }

  @Test
  void noMoreAreHintedAtThanTheWindowAndNoneOfAPausedQueue() {
    room.set("caravel.queue.faces.window", 2);
    for (int photo = 1; photo <= 3; photo++) {
      room.queued("faces", photo);
    }
    room.queues.pause("faces");
    assertThat(jobs.hints("faces")).isEmpty();
    room.queues.resume("faces");
    assertThat(jobs.hints("faces")).hasSize(2);
    assertThat(jobs.hints("faces")).isEmpty();
  }

  @Test
  void aQueueThatCannotBeReachedIsNotHintedAtForAWhile() {
    long id = room.queued("faces", 1);
    jobs.hints("faces");
    jobs.rest("faces");
    assertThat(room.is("sent_at is null", id)).isTrue();
    assertThat(jobs.hints("faces")).isEmpty();
  }

  @Test
  void doneIsDoneOnce() {
    Job job = claimed("faces", 1);
    room.database
        .sql("insert into idempotent_keys values ('enqueue', :key, current_timestamp(3))")
        .param("key", "faces:" + job.key())
        .update();
    jobs.done(job);
    assertThat(room.is("state = 'done' and ended_at is not null and lease_until is null", job.id()))
        .isTrue();
    assertThat(journey("done")).isOne();
    assertThat(room.database.sql("select count(*) from idempotent_keys").query(Long.class).single())
        .isZero();
    Throwable late = catchThrowable(() -> jobs.done(job));
    assertThat(late).isInstanceOf(Claims.LateAttempt.class);
    assertThat(jobs.failed(job, late)).isNull();
    assertThat(jobs.failed(job, Failure.lasting("undecodable", "late"))).isNotNull();
    assertThat(room.is("state = 'done' and cause is null", job.id())).isTrue();
    assertThat(journey("failed")).isZero();
  }

  @Test
  void whatHadNothingToDoSaysWhy() {
    Job job = claimed("geolocation", 1);
    jobs.skipped(job, "no-address", "There is none.");
    assertThat(
            room.is(
                "state = 'skipped' and cause = 'no-address' and error = 'There is none.'",
                job.id()))
        .isTrue();
    assertThat(journey("skipped")).isOne();
  }

  @Test
  void aFailureThatPassesIsTriedAgainUntilTheTriesAreUsedUp() {
    long id = room.queued("faces", 1);
    Failure failure = Failure.passing("undecodable", "broken");
    for (int pause : new int[] {5, 20}) {
      jobs.failed(claim(id, "faces"), failure);
      assertThat(room.is("state = 'queued' and cause = 'undecodable' and ended_at is null", id))
          .isTrue();
      assertThat(room.is(in("due_at", pause), id)).isTrue();
      room.update("due_at = current_timestamp(3)", id);
    }
    assertThat(journey("retry")).isEqualTo(2);
    jobs.failed(claim(id, "faces"), failure);
    assertThat(room.is("state = 'failed' and error = 'broken' and ended_at is not null", id))
        .isTrue();
    assertThat(journey("failed")).isOne();
  }

  @Test
  void aFailureThatLastsIsParkedAtOnce() {
    Job job = claimed("faces", 1);
    jobs.failed(job, Failure.lasting("not-a-picture", "x".repeat(3000)));
    assertThat(room.is("state = 'failed' and length(error) = 2001", job.id())).isTrue();
  }

  @Test
  void aStartThatWasNotBegunIsNoTry() {
    long id = room.queued("faces", 1);
    for (int start = 1; start <= 5; start++) {
      jobs.failed(claim(id, "faces"), Failure.passing("busy", "Others work."));
      assertThat(room.is("state = 'queued' and excused = " + start, id)).isTrue();
      room.update("due_at = current_timestamp(3)", id);
    }
    jobs.failed(claim(id, "faces"), Failure.passing("undecodable", "broken"));
    assertThat(room.is("state = 'queued' and excused = 5", id)).isTrue();
    assertThat(room.is(in("due_at", 5), id)).isTrue();
  }

  @Test
  void aPauseThatIsAskedForIsKept() {
    Job job = claimed("faces", 1);
    jobs.failed(job, Failure.passing("undecodable", "later", Duration.ofSeconds(1000)));
    assertThat(room.is(in("due_at", 1000), job.id())).isTrue();
  }

  @Test
  void weatherUsesUpNoTryAndIsCountedWhenItWasOnesOwn() {
    room.set("caravel.queue.rest-seconds", 0);
    long id = room.queued("faces", 1);
    jobs.failed(claim(id, "faces"), Failure.passing("database", "It is away."));
    assertThat(room.is("state = 'queued' and excused = 1 and attempts = 1", id)).isTrue();
    assertThat(jobs.hints("faces")).isEmpty(); // not due yet
    jobs.done(claimed("faces", 2));
    assertThat(room.is("state = 'queued' and excused = 0 and attempts = 1", id)).isTrue();
  }

  // Starts without an end

  @ParameterizedTest
  @CsvSource({"0, queued, 1, 10", "1, queued, 2, 60", "2, failed, 3, 60"})
  void aStartWithoutAnEndIsCountedAndTheThirdIsTheLast(
      int before, String state, int interrupted, int pause) {
    long id = unended("faces", 1, "here/0", ", interrupted = " + before);
    assertThat(jobs.recover()).isOne();
    assertThat(room.is("state = '" + state + "' and interrupted = " + interrupted, id)).isTrue();
    assertThat(room.is(in("due_at", pause) + " and cause = 'interrupted'", id)).isTrue();
    assertThat(room.is("ended_at is " + (state.equals("failed") ? "not null" : "null"), id))
        .isTrue();
    assertThat(journey(state.equals("failed") ? "failed" : "interrupted")).isOne();
    assertThat(jobs.recover()).isZero();
  }

  @Test
  void aQuestionToTheGeocoderIsNeverSuspected() {
    long id = unended("geolocation", 1, "here/0", ", interrupted = 7");
    assertThat(jobs.recover()).isOne();
    assertThat(room.is("state = 'queued' and interrupted = 8 and " + in("due_at", 0), id)).isTrue();
  }

  @Test
  void oneThatWaitedForItsTurnIsGivenBack() {
    long id = unended("faces", 1, "here/0", "");
    room.update("started_at = null", id);
    assertThat(jobs.recover()).isOne();
    assertThat(room.is("state = 'queued' and interrupted = 0 and excused = 1", id)).isTrue();
  }

  @Test
  void innocentNeighboursReturnOneAfterTheOther() {
    for (int photo = 1; photo <= 9; photo++) {
      unended("faces", photo, "here/0", "");
    }
    assertThat(jobs.recover()).isEqualTo(9);
    assertThat(
            room.database
                .sql(
                    "select timestampdiff(second, min(due_at), max(due_at)) from jobs where interrupted = 1")
                .query(Integer.class)
                .single())
        .isBetween(2, 10);
  }

  @Test
  void onlyFormerLivesOfThisNodeAreRecovered() {
    long own = unended("faces", 1, "here/1", "");
    long others = unended("faces", 2, "there/0", "");
    long namesake = unended("faces", 3, "herewith/0", "");
    assertThat(jobs.recover()).isZero();
    for (long id : new long[] {own, others, namesake}) {
      assertThat(room.is("state = 'running'", id)).isTrue();
    }
    jobs.takeBackFrom("there/0");
    assertThat(room.is("state = 'queued' and interrupted = 1", others)).isTrue();
    assertThat(room.is("state = 'running'", namesake)).isTrue();
  }

  @Test
  void whoeverStopsGivesBackWhatIsHisOwn() {
    long own = unended("faces", 1, "here/1", ", sent_at = current_timestamp(3)");
    long others = unended("metadata", 2, "there/0", "");
    assertThat(jobs.release()).isOne();
    assertThat(
            room.is(
                "state = 'queued' and excused = 1 and interrupted = 0 and sent_at is null", own))
        .isTrue();
    assertThat(room.is("state = 'running'", others)).isTrue();
  }

  @Test
  void aLeaseThatIsOverTakesAJobFromANodeOfWhichNothingIsKnown() {
    String over = ", lease_until = timestampadd(second, -1, current_timestamp(3))";
    long forgotten = unended("faces", 1, "gone/0", over);
    long early = unended("faces", 2, "gone/0", over.replace("-1", "60"));
    long known = unended("faces", 3, "there/0", over);
    room.database.sql("insert into nodes values ('there/0', current_timestamp(3))").update();
    jobs.lapse();
    assertThat(room.is("state = 'queued' and interrupted = 1", forgotten)).isTrue();
    assertThat(room.is("state = 'running'", early)).isTrue();
    assertThat(room.is("state = 'running'", known)).isTrue();
  }

  @Test
  void whatAClockHadPutOffForDaysStartsNow() {
    long far = room.queued("faces", 1);
    long near = room.queued("faces", 2);
    room.update(
        "due_at = timestampadd(day, 40, current_timestamp(3)), sent_at = current_timestamp(3)",
        far);
    room.update("due_at = timestampadd(second, 300, current_timestamp(3))", near);
    jobs.bringBack();
    assertThat(room.is("sent_at is null and " + in("due_at", 0), far)).isTrue();
    assertThat(room.is(in("due_at", 300), near)).isTrue();
  }

  // Requests

  @Test
  void whatHasEndedRunsAgainFromTheBeginning() {
    Job job = claimed("faces", 1);
    JobRequest request = JobRoom.request(1, "faces", false);
    assertThat(jobs.put(request)).as("runs").isFalse();
    jobs.failed(job, Failure.lasting("undecodable", "broken"));
    assertThat(jobs.put(request)).isTrue();
    assertThat(
            room.is(
                "state = 'queued' and run = 2 and attempts = 0 and cause is null and error is null and ended_at is null and not force_again",
                job.id()))
        .isTrue();
    assertThat(jobs.put(request)).as("queued").isFalse();
    assertThat(jobs.put(JobRoom.request(1, "faces", true))).isFalse();
    assertThat(room.is("force_again", job.id())).isTrue();
  }

  @Test
  void byForceNothingIsAskedOfAJobThatRuns() {
    claimed("faces", 1);
    JobRequest force = JobRoom.request(1, "faces", true);
    assertThatThrownBy(() -> jobs.put(force))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("running");
    assertThatThrownBy(() -> jobs.refuseWhileRunning(force)).isInstanceOf(Failure.class);
    jobs.refuseWhileRunning(JobRoom.request(1, "faces", false));
  }

  @Test
  void whatHasNothingToDoIsWrittenAsSkippedUnlessItIsUnderWay() {
    room.photo(1);
    JobRequest request = JobRoom.request(1, "geolocation", false);
    jobs.skip(request, "no-position", "It has none.");
    long id = room.database.sql("select id from jobs").query(Long.class).single();
    assertThat(
            room.is("state = 'skipped' and cause = 'no-position' and error = 'It has none.'", id))
        .isTrue();
    jobs.skip(request, "other", "It has none.");
    assertThat(room.is("state = 'skipped' and cause = 'other'", id)).isTrue();
    assertThat(journey("skipped")).isEqualTo(2);
    jobs.put(request);
    jobs.skip(request, "no-position", "It has none.");
    assertThat(room.is("state = 'queued'", id)).isTrue();
    assertThat(journey("skipped")).isEqualTo(2);
  }
}
