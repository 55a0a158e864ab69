package io.caravel.job;

import io.caravel.change.Outbox;
import io.caravel.ground.Failure;
import io.caravel.ground.Journey;
import io.caravel.ground.Nodes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * How jobs are begun and ended: claimed by one node, then done, skipped, tried again or parked. The
 * verbs are told in {@link Jobs}.
 */
@Component
final class Claims {
  private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

  /** What a lease lasts beyond the time limit: waiting for others to end, and the keeping. */
  private static final int LEASE_MARGIN_SECONDS = 600;

  private final JdbcClient database;
  private final JobRows rows;
  private final Steps steps;
  private final Journey journey;
  private final Outbox outbox;
  private final Queues queues;
  private final Weather weather;
  private final BegunWork begun;
  private final Recipes recipes;
  private final TransactionTemplate transaction;
  private final String owner;

  Claims(
      JdbcClient database,
      JobRows rows,
      Steps steps,
      Journey journey,
      Outbox outbox,
      Queues queues,
      Weather weather,
      BegunWork begun,
      Recipes recipes,
      TransactionTemplate transaction,
      Nodes nodes) {
    this.database = database;
    this.rows = rows;
    this.steps = steps;
    this.journey = journey;
    this.outbox = outbox;
    this.queues = queues;
    this.weather = weather;
    this.begun = begun;
    this.recipes = recipes;
    this.transaction = transaction;
    this.owner = nodes.owner();
  }

  @Nullable Job claim(String queue, long id) {
    try {
      Job job = transaction.execute(status -> claimInTurn(queue, id));
      if (job != null) {
        begun.taken(job);
      }
      return job;
    } catch (RuntimeException e) {
      weather.gone(queue, id); // nobody has it, so another may ask whether the weather is over
      throw e;
    }
  }

  private @Nullable Job claimInTurn(String queue, long id) {
    // Asked apart: within the update H2 would walk through all jobs of the queue.
    if (queues.isPaused(queue)) {
      return null;
    }
    if (queues.missing(queue) != null || !weather.admits(queue, id)) {
      database
          .sql("update jobs set sent_at = null where id = :id and state = 'queued'")
          .param("id", id)
          .update();
      return null;
    }
    Job job = null;
    try {
      job = claimed(queue, id);
      return job;
    } finally {
      if (job == null) {
        weather.gone(queue, id);
      }
    }
  }

  private @Nullable Job claimed(String queue, long id) {
    int claimed =
        database
            .sql(
                """
                update jobs set state = 'running', attempts = attempts + 1, owner = :owner,
                  started_at = current_timestamp(3), lease_until = timestampadd(second, :lease, current_timestamp(3))
                where id = :id and state = 'queued' and due_at <= current_timestamp(3)
                """)
            .param("owner", owner)
            .param("lease", (int) lease(queue).toSeconds())
            .param("id", id)
            .update();
    return claimed == 1 ? rows.find(id).orElseThrow() : null;
  }

  void waits(Job job) {
    startedAt(job, "null");
  }

  void begins(Job job) {
    startedAt(job, "current_timestamp(3)");
  }

  private void startedAt(Job job, String time) {
    try {
      database
          .sql(
              "update jobs set started_at = "
                  + time
                  + " where id = :id and state = 'running' and run = :run and attempts = :attempts")
          .param("id", job.id())
          .param("run", job.run())
          .param("attempts", job.attempts())
          .update();
    } catch (DataAccessException e) {
      // Its start will be seen as begun, or not: the work itself goes on.
      LOG.warn("The turn of job {} could not be noted: {}", job.id(), e.getMessage());
    }
  }

  void done(Job job) {
    end(job, "done", null, null);
  }

  void ended(Job job, @Nullable Skip skip) {
    if (skip == null) {
      done(job);
    } else {
      skipped(job, skip.cause(), skip.sentence());
    }
  }

  void skipped(Job job, String cause, String sentence) {
    end(job, "skipped", cause, sentence);
  }

  private void end(Job job, String state, @Nullable String cause, @Nullable String sentence) {
    int ended =
        database
            .sql(
                """
                update jobs set state = :state, cause = :cause, error = :sentence, ended_at = current_timestamp(3),
                  lease_until = null, recipe = :recipe
                where id = :id and state = 'running' and run = :run and attempts = :attempts
                """)
            .param("state", state)
            .param("recipe", recipes.of(job.queue()))
            .param("cause", cause)
            .param("sentence", sentence)
            .param("id", job.id())
            .param("run", job.run())
            .param("attempts", job.attempts())
            .update();
    if (ended != 1) {
      throw new LateAttempt(job);
    }
    journey.ended(job.start(), state, cause, sentence);
    JobLog.ended(job, state, cause, sentence);
    outbox.write(job.photo().id(), job.queue() + "-" + state);
    rows.forget(job.queue(), job.key());
    queues.measure(job.queue(), state, System.nanoTime() - job.claimedNanos());
    blame(weather.ended(job));
  }

