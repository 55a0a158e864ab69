package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.bench.SlowClients;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nobody waits for a client that is slow; src/bench/slow-clients is the long one. */
class SlowClientsTest extends FlowTest {
  private static final int CLIENTS = 300;

  @Test
  void healthAndUploadsAreAnsweredBesideClientsThatDrip() throws Exception {
    try (SlowClients slow = new SlowClients(port, CLIENTS)) {
      eventually("all drip", () -> slow.connected() >= CLIENTS);
      for (int i = 0; i < 10; i++) {
        assertThat(SlowClients.health(port)).isEqualTo(200);
        assertThat(SlowClients.upload(port, Picture.tiny().bytes())).isEqualTo(202);
      }
      eventually(
          "the slow ones are sent away, most of them with words",
          () -> slow.ends().getOrDefault("408", 0) >= CLIENTS / 2);
      Map<String, Integer> ends = slow.ends();
      assertThat(ends.keySet()).isSubsetOf("408", "closed");
    }
  }
}
