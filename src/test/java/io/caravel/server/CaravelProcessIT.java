package io.caravel.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CaravelProcessIT {
  @Test
  void startsAgainOnTheSameHomeAfterAKillAndEndsWhenAsked() {
    try (CaravelProcess caravel = new CaravelProcess(Map.of())) {
      caravel.start();
      caravel.kill9();
      assertThat(caravel.ready()).isFalse();

      caravel.start();
      assertThat(caravel.ready()).isTrue();

      // 128 + SIGTERM: the JVM's way to say that it was asked to end and did so in order.
      assertThat(caravel.terminate()).isEqualTo(143);
    }
  }
}
