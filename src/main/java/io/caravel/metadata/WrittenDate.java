package io.caravel.metadata;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Dates as cameras and programs write them. EXIF wants {@code 2019:07:04 12:33:10}; what is found
 * has blanks, dots, names of zones and months, other digits, an hour 24, or ends after the year.
 */
final class WrittenDate {
  /** Nothing was photographed before; what says so is a clock that was never set. */
  private static final int FIRST_YEAR = 1826;

  private static final int WIDEST_OFFSET = 14 * 60;
  private static final int LONGEST = 64;

  /** EXIF's columns, in which blanks stand for what is not known. */
  private static final Pattern COLUMNS =
      Pattern.compile(
          "([\\d ]{4}):([\\d ]{2}):([\\d ]{2})[ T]([\\d ]{2}):([\\d ]{2}):([\\d ]{2})(.*)");

  /** Year first, and perhaps nothing else. */
  private static final Pattern PARTS =
      Pattern.compile(
          "(\\d{4})(?!\\d)(?:\\s*[:/.\\-年]\\s*(\\d{1,2})(?!\\d)(?:\\s*[:/.\\-月]\\s*(\\d{1,2})(?!\\d))?)?(.*)");

  private static final Pattern BLANKS =
      Pattern.compile("(\\d{4})\\s+(\\d{1,2})\\s+(\\d{1,2})(?:\\s+(.*))?");

  private static final Pattern COMPACT =
      Pattern.compile("(\\d{4})(\\d{2})(\\d{2})(?:[T _-]?(\\d{2})(\\d{2})(\\d{2})?)?(?!\\d)(.*)");

  /** With dots the day stands first wherever it does not stand last. */
  private static final Pattern DAY_FIRST =
      Pattern.compile("(\\d{1,2})\\s*\\.\\s*(\\d{1,2})\\s*\\.\\s*(\\d{4})(?!\\d)(.*)");

  private static final Pattern TIME =
      Pattern.compile(
          "[日T,\\s_-]*(\\d{1,2})\\s*([:.时-])\\s*(\\d{1,2})(?:\\s*(?:\\2|分)\\s*(\\d{1,2})(?!\\d))?(.*)");

  private static final Pattern BLANK_TIME =
      Pattern.compile("(\\d{1,2})\\s+(\\d{1,2})(?:\\s+(\\d{1,2}))?(.*)");

  private static final Pattern FRACTION = Pattern.compile("\\s*[.,:]\\s*(\\d{1,9})\\d*(.*)");
  private static final Pattern HALF =
      Pattern.compile("[\\s\\h]*([AaPp])\\.?\\s?[Mm](?:\\.|\\b)(.*)");
  private static final Pattern OFFSET =
      Pattern.compile("\\s*(?:UTC|GMT)?\\s*([+\\-\u2212])\\s*(\\d{1,2})(?::?(\\d{2}))?(?!\\w)");
  private static final Pattern ZERO_OFFSET = Pattern.compile("\\s*(?:Z|UTC|GMT)(?!\\w)");

  private static final String MONTH = "([A-Za-z]{3})[a-z]*\\.?";

  /** RFC 1123, and as people write: Thu, 04 Jul 2019; 4 July 2019. */
  private static final Pattern NAMED =
      Pattern.compile(
          "(?:[A-Za-z]{3,9},?\\s+)?(\\d{1,2})[\\s.-]+" + MONTH + "[\\s,-]+(\\d{4})(.*)");

  /** July 4, 2019. */
  private static final Pattern NAMED_FIRST =
      Pattern.compile(
          "(?:[A-Za-z]{3,9},?\\s+)?" + MONTH + "\\s+(\\d{1,2})\\s*,\\s*(\\d{4})(?!\\d)(.*)");

  /** asctime: Thu Jul 4 12:33:10 2019. */
  private static final Pattern ASCTIME =
      Pattern.compile(
          "[A-Za-z]{3}\\s+"
              + MONTH
              + "\\s+(\\d{1,2})\\s+(\\d\\d:\\d\\d:\\d\\d)\\s+(?:[A-Z]{1,5}\\s+)?(\\d{4})");

  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  private WrittenDate() {}

