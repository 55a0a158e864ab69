package io.caravel.ground;

import java.time.Duration;
import java.time.LocalDateTime;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The time that Caravel has lived through: what is deleted after a while is deleted after that much
 * of it, whatever clock was set to whatever time meanwhile. Counted over all nodes and starts in
 * the table {@code lived_time}, by clocks that are never set ({@link System#nanoTime}), beside what
 * the database's clock showed. Thread-safe.
 */
@Component("livedTime")
public class LivedTime {
  private static final Logger LOG = LoggerFactory.getLogger(LivedTime.class);

  /** Less at a time is not counted. */
  static final Duration STEP = Duration.ofMinutes(5);

  /** The database's clock drifts no more than that between two looks at it. */
  private static final Duration JUMP = Duration.ofMinutes(1);

  /** What happened between a jump and the row that notes it counts as after the row. */
  private static final int SLACK_MINUTES = 10;

  /** Nothing is older. */
  private static final LocalDateTime NEVER = LocalDateTime.of(1000, 1, 1, 0, 0);

  private record Look(long minutes, LocalDateTime clock, long nanos) {}

  private record Row(@Nullable Long minutes, LocalDateTime clock) {}

  private final JdbcClient database;
  private final long keptMinutes;
  private @Nullable Look last;
  private long unchangedSince;

  public LivedTime(
      JdbcClient database,
      @Value("${caravel.trash-days}") int trashDays,
      @Value("${caravel.done-days}") int doneDays,
      @Value("${caravel.changes.days}") int changesDays) {
    this.database = database;
    int longest = Math.max(Math.max(trashDays, doneDays), changesDays);
    this.keptMinutes = Duration.ofDays(longest + 8L).toMinutes();
  }

  /** Counts on. To be called every few seconds: between two calls the clock may jump unseen. */
  public synchronized void tick() {
    advance(System.nanoTime());
  }

  /**
   * @param nanos of a clock that is never set
   */
  synchronized void advance(long nanos) {
    Row row =
        database
            .sql("select max(minutes) as minutes, current_timestamp(3) as clock from lived_time")
            .query(
                (found, number) ->
                    new Row(
                        found.getObject("minutes", Long.class),
                        found.getObject("clock", LocalDateTime.class)))
            .single();
    long minutes = row.minutes() == null ? 0 : row.minutes();
    Look before = last;
    if (before == null || before.minutes() != minutes) {
      unchangedSince = nanos;
    }
    last = new Look(minutes, row.clock(), nanos);
    if (before == null) {
      note(minutes, row.clock());
    } else if (jumped(before, row.clock(), nanos)) {
      LOG.warn(
          "The clock was set from {} to {} (UTC). Nothing is deleted sooner for it.",
          before.clock(),
          row.clock());
      note(minutes, row.clock());
    } else if (nanos - unchangedSince >= STEP.toNanos()) {
      // One step at a time, however long the machine slept: nobody lived through that.
      note(minutes + STEP.toMinutes(), row.clock());
      last = new Look(minutes + STEP.toMinutes(), row.clock(), nanos);
      unchangedSince = nanos;
      database
          .sql("delete from lived_time where minutes < :old")
          .param("old", minutes - keptMinutes)
          .update();
    }
  }

  private static boolean jumped(Look before, LocalDateTime clock, long nanos) {
    Duration shown = Duration.between(before.clock(), clock);
    return shown.minusNanos(nanos - before.nanos()).abs().compareTo(JUMP) > 0;
  }

  private void note(long minutes, LocalDateTime clock) {
    database
        .sql("insert into lived_time (minutes, shown_at) values (:minutes, :at)")
        .param("minutes", minutes)
        .param("at", clock)
        .update();
  }

  /** What the database's clock shows, UTC. */
  public LocalDateTime now() {
    return database.sql("select current_timestamp(3)").query(LocalDateTime.class).single();
  }

  /** As {@link #ago}, in days of lived time. */
  public LocalDateTime daysAgo(int days) {
    return ago(Duration.ofDays(days));
  }

  /** As {@link #ago}, in hours of lived time. */
  public LocalDateTime hoursAgo(int hours) {
    return ago(Duration.ofHours(hours));
  }

  /**
   * The earliest time that the database's clock has shown since Caravel had that much less of its
   * life behind it: what bears an earlier one has been there for that long. As long as less has
   * been lived through: a time before all others.
   */
  LocalDateTime ago(Duration lived) {
    return database
        .sql(
            """
            select min(shown_at) as earliest,
              (select min(minutes) from lived_time) <= max(minutes) - :lived as reached
            from lived_time where minutes >= (select max(minutes) from lived_time) - :lived
            """)
        .param("lived", lived.toMinutes())
        .query(
            (row, number) -> {
              LocalDateTime at = row.getObject("earliest", LocalDateTime.class);
              return at == null || !row.getBoolean("reached")
                  ? NEVER
                  : at.minusMinutes(SLACK_MINUTES);
            })
        .single();
  }
}