  /** Another job was done where this one alone had failed: that counts as its try. */
  private void blame(Weather.@Nullable Met alone) {
    if (alone != null) {
      Job job = alone.job();
      database
          .sql(
              """
              update jobs set excused = excused - 1
              where id = :id and run = :run and attempts = :attempts and state = 'queued' and excused > 0
              """)
          .param("id", job.id())
          .param("run", job.run())
          .param("attempts", job.attempts())
          .update();
      told(job, alone.failure(), "Others did not meet it: it counts as a try of this one.");
    }
  }

  @Nullable Failure failed(Job job, Throwable problem) {
    if (problem instanceof LateAttempt) {
      weather.gone(job.queue(), job.id());
      return null;
    }
    Failure failure = Failure.of(problem);
    Duration rest = weather.failed(job, failure);
    boolean begun = rest == null && failure.begun();
    boolean parked =
        begun && (failure.lasting() || job.tries() >= steps.tries(job.queue(), failure.cause()));
    Duration backoff = rest == null ? pause(job, failure) : rest;
    String sentence = cut(String.valueOf(failure.getMessage()));
    transaction.executeWithoutResult(
        status -> booked(job, failure, rest, begun, parked, backoff, sentence));
    return failure;
  }

  private void booked(
      Job job,
      Failure failure,
      @Nullable Duration rest,
      boolean begun,
      boolean parked,
      Duration backoff,
      String sentence) {
    int booked =
        database
            .sql(
                """
                update jobs set state = :state, cause = :cause, error = :sentence, sent_at = null, lease_until = null,
                  excused = excused + :begun, due_at = timestampadd(second, :pause, current_timestamp(3)),
                  ended_at = case when :parked then current_timestamp(3) else null end
                where id = :id and state = 'running' and run = :run and attempts = :attempts
                """)
            .param("state", parked ? "failed" : "queued")
            .param("cause", failure.cause())
            .param("sentence", sentence)
            .param("begun", begun ? 0 : 1)
            .param("pause", parked ? 0 : (int) backoff.toSeconds())
            .param("parked", parked)
            .param("id", job.id())
            .param("run", job.run())
            .param("attempts", job.attempts())
            .update();
    if (booked == 1) {
      journey.ended(job.start(), parked ? "failed" : "retry", failure.cause(), sentence);
      JobLog.ended(job, parked ? "failed" : "retry", failure.cause(), sentence);
      queues.measure(
          job.queue(), parked ? "failed" : "retry", System.nanoTime() - job.claimedNanos());
      if (parked) {
        outbox.write(job.photo().id(), job.queue() + "-failed");
        rows.forget(job.queue(), job.key());
      }
      if (rest == null) { // else the weather tells, once for all
        told(
            job,
            failure,
            parked
                ? "Parked: replay it once mended."
                : "Tried again in " + backoff.toSeconds() + " s.");
      }
    }
  }

  private static void told(Job job, Failure failure, String then) {
    LOG.warn(
        "{}: {} [{}] {}",
        JobLog.start(job),
        cut(String.valueOf(failure.getMessage())),
        failure.cause(),
        then);
  }

  private Duration pause(Job job, Failure failure) {
    Duration usual =
        failure.begun()
            ? steps.backoff(job.queue(), job.tries())
            : least(steps.backoff(job.queue(), job.tries() + job.excused()), steps.longestRest());
    Duration asked = failure.pause();
    return asked != null && asked.compareTo(usual) > 0 ? asked : usual;
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static String cut(String sentence) {
    return sentence.length() <= 2000 ? sentence : sentence.substring(0, 2000) + "…";
  }

  /** What a node has had for longer lapses. */
  Duration lease(String queue) {
    return steps.limit(queue).plusSeconds(LEASE_MARGIN_SECONDS);
  }

  /** The job failed late: a successor, or nobody, owns it now. Its effects are rolled back. */
  static final class LateAttempt extends RuntimeException {
    private LateAttempt(Job job) {
      super("Attempt " + job.attempts() + " of job " + job.id() + " is late: another has the job");
    }
  }
}
