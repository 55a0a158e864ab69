package io.caravel.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.takeover.TwinOperations.Outcome;
import org.junit.jupiter.api.Test;

/** The short form of src/bench/twin-operations: both sides at work, a kill, and the way back. */
class TwinOperationsIT {
  @Test
  void leaveBothViewsEqualTheChangesWholeAndTheSiteItsFilesAndDecisions() throws Exception {
    Outcome outcome = TwinOperations.run(TwinSite.Server.mariaDb(), 200, 1, System.nanoTime());

    assertThat(outcome.amiss()).isEmpty();
    assertThat(outcome.operations())
        .containsKeys("upload", "decide", "undo", "trash", "restore", "sql name", "sql reject");
    assertThat(outcome.changes()).isPositive();
  }
}
