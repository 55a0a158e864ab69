package io.caravel.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NominatimSettingsTest {
  private static NominatimSettings with(int index, long value) {
    long[] values = {4, 1000, 20_000, 60_000, 60_000, 600_000, 3_600_000, 65_536};
    values[index] = value;
    return new NominatimSettings(
        (int) values[0],
        values[1],
        values[2],
        values[3],
        values[4],
        values[5],
        values[6],
        (int) values[7]);
  }

  /** A setting that is missing is 0: without a refusal the pace would be none. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void nothingMayBeZeroOrLess(int index) {
    assertThatCode(() -> with(index, 1)).doesNotThrowAnyException();
    assertThatThrownBy(() -> with(index, 0))
        .hasMessageMatching("CARAVEL_NOMINATIM_[A-Z_]+ is 0: give it a number above 0\\.");
    assertThatThrownBy(() -> with(index, -1)).hasMessageContaining("is -1: give");
  }

  @Test
  void decimalsAreNoneToSix() {
    assertThat(with(0, 0).decimals()).isZero();
    assertThat(with(0, 6).decimals()).isEqualTo(6);
    assertThatThrownBy(() -> with(0, -1)).hasMessageContaining("from 0 to 6");
    assertThatThrownBy(() -> with(0, 7)).hasMessageContaining("from 0 to 6");
  }

  @Test
  void timesAreMilliseconds() {
    NominatimSettings settings = with(0, 4);
    assertThat(settings.period()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.requestTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(settings.slotWait()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.refusedPause()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.shutOutPause()).isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.retryAfterMax()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void theFarthestSlotIsTheLongestOfAllPauses() {
    assertThat(with(6, 3_600_000).farthestSlot()).isEqualTo(Duration.ofHours(1));
    assertThat(with(6, 1).farthestSlot()).isEqualTo(Duration.ofMinutes(10));
    assertThat(new NominatimSettings(4, 2, 30, 1, 31, 1, 1, 1).farthestSlot())
        .isEqualTo(Duration.ofMillis(32));
    assertThat(new NominatimSettings(4, 2, 30, 1, 33, 1, 1, 1).farthestSlot())
        .isEqualTo(Duration.ofMillis(33));
  }
}
