package io.caravel.ground;

import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.transaction.TransactionException;

/**
 * Why a step could not do its work: a short stable code to group by, and a sentence that tells the
 * owner of the photo what is wrong and what to do. Every expected failure in Caravel is one of
 * these; any other exception is reported as {@code internal}.
 */
public final class Failure extends RuntimeException {
  private static final Logger LOG = LoggerFactory.getLogger(Failure.class);

  private final String cause;
  private final boolean lasting;
  private final @Nullable Duration pause;

  private Failure(
      String cause,
      String sentence,
      boolean lasting,
      @Nullable Throwable origin,
      @Nullable Duration pause) {
    super(sentence, origin);
    this.cause = cause;
    this.lasting = lasting;
    this.pause = pause;
  }

  /** A failure another try may not meet again: the job is retried with back-off. */
  public static Failure passing(String cause, String sentence, Throwable origin) {
    return new Failure(cause, sentence, false, origin, null);
  }

  public static Failure passing(String cause, String sentence) {
    return new Failure(cause, sentence, false, null, null);
  }

  /** A passing failure known to last: another try is pointless until {@code pause} has gone by. */
  public static Failure passing(String cause, String sentence, Duration pause) {
    return new Failure(cause, sentence, false, null, pause);
  }

  /** A failure that lies in the photo or the request itself: another try would meet it again. */
  public static Failure lasting(String cause, String sentence, Throwable origin) {
    return new Failure(cause, sentence, true, origin, null);
  }

  public static Failure lasting(String cause, String sentence) {
    return new Failure(cause, sentence, true, null, null);
  }

  /** The failure that a problem is or was caused by, however deep Camel has wrapped it; or null. */
  private static @Nullable Failure in(@Nullable Throwable problem) {
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof Failure failure) {
        return failure;
      }
    }
    return null;
  }

  /** Whether it is told by what it is itself: a failure, the database's, or a lack of memory. */
  public static boolean isKnown(Throwable problem) {
    return in(problem) != null || ofDatabase(problem) != null || isOutOfMemory(problem);
  }

  /** Whether memory ran out and no step has a failure of its own for that. */
  public static boolean isOutOfMemory(Throwable problem) {
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        return in(problem) == null;
      }
    }
    return false;
  }

  /** The stable code, such as {@code undecodable} or {@code time-limit}. */
  public String cause() {
    return cause;
  }

  /** Whether another try is pointless. */
  public boolean lasting() {
    return lasting;
  }

  /** Whether a job that met it had begun: its start counts as a try. */
  public boolean begun() {
    return Cause.of(cause).begun();
  }

  /** Whether it lies in no photo, and keeps all jobs of the queue from being done. */
  public boolean weather() {
    return !lasting && Cause.of(cause).weather();
  }

  /** The least time before the next try; null: the queue's usual back-off. */
  public @Nullable Duration pause() {
    return pause;
  }

  /** Any problem as a failure: itself, one it carries, the database's, or one nobody expected. */
  public static Failure of(Throwable problem) {
    Failure carried = in(problem);
    if (carried != null) {
      return carried;
    }
    Failure database = ofDatabase(problem);
    if (database != null) {
      return database;
    }
    if (isOutOfMemory(problem)) {
      LOG.warn("Memory ran out: {}", problem.toString());
      return passing(
          "out-of-memory",
          "Caravel ran out of memory beside the photo's own work: it is safe to try again; if it comes again, raise CARAVEL_HEAP.",
          problem);
    }
    LOG.error("A problem nobody expected", problem);
    return passing(
        "internal",
        "Caravel met a problem it did not expect: please report it with its log, then try again.",
        problem);
  }

  /** What the database did, however deep it is wrapped; null: it was not the database. */
  private static @Nullable Failure ofDatabase(Throwable problem) {
    if (DatabaseWatch.isBusy(problem)) {
      return passing(
          "database-busy",
          "As many others as there are connections ask the database at the moment: it is tried again.",
          problem);
    }
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConcurrencyFailureException) {
        return passing(
            "database-busy",
            "Others wrote the same rows of the database at the same moment: it is tried again.",
            problem);
      }
      if (cause instanceof DataIntegrityViolationException
          || cause instanceof InvalidDataAccessResourceUsageException) {
        return null; // the statement's own fault
      }
      if (cause instanceof DataAccessException
          || cause instanceof TransactionException
          || cause instanceof SQLException) {
        LOG.warn(WeatherLog.MARKER, "The database refused: {}", problem.toString());
        return passing(
            "database",
            "The database does not answer or refused: look at it and at Caravel's log; it is safe to try again.",
            problem);
      }
    }
    return null;
  }
}
