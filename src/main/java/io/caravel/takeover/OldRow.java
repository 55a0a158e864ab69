package io.caravel.takeover;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of a table of the site that is taken over.
 *
 * @param columns that were asked for and that the table has
 * @param values of these, as text; null: SQL's null
 */
record OldRow(List<String> columns, @Nullable String[] values) {
  /** The largest value of bigint unsigned has so many digits. */
  private static final int LONGEST_NUMBER = 20;

  /** The value of a column; null also where the table has none of that name. */
  @Nullable String text(@Nullable String column) {
    int index = columns.indexOf(column);
    return index < 0 ? null : values[index];
  }

  /** An id; null: there is none, or it is beyond 2^63-1, which Caravel's tables cannot hold. */
  @Nullable Long number(String column) {
    String text = text(column);
    if (text == null || text.length() > LONGEST_NUMBER || !text.matches("\\d+")) {
      return null;
    }
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** A moment, UTC; null where there is none, also where it is all zeros or no date there is. */
  @Nullable LocalDateTime time(String column) {
    String text = text(column);
    if (text == null || text.startsWith("0000")) {
      return null;
    }
    try {
      return LocalDateTime.parse(text.strip().replace(' ', 'T'), DateTimeFormatter.ISO_DATE_TIME);
    } catch (DateTimeException e) {
      return null;
    }
  }
}
