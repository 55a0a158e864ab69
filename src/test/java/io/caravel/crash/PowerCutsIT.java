package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.crash.Disk.Loss;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The short form of src/bench/power-cuts: the power goes while it takes uploads and orders and
 * while it stops, and what was not synced is gone; then every promise is looked for.
 */
class PowerCutsIT {
  @Test
  void whatWasAnsweredIsThereWhenAllThatWasNotSyncedIsGone() throws Exception {
    PowerCuts.Outcome outcome = PowerCuts.run(2, List.of(Loss.ALL), System.nanoTime());

    assertThat(outcome.findings()).isEmpty();
    assertThat(outcome.accepted()).isPositive();
  }

  @Test
  void whatWasAnsweredIsThereWhenAPartOfItIsGone() throws Exception {
    PowerCuts.Outcome outcome = PowerCuts.run(1, List.of(Loss.SOME), System.nanoTime());

    assertThat(outcome.findings()).isEmpty();
    assertThat(outcome.accepted()).isPositive();
  }
}
