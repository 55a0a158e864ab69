package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LoginPaceTest {
  private Instant now = Instant.EPOCH;
  private final LoginPace pace = new LoginPace(() -> now);

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      pace.failed("a");
    }
  }

  @Test
  void aFewMistakesCostNothing() {
    fail(4);
    assertThat(pace.secondsLeft("a")).isZero();
  }

  @Test
  void eachFurtherOneDoublesTheTimeUpToAMinute() {
    fail(5);
    assertThat(pace.secondsLeft("a")).isEqualTo(1);
    fail(1);
    assertThat(pace.secondsLeft("a")).isEqualTo(2);
    fail(100);
    assertThat(pace.secondsLeft("a")).isEqualTo(60);
    now = now.plusSeconds(60);
    assertThat(pace.secondsLeft("a")).isZero();
  }

  @Test
  void othersAreNotHeldUpAndSuccessForgets() {
    fail(10);
    assertThat(pace.secondsLeft("b")).isZero();
    pace.succeeded("a");
    assertThat(pace.secondsLeft("a")).isZero();
  }

  @Test
  void aQuarterOfAnHourForgets() {
    fail(10);
    now = now.plus(Duration.ofMinutes(16));
    fail(1);
    assertThat(pace.secondsLeft("a")).isZero();
  }
}
