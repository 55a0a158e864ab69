package io.caravel.takeover;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Moments, UTC, as both databases take them. */
final class Times {
  // As text: MySQL's driver takes MariaDB for a MySQL 5.5 and drops the fraction of a bound time.
  private static final DateTimeFormatter MILLISECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);

  private Times() {}

  static @Nullable String text(@Nullable LocalDateTime time) {
    return time == null ? null : MILLISECONDS.format(time);
  }
}
