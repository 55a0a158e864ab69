package io.caravel.place;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** The Retry-After header: seconds or an HTTP date (RFC 9110, section 10.2.3). */
final class RetryAfter {
  private static final int SECONDS_DIGITS = 9;

  private RetryAfter() {}

  /** Null when there is none, or none that can be read; never negative, never over the cap. */
  static @Nullable Duration read(@Nullable String value, Instant now, Duration cap) {
    if (value == null) {
      return null;
    }
    String text = value.strip();
    if (text.matches("[0-9]+")) {
      return text.length() > SECONDS_DIGITS
          ? cap
          : within(Duration.ofSeconds(Long.parseLong(text)), cap);
    }
    try {
      Instant date = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text));
      return within(Duration.between(now, date), cap);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static Duration within(Duration pause, Duration cap) {
    return pause.isNegative() ? Duration.ZERO : pause.compareTo(cap) > 0 ? cap : pause;
  }
}
