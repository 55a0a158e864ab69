package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.env.MockEnvironment;

class QueueSettingsTest {
  private final QueueSettings settings =
      new QueueSettings(
          new MockEnvironment()
              .withProperty("caravel.queue.metadata.tries", "3")
              .withProperty("caravel.queue.metadata.backoff-seconds", "5")
              .withProperty("caravel.queue.metadata.limit-seconds", "60")
              .withProperty("caravel.queue.metadata.window", "500")
              .withProperty("caravel.queue.geolocation.tries", "1"));

  @ParameterizedTest
  @CsvSource({"1, 5", "2, 20", "3, 80", "4, 320", "7, 20480", "8, 20480", "1000, 20480"})
  void thePauseIsFourTimesAsLongAfterEachTryUpToSixHours(int attempts, long seconds) {
    assertThat(settings.backoff("metadata", attempts)).isEqualTo(Duration.ofSeconds(seconds));
  }

  /** Each start that hangs costs a thread. */
  @Test
  void whatHangsIsTriedTwiceAtMost() {
    assertThat(settings.tries("metadata", "exiftool-failed")).isEqualTo(3);
    assertThat(settings.tries("metadata", "time-limit")).isEqualTo(2);
    assertThat(settings.tries("geolocation", "time-limit")).isEqualTo(1);
  }

  @Test
  void limitAndWindowAreTheQueuesOwn() {
    assertThat(settings.limit("metadata")).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.window("metadata")).isEqualTo(500);
  }
}
