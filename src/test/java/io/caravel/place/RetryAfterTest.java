package io.caravel.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0                             | PT0S
          120                           | PT2M
          86400                         | PT1H
          99999999999999999999999       | PT1H
          Fri, 20 Nov 2026 12:00:30 GMT | PT30S
          Fri, 20 Nov 2026 11:00:00 GMT | PT0S
          Sat, 20 Nov 2027 12:00:00 GMT | PT1H
          """)
  void secondsAndDatesAreReadAndCapped(String value, Duration pause) {
    assertThat(RetryAfter.read(value, NOW, HOUR)).isEqualTo(pause);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-5", "soon", "1.5", "2026-11-20"})
  void anythingElseIsNone(String value) {
    assertThat(RetryAfter.read(value, NOW, HOUR)).isNull();
  }

  @Test
  void noHeaderIsNone() {
    assertThat(RetryAfter.read(null, NOW, HOUR)).isNull();
  }
}
