package io.caravel.ground;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What happened to each photo, step by step: the table {@code journey}. */
@Component("journey")
public class Journey {
  private final JdbcClient database;

  public Journey(JdbcClient database) {
    this.database = database;
  }

  /** One step. Times are UTC; {@code durationMs} is null for what takes no time. */
  public record Step(
      long id,
      long photoId,
      String step,
      String outcome,
      @Nullable Integer run,
      @Nullable Integer attempt,
      @Nullable String cause,
      @Nullable String sentence,
      @Nullable Instant startedAt,
      @Nullable Instant at,
      @Nullable Long durationMs) {}

  /** Notes an event of the photo itself: accepted, trashed, restored. */
  public void note(long imageId, String step, String outcome, @Nullable String sentence) {
    database
        .sql(
            """
            insert into journey (image_id, step, outcome, sentence) values (:image, :step, :outcome, :sentence)
            """)
        .param("image", imageId)
        .param("step", step)
        .param("outcome", outcome)
        .param("sentence", sentence)
        .update();
  }

  /** One start of a job of a photo: its number, and how often the job was queued and started. */
  public record Start(long photoId, String step, long job, int run, int attempt) {}

  /** Notes the end of one start of a job. */
  public void ended(
      Start start, String outcome, @Nullable String cause, @Nullable String sentence) {
    // Not "insert … select": that locks the table's counter (InnoDB's AUTO-INC lock) while it waits
    // for the photo's row, whose holder then gets error 1467 for a step of its own.
    database
        .sql(
            """
            insert into journey (image_id, step, outcome, job_id, run, attempt, cause, sentence, started_at)
            values (:image, :queue, :outcome, :id, :run, :attempt, :cause, :sentence,
              (select started_at from jobs where id = :id))
            """)
        .param("image", start.photoId())
        .param("queue", start.step())
        .param("run", start.run())
        .param("attempt", start.attempt())
        .param("outcome", outcome)
        .param("cause", cause)
        .param("sentence", sentence)
        .param("id", start.job())
        .update();
  }

  /** All steps of a photo, oldest first. */
  public List<Step> of(long imageId) {
    return database
        .sql(
            """
            select id, image_id, step, outcome, run, attempt, cause, sentence, started_at, ended_at
            from journey where image_id = :image order by id
            """)
        .param("image", imageId)
        .query(
            (row, number) -> {
              Instant started = Utc.instant(row, "started_at");
              Instant ended = Utc.instant(row, "ended_at");
              return new Step(
                  row.getLong("id"),
                  row.getLong("image_id"),
                  row.getString("step"),
                  row.getString("outcome"),
                  row.getObject("run", Integer.class),
                  row.getObject("attempt", Integer.class),
                  row.getString("cause"),
                  row.getString("sentence"),
                  started,
                  ended,
                  started == null || ended == null
                      ? null
                      : Duration.between(started, ended).toMillis());
            })
        .list();
  }
}
