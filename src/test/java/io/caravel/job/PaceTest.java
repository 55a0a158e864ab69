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

  @Test
  void theFirstOfTheLastMinuteBeganBeforeItEnded() {
    assertThat(pace.perSecond("faces", 6 * SECOND)).isEqualTo(60 / 6.1);
    assertThat(pace.perSecond("faces", 60 * SECOND + SECOND / 10)).isEqualTo(60 / 60.2);
    assertThat(pace.perSecond("faces", 60 * SECOND + SECOND / 10 + 1))
        .as("the first is a minute ago")
        .isBetween(59 / 60.2, 59 / 60.0);
    assertThat(pace.inLastTwoSeconds("faces", 8 * SECOND)).as("two seconds ago").isOne();
    assertThat(pace.inLastTwoSeconds("faces", 8 * SECOND + 1)).isZero();
  }

  @Test
  void howLongOneTakesTheLastTwentyTell() {
    pace.ended("metadata", 100 * SECOND, SECOND);
    for (int n = 1; n <= 20; n++) {
      pace.ended("metadata", n * SECOND, 2 * SECOND);
    }
    assertThat(pace.usual("metadata", 3 * SECOND)).isEqualTo(Duration.ofMillis(10_500));
  }

  @Test
  void ofVeryManyTheLastAreKept() {
    for (int n = 0; n < 2500; n++) {
      pace.ended("metadata", 0, n < 500 ? SECOND : 2 * SECOND);
    }
    assertThat(pace.inLastTwoSeconds("metadata", 2 * SECOND)).isEqualTo(2000);
    assertThat(pace.perSecond("metadata", 4 * SECOND)).isEqualTo(1000);
  }
}
