package io.caravel.ground;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalDateTime;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Forty days on the clock are no forty days of life. */
class LivedTimeTest {
  private static final LocalDateTime NEVER = LocalDateTime.of(1000, 1, 1, 0, 0);
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final DriverManagerDataSource source =
      new DriverManagerDataSource(
          "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC"
              .formatted(UUID.randomUUID()),
          "sa",
          "");
  private final JdbcClient database = JdbcClient.create(source);
  private final LivedTime life = new LivedTime(database, 30, 0, 30);
  private long nanos = 17;

  @BeforeEach
  void tables() {
    Flyway.configure().dataSource(source).load().migrate();
  }

  private void shift(int minutes) {
    database
        .sql("update lived_time set shown_at = timestampadd(minute, :by, shown_at)")
        .param("by", minutes)
        .update();
  }

  private LocalDateTime now() {
    return database.sql("select current_timestamp(3)").query(LocalDateTime.class).single();
  }

  private long minutes() {
    return database.sql("select max(minutes) from lived_time").query(Long.class).single();
  }

  @Test
  void isCountedInStepsOfMonotonicTime() {
    life.advance(nanos);
    assertThat(minutes()).isZero();
    nanos += 4 * MINUTE;
    life.advance(nanos);
    assertThat(minutes()).isZero();
    nanos += MINUTE;
    life.advance(nanos);
    assertThat(minutes()).isEqualTo(5);
    nanos += Duration.ofDays(40).toNanos(); // asleep, or a monotonic clock gone mad
    life.advance(nanos);
    assertThat(minutes()).isLessThanOrEqualTo(10);
  }

  @Test
  void twoNodesLiveThroughTheSameTime() {
    LivedTime other = new LivedTime(database, 30, 0, 30);
    life.advance(nanos);
    other.advance(nanos);
    for (int minute = 0; minute < 60; minute++) {
      nanos += MINUTE;
      life.advance(nanos);
      other.advance(nanos);
    }
    assertThat(minutes()).isBetween(50L, 60L);
  }

  @Test
  void isNotReachedBeforeItWasLivedThrough() {
    life.advance(nanos);
    assertThat(life.hoursAgo(1)).isEqualTo(NEVER);
    for (int minute = 0; minute < 70; minute++) {
      nanos += MINUTE;
      life.advance(nanos);
    }
    assertThat(life.hoursAgo(1)).isAfter(NEVER).isBefore(now());
    assertThat(life.daysAgo(1)).isEqualTo(NEVER);
  }

  @Test
  void aClockSetAheadMakesNothingOlder() {
    life.advance(nanos);
    for (int minute = 0; minute < 70; minute++) {
      nanos += MINUTE;
      life.advance(nanos);
    }
    LocalDateTime trashed = now();
    // Forty days ahead: all that was noted and trashed lies so far back.
    shift(-40 * 24 * 60);
    LivedTime started = new LivedTime(database, 30, 0, 30);
    started.advance(nanos);
    assertThat(trashed.minusDays(40)).isAfterOrEqualTo(started.hoursAgo(1));
    assertThat(started.daysAgo(30)).isEqualTo(NEVER);
  }

  @Test
  void aClockSetBackMakesNothingOlderNorWhatHappenedMeanwhile() {
    life.advance(nanos);
    for (int minute = 0; minute < 70; minute++) {
      nanos += MINUTE;
      life.advance(nanos);
    }
    // Forty days back: what was noted lies in the future. Something is trashed, then it starts.
    shift(40 * 24 * 60);
    LocalDateTime trashed = now();
    LivedTime started = new LivedTime(database, 30, 0, 30);
    started.advance(nanos);
    // The clock is right again.
    shift(-40 * 24 * 60);
    LivedTime again = new LivedTime(database, 30, 0, 30);
    again.advance(nanos);
    assertThat(trashed.minusDays(40)).isAfterOrEqualTo(again.hoursAgo(1));
  }

  @Test
  void aJumpIsSeenWhileItRuns() {
    life.advance(nanos);
    nanos += 5_000_000_000L;
    life.advance(nanos - Duration.ofDays(40).toNanos()); // the one clock went on, the other did not
    assertThat(database.sql("select count(*) from lived_time").query(Long.class).single())
        .isEqualTo(2);
    assertThat(minutes()).isZero();
  }
}