  /** What a text tells; empty: nothing, or a date that cannot be. */
  static Optional<Moment> read(String written) {
    String text = digits(written).strip();
    if (text.length() > LONGEST) {
      text = text.substring(0, LONGEST);
    }
    try {
      return Optional.ofNullable(moment(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static @Nullable Moment moment(String text) {
    Matcher columns = COLUMNS.matcher(text);
    if (columns.matches()) {
      String time =
          columns.group(4).isBlank() || columns.group(5).isBlank()
              ? ""
              : "%s:%s:%s%s"
                  .formatted(
                      columns.group(4).strip(),
                      columns.group(5).strip(),
                      columns.group(6).isBlank() ? "0" : columns.group(6).strip(),
                      columns.group(7));
      return moment(columns.group(1), columns.group(2), columns.group(3), time);
    }
    Matcher compact = COMPACT.matcher(text);
    if (compact.matches()) {
      String second = compact.group(6) == null ? "00" : compact.group(6);
      String time =
          compact.group(4) == null
              ? compact.group(7)
              : compact.group(4) + ":" + compact.group(5) + ":" + second + compact.group(7);
      return moment(compact.group(1), compact.group(2), compact.group(3), time);
    }
    Matcher blanks = BLANKS.matcher(text);
    if (blanks.matches()) {
      String rest = blanks.group(4) == null ? "" : blanks.group(4);
      Matcher time = BLANK_TIME.matcher(rest);
      String clock =
          time.matches()
              ? "%s:%s:%s%s"
                  .formatted(
                      time.group(1),
                      time.group(2),
                      time.group(3) == null ? "0" : time.group(3),
                      time.group(4))
              : rest;
      return moment(blanks.group(1), blanks.group(2), blanks.group(3), clock);
    }
    Matcher parts = PARTS.matcher(text);
    if (parts.matches()) {
      return moment(parts.group(1), parts.group(2), parts.group(3), parts.group(4));
    }
    return spelled(text);
  }

  private static @Nullable Moment spelled(String text) {
    Matcher dayFirst = DAY_FIRST.matcher(text);
    if (dayFirst.matches()) {
      return moment(dayFirst.group(3), dayFirst.group(2), dayFirst.group(1), dayFirst.group(4));
    }
    Matcher named = NAMED.matcher(text);
    if (named.matches()) {
      return moment(named.group(3), month(named.group(2)), named.group(1), named.group(4));
    }
    Matcher first = NAMED_FIRST.matcher(text);
    if (first.matches()) {
      return moment(first.group(3), month(first.group(1)), first.group(2), first.group(4));
    }
    Matcher ctime = ASCTIME.matcher(text);
    if (ctime.matches()) {
      return moment(ctime.group(4), month(ctime.group(1)), ctime.group(2), ctime.group(3));
    }
    return null;
  }

  private static String month(String name) {
    return String.valueOf(MONTHS.indexOf(name.toLowerCase(Locale.ROOT)) + 1);
  }

  /** A month or day of 0 is one that is not known. */
  private static @Nullable Moment moment(
      @Nullable String years, @Nullable String months, @Nullable String days, String rest) {
    int year = whole(years);
    if (year < FIRST_YEAR) {
      return null;
    }
    int month = whole(months);
    if (month == 0) {
      return Moment.local(LocalDateTime.of(year, 1, 1, 0, 0), Moment.Precision.YEAR);
    }
    int day = whole(days);
    if (day == 0) {
      return Moment.local(LocalDateTime.of(year, month, 1, 0, 0), Moment.Precision.MONTH);
    }
    Matcher time = TIME.matcher(rest);
    if (!time.matches()) {
      return Moment.local(LocalDateTime.of(year, month, day, 0, 0), Moment.Precision.DAY);
    }
    return timed(LocalDateTime.of(year, month, day, 0, 0), time);
  }

  private static Moment timed(LocalDateTime day, Matcher time) {
    int hour = whole(time.group(1));
    String rest = time.group(5);
    int second = whole(time.group(4));
    if (time.group(4) == null && time.group(2).equals("-")) {
      throw new DateTimeException("an offset, no time"); // 12-05
    }
    int nanos = 0;
    Matcher fraction = FRACTION.matcher(rest);
    if (time.group(4) != null && fraction.matches()) {
      nanos = Integer.parseInt((fraction.group(1) + "000").substring(0, 3)) * 1_000_000;
      rest = fraction.group(2);
    }
    Matcher half = HALF.matcher(rest);
    if (half.matches()) {
      if (hour < 1 || hour > 12) {
        throw new DateTimeException("hour " + hour);
      }
      hour = hour % 12 + (half.group(1).equalsIgnoreCase("p") ? 12 : 0);
      rest = half.group(2);
    }
    // Cameras write 24 for the first hour of the day, and 60 for a leap second.
    LocalDateTime at =
        day.withHour(hour == 24 ? 0 : hour)
            .withMinute(whole(time.group(3)))
            .withSecond(second == 60 ? 59 : second)
            .withNano(nanos);
    Moment local = Moment.local(at, Moment.Precision.TIME);
    OptionalInt offset = leadingOffset(rest);
    return offset.isPresent() ? local.withOffset(offset.getAsInt()) : local;
  }

  /** Minutes east of UTC: {@code +02:00}, {@code -5:00}, {@code +0530}, {@code UTC+2}, Z. */
  static OptionalInt offset(String written) {
    String text = digits(written).strip();
    String signed = text.matches("\\d{1,2}(:?\\d{2})?") ? "+" + text : text;
    return text.length() > LONGEST ? OptionalInt.empty() : leadingOffset(signed);
  }

  private static OptionalInt leadingOffset(String text) {
    Matcher parts = OFFSET.matcher(text);
    if (!parts.lookingAt()) {
      return ZERO_OFFSET.matcher(text).lookingAt() ? OptionalInt.of(0) : OptionalInt.empty();
    }
    int rest = whole(parts.group(3));
    int minutes = whole(parts.group(2)) * 60 + rest;
    if (minutes > WIDEST_OFFSET || rest >= 60) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(parts.group(1).equals("+") ? minutes : -minutes);
  }

  private static int whole(@Nullable String digits) {
    return digits == null || digits.isBlank() ? 0 : Integer.parseInt(digits.strip());
  }

  /** The digits of all scripts as ASCII ones, and NUL and its like as blanks. */
  static String digits(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            each -> {
              int digit = Character.digit(each, 10);
              boolean isDigit = digit >= 0 && Character.isDigit(each);
              plain.appendCodePoint(
                  isDigit ? '0' + digit : Character.isISOControl(each) ? ' ' : each);
            });
    return plain.toString();
  }
}
