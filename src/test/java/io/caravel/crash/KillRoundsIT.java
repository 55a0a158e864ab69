package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * The short form of src/bench/kill-rounds: kill -9 while it starts, takes uploads and works, then
 * every promise is looked for.
 */
class KillRoundsIT {
  @Test
  void loseDoubleTearAndParkNothingOnTheEmbeddedDatabase() throws Exception {
    Reckoning reckoning = KillRounds.onEmbedded(3, System.nanoTime());

    assertThat(reckoning.findings()).isEmpty();
    assertThat(reckoning.accepted()).isPositive();
  }

  @Test
  void loseDoubleTearAndParkNothingOnRabbitMqAndMariaDb() throws Exception {
    Reckoning reckoning = KillRounds.onServers(2, System.nanoTime());

    assertThat(reckoning.findings()).isEmpty();
    assertThat(reckoning.accepted()).isPositive();
  }
}
