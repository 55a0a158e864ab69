package io.caravel.job;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of each start of a job, a line each, for the files of CARAVEL_LOG_DIR; said nowhere
 * else. The sentence is that of {@code GET /api/failures}.
 */
public final class JobLog {
  /** The queues' loggers: this and the queue's name. */
  public static final String NAME = "caravel.queue.";

  private JobLog() {}

  /**
   * Notes the end of one start.
   *
   * @param outcome done, skipped, retry, failed or interrupted
   */
  static void ended(Job job, String outcome, @Nullable String cause, @Nullable String sentence) {
    Logger log = LoggerFactory.getLogger(NAME + job.queue());
    if (!log.isWarnEnabled()) {
      return; // without CARAVEL_LOG_DIR: to write the line costs more than a statement
    }
    long ms = (System.nanoTime() - job.claimedNanos()) / 1_000_000;
    if (outcome.equals("done") || outcome.equals("skipped")) {
      log.info(
          "{}: {} in {} ms{}", start(job), outcome, ms, cause == null ? "" : " [" + cause + "]");
    } else {
      log.warn("{}: {}: {} [{}]", start(job), outcome, sentence, cause);
    }
  }

  /** Which start of which job that was, and where: as the lines on standard output name it, too. */
  static String start(Job job) {
    return String.format(
        Locale.ROOT,
        "%s of photo %d (%s), attempt %d on %s",
        job.queue(),
        job.photo().id(),
        job.photo().sha256().substring(0, 12),
        job.attempts(),
        job.owner().replaceFirst("/[^/]*$", ""));
  }
}
