package io.caravel.metadata;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.OptionalInt;

/**
 * A date as far as it is told.
 *
 * @param at the beginning of the year, month or day where no more is told; by the clock of the
 *     place where the photo was taken, or UTC where it is {@code universal}
 * @param offsetMinutes east of UTC, where it stands beside the time
 */
record Moment(LocalDateTime at, Precision precision, OptionalInt offsetMinutes, boolean universal) {
  /** How far a date is told; the names are the column's. */
  enum Precision {
    YEAR,
    MONTH,
    DAY,
    TIME
  }

  static Moment local(LocalDateTime at, Precision precision) {
    return new Moment(at, precision, OptionalInt.empty(), false);
  }

  static Moment universal(Instant instant) {
    return universal(LocalDateTime.ofInstant(instant, ZoneOffset.UTC));
  }

  static Moment universal(LocalDateTime utc) {
    return new Moment(utc, Precision.TIME, OptionalInt.empty(), true);
  }

  Moment withOffset(int minutes) {
    return new Moment(at, precision, OptionalInt.of(minutes), universal);
  }

  boolean hasTime() {
    return precision == Precision.TIME;
  }
}
