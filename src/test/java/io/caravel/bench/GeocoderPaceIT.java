package io.caravel.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The short form of src/bench/geocoder-pace. */
class GeocoderPaceIT {
  @Test
  void twoProcessesNeverAskCloserThanThePeriodNorTwoAtOnceAlsoWhenOneIsKilled() throws Exception {
    GeocoderPace.Seen seen = GeocoderPace.run(20, 1, System.nanoTime());

    assertThat(seen.asPromised()).as(seen.toString()).isTrue();
    assertThat(seen.requests()).isGreaterThanOrEqualTo(30);
    assertThat(seen.failed()).isZero();
  }
}
