package io.caravel.metadata;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * When a photo says it was taken: local time, and the offset from UTC in minutes when a tag tells
 * it. DateTimeOriginal (the exposure) is preferred to CreateDate (the digitising).
 */
record Taken(LocalDateTime at, OptionalInt offsetMinutes) {
  // Nothing was photographed before 1826; what says so is a clock that was never set.
  private static final int FIRST_YEAR = 1826;
  private static final int WIDEST_OFFSET = 14 * 60;
  private static final Pattern TIME =
      Pattern.compile(
          "(\\d{4})[:/-](\\d\\d)[:/-](\\d\\d)[ T](\\d\\d):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d{1,9})\\d*)?)?"
              + " ?(Z|[+-]\\d\\d:?\\d\\d)?");
  private static final Pattern OFFSET = Pattern.compile("([+-])(\\d\\d):?(\\d\\d)");

  static Optional<Taken> of(Tags tags) {
    return Stream.of(
            read(
                tags,
                "DateTimeOriginal",
                "SubSecTimeOriginal",
                "OffsetTimeOriginal",
                "OffsetTime",
                "OffsetTimeDigitized"),
            read(
                tags,
                "CreateDate",
                "SubSecTimeDigitized",
                "OffsetTimeDigitized",
                "OffsetTime",
                "OffsetTimeOriginal"))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<Taken> read(Tags tags, String time, String fraction, String... offsets) {
    // A maker's clock or the thumbnail's, in other groups, is better than none but comes last.
    return Stream.of("ExifIFD:", "IFD0:", "XMP-exif:", "XMP-xmp:", "*:")
        .map(group -> tags.text(group + time))
        .flatMap(Optional::stream)
        .map(text -> parse(text, tags, fraction, offsets))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<Taken> parse(String text, Tags tags, String fraction, String... offsets) {
    Matcher parts = TIME.matcher(text);
    if (text.length() > 64 || !parts.matches() || Integer.parseInt(parts.group(1)) < FIRST_YEAR) {
      return Optional.empty();
    }
    String second = Optional.ofNullable(parts.group(6)).orElse("0");
    String digits =
        Optional.ofNullable(parts.group(7))
            .or(() -> tags.text("ExifIFD:" + fraction).filter(f -> f.matches("\\d{1,9}")))
            .orElse("0");
    try {
      LocalDateTime at =
          LocalDateTime.of(
              Integer.parseInt(parts.group(1)),
              Integer.parseInt(parts.group(2)),
              Integer.parseInt(parts.group(3)),
              Integer.parseInt(parts.group(4)),
              Integer.parseInt(parts.group(5)),
              Integer.parseInt(second),
              Integer.parseInt((digits + "000").substring(0, 3)) * 1_000_000);
      return Optional.of(new Taken(at, offset(Optional.ofNullable(parts.group(8)), tags, offsets)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static OptionalInt offset(Optional<String> inTime, Tags tags, String... offsets) {
    Stream<String> written =
        Stream.of(offsets).flatMap(tag -> tags.text("ExifIFD:" + tag, "*:" + tag).stream());
    return Stream.concat(inTime.stream(), written)
        .map(Taken::minutes)
        .filter(OptionalInt::isPresent)
        .mapToInt(OptionalInt::getAsInt)
        .findFirst();
  }

  private static OptionalInt minutes(String offset) {
    if (offset.equals("Z")) {
      return OptionalInt.of(0);
    }
    Matcher parts = OFFSET.matcher(offset);
    if (!parts.matches()) {
      return OptionalInt.empty();
    }
    int minutes = Integer.parseInt(parts.group(2)) * 60 + Integer.parseInt(parts.group(3));
    boolean real = minutes <= WIDEST_OFFSET && Integer.parseInt(parts.group(3)) < 60;
    return real
        ? OptionalInt.of(parts.group(1).equals("-") ? -minutes : minutes)
        : OptionalInt.empty();
  }
}
