package io.caravel.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZoneMapTest {
  private final ZoneMap zones = new ZoneMap();

  @ParameterizedTest
  @CsvSource({
    "48.2, 8.9, Europe/Berlin",
    "47.5500, 7.5900, Europe/Zurich",
    "27.98, 86.9, Asia/Kathmandu",
    "31.6904, -106.4245, America/Ciudad_Juarez",
    "31.7619, -106.4850, America/Denver",
    "-89, 0, Antarctica/McMurdo",
    "0.5, -30, Etc/GMT+2",
  })
  void everyPlaceOnLandAndSeaHasItsZone(double latitude, double longitude, String zone) {
    assertThat(zones.at(latitude, longitude)).contains(ZoneId.of(zone));
  }

  @Test
  void aHoleBelongsToWhoFillsIt() {
    // Lesotho lies within South Africa.
    assertThat(zones.at(-29.5, 28.2)).contains(ZoneId.of("Africa/Maseru"));
    assertThat(zones.at(-29.5, 25.0)).contains(ZoneId.of("Africa/Johannesburg"));
  }

  @ParameterizedTest
  @CsvSource({"90,180", "90,-180", "-90,180", "-90,-180", "0,180", "0,-180", "90,0", "-90,0"})
  void theEndsOfTheEarthHaveZonesToo(double latitude, double longitude) {
    assertThat(zones.at(latitude, longitude)).isPresent();
  }
}
