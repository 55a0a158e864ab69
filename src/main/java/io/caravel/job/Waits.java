package io.caravel.job;

import io.caravel.ground.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Why the jobs of a photo that have not ended wait, and when they may have ended. */
@Component("waits")
public class Waits {
  private final JdbcClient database;
  private final Queues queues;

  Waits(JdbcClient database, Queues queues) {
    this.database = database;
    this.queues = queues;
  }

  /**
   * A job that has not ended.
   *
   * @param state queued or running
   * @param waiting why it has not ended yet, a sentence
   * @param expectedAt when it may have ended, by the pace of late; null: nobody can tell
   */
  public record Wait(
      long id, String queue, String state, String waiting, @Nullable Instant expectedAt) {}

  private record Row(
      long id,
      String queue,
      String state,
      @Nullable String owner,
      @Nullable String error,
      Instant dueAt,
      @Nullable Instant startedAt,
      Instant now) {}

  /** The photo's jobs that have not ended. */
  public List<Wait> of(long imageId) {
    List<Wait> waits = new ArrayList<>();
    for (Row row : unended(imageId)) {
      waits.add(row.state().equals("running") ? running(row) : queued(row));
    }
    return waits;
  }

  private List<Row> unended(long imageId) {
    return database
        .sql(
            """
            select id, queue, state, owner, error, due_at, started_at, current_timestamp(3) as now
            from jobs where image_id = :image and state in ('queued', 'running') order by id
            """)
        .param("image", imageId)
        .query(Waits::row)
        .list();
  }

  private static Row row(ResultSet row, int number) throws SQLException {
    return new Row(
        row.getLong("id"),
        row.getString("queue"),
        row.getString("state"),
        row.getString("owner"),
        row.getString("error"),
        Objects.requireNonNull(Utc.instant(row, "due_at")),
        Utc.instant(row, "started_at"),
        Objects.requireNonNull(Utc.instant(row, "now")));
  }

  private Wait running(Row job) {
    String owner = Objects.requireNonNullElse(job.owner(), "/");
    String node = owner.substring(0, owner.lastIndexOf('/'));
    Instant started = job.startedAt();
    if (started == null) {
      return wait(
          job,
          "It waits on node %s until no other photo is worked on beside one whose work had ended Caravel."
              .formatted(node),
          null);
    }
    Duration usual = queues.usual(job.queue());
    return wait(
        job,
        "It is being done on node %s, since %s.".formatted(node, seconds(started)),
        usual == null ? null : later(job.now(), started.plus(usual)));
  }

  private Wait queued(Row job) {
    if (queues.isPaused(job.queue())) {
      return wait(job, "The queue %s is paused: resume it.".formatted(job.queue()), null);
    }
    String told = queues.told(job.queue(), 1);
    if (told != null) {
      return wait(job, told, null);
    }
    if (job.dueAt().isAfter(job.now())) {
      String error = job.error();
      return wait(
          job,
          (error == null ? "It waits until %1$s." : "It is tried again at %1$s. Last time: %2$s")
              .formatted(seconds(job.dueAt()), error),
          plus(job.dueAt(), queues.usual(job.queue())));
    }
    long before = before(job, "j.lane < mine.lane");
    long beside =
        before(
            job,
            "j.lane = mine.lane and (j.due_at < mine.due_at or j.due_at = mine.due_at and j.id < mine.id)");
    return wait(
        job,
        before + beside == 0
            ? "It is its turn: it starts as soon as a worker is free."
            : "It waits for its turn: %d jobs of the queue %s come before it."
                .formatted(before + beside, job.queue()),
        turn(job, before, beside));
  }

  private long before(Row job, String which) {
    return database
        .sql(
            """
            select count(*) from jobs j join jobs mine on mine.id = :id
            where j.queue = :queue and j.state = 'queued' and j.due_at <= current_timestamp(3) and\s"""
                + which)
        .param("id", job.id())
        .param("queue", job.queue())
        .query(Long.class)
        .single();
  }

  /** As long as the lanes above have jobs, one in ten is of this one. */
  private @Nullable Instant turn(Row job, long before, long beside) {
    double pace = queues.perSecond(job.queue());
    if (pace <= 0) {
      return null;
    }
    double whileOthersGoFirst = before / 9.0;
    double jobs = beside < whileOthersGoFirst ? 10.0 * beside : before + beside;
    return job.now().plusMillis((long) (1000 * (jobs + 1) / pace));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static @Nullable Instant plus(Instant time, @Nullable Duration more) {
    return more == null ? null : time.plus(more);
  }

  private static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }

  private static Wait wait(Row job, String sentence, @Nullable Instant expectedAt) {
    return new Wait(job.id(), job.queue(), job.state(), sentence, expectedAt);
  }
}
