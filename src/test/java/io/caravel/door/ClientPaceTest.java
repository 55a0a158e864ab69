package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who is the slowest, whose connection is closed when there are too many. */
class ClientPaceTest {
  private final ClientPace pace = new ClientPace(Duration.ZERO, 1000);

  @Test
  void whoSentMuchAtOnceIsNotBehind() {
    pace.begin();
    pace.await();
    assertThat(pace.came(1_000_000)).isTrue();
    pace.await();
    assertThat(pace.behind()).isNegative();
  }

  /** A thousand who were refused, and sent on at the least rate, held all places for 20 s each. */
  @Test
  void whoWasRefusedMakesWayHoweverMuchHeSends() {
    pace.begin();
    pace.await();
    pace.came(1_000_000);
    pace.leave();
    assertThat(pace.behind()).isPositive();
    pace.begin();
    assertThat(pace.behind()).isNegative();
  }
}
