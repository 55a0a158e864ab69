package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueuesTest {
  /**
   * One slow look, at a start or on a busy disk, must not freeze what the page shows for minutes.
   */
  @ParameterizedTest
  @CsvSource({"1, 300", "100, 2000", "5000, 10000", "600, 5000"})
  void figuresAreKeptForAWhileButNeverGrowStale(long tookMs, long keptMs) {
    assertThat(Duration.ofNanos(Queues.keep(Duration.ofMillis(tookMs).toNanos())))
        .isEqualTo(Duration.ofMillis(keptMs));
  }
}
