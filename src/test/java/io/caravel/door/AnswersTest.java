package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.ground.Failure;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AnswersTest {
  private static final int KB = 1024;

  private final Answers answers = new Answers(1, Duration.ZERO);

  @Test
  void allAnswersTogetherAreBoundedAndSmallOnesAlwaysWritten() {
    Answers.Held large = answers.hold(1000 * KB);
    assertThatThrownBy(() -> answers.hold(100 * KB))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("try again");
    for (int i = 0; i < 100; i++) {
      assertThat(answers.hold(16 * KB)).isNotNull();
    }
    large.close();
    large.close(); // gives nothing back twice
    answers.hold(1000 * KB);
    assertThatThrownBy(() -> answers.hold(100 * KB)).isInstanceOf(Failure.class);
  }

  @Test
  void oneThatIsLargerThanAllIsWrittenAlone() {
    try (Answers.Held all = answers.hold(50_000 * KB)) {
      assertThat(all).isNotNull();
      assertThatThrownBy(() -> answers.hold(17 * KB)).isInstanceOf(Failure.class);
    }
    assertThat(answers.hold(17 * KB)).isNotNull();
  }
}
