package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long SECOND = 1_000_000_000L;

  private final Pace pace = new Pace();

  /** Ten a second for six seconds, by two workers. */
  PaceTest() {
    for (int n = 1; n <= 60; n++) {
      pace.ended("faces", SECOND / 5, n * SECOND / 10);
    }
  }

  @Test
  void whatEndedInTheLastTwoSecondsIsCounted() {
    assertThat(pace.inLastTwoSeconds("faces", 6 * SECOND)).isEqualTo(21);
    assertThat(pace.inLastTwoSeconds("faces", 9 * SECOND)).isZero();
    assertThat(pace.inLastTwoSeconds("metadata", 6 * SECOND)).isZero();
  }

  @Test
  void thePaceIsThatOfTheLastMinute() {
    assertThat(pace.perSecond("faces", 6 * SECOND)).isBetween(9.0, 11.0);
    assertThat(pace.usual("faces", 6 * SECOND)).isEqualTo(Duration.ofMillis(200));
    assertThat(pace.perSecond("faces", 99 * SECOND)).isZero();
    assertThat(pace.usual("faces", 99 * SECOND)).isNull();
  }
}
