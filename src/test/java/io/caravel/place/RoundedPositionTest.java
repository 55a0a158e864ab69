package io.caravel.place;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundedPositionTest {
  @ParameterizedTest
  @CsvSource({
    "48.20849, 16.37208, 4, 48.2085, 16.3721",
    "48.2, -16, 4, 48.2000, -16.0000",
    "-0.00001, 0.0000001, 4, 0.0000, 0.0000",
    "0, 0.000001, 6, 0.000000, 0.000001",
    "89.99999, 179.99999, 4, 90.0000, 180.0000",
    "10, -179.99999, 4, 10.0000, 180.0000",
    "48.7, 16.4, 0, 49, 16",
  })
  void degreesAreWrittenWithExactlyTheDecimalsThatAreAsked(
      double latitude, double longitude, int decimals, String north, String east) {
    RoundedPosition position = RoundedPosition.of(latitude, longitude, decimals);
    assertThat(position.latitude()).hasToString(north);
    assertThat(position.longitude()).hasToString(east);
  }
}
