package io.caravel.metadata;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Dates in the names that cameras, phones and programs give to files: {@code IMG_20190704_123310},
 * {@code PXL_…} (UTC), {@code Screenshot 2020-01-02 at 3.04.05 PM}, {@code IMG-20190704-WA0003}.
 * What could as well be a telephone or serial number is none.
 */
final class NamedDate {
  /** No camera wrote names before; a run of digits that says so is another number. */
  private static final int FIRST_YEAR_OF_DIGITS = 1980;

  private static final String DIGITS = "(?<![\\d+])((?:19|20)\\d{2})(\\d{2})(\\d{2})";

  /** 20190704_123310, 20190704123310123, IMG_20190704-123310, WP_20140102_12_34_56_Pro. */
  private static final Pattern DIGITS_AND_TIME =
      Pattern.compile(
          DIGITS
              + "(?:[-_ T]?(\\d{2})(\\d{2})(\\d{2})(\\d{3})?|[-_ ](\\d{2})[-_.](\\d{2})[-_.](\\d{2}))(?!\\d)");

  private static final Pattern SEPARATED =
      Pattern.compile("(?<![\\d+])((?:19|20)\\d{2})([-_. ])(\\d{2})\\2(\\d{2})(?!\\d)");

  /** What follows a separated date: 12.33.10, T12-33-10, 123310, at 3.04.05 PM, um 03.04.05. */
  private static final Pattern TIME_AFTER =
      Pattern.compile(
          "(?:[-_T,\\h]+|[-_,\\h]+(?:\\p{L}{1,4}\\.?\\h+){1,2})"
              + "(?:(\\d{2})(\\d{2})(\\d{2})|(\\d{1,2})([-_.:h\\h\uF03A\uFF1A])(\\d{2})(?:\\5(\\d{2}))?)(?!\\d)"
              + "(?:[\\h]*([AaPp])\\.?[Mm](?![a-z]))?.*",
          Pattern.DOTALL);

  /** A number that is neither a time nor the few digits that count files of one day. */
  private static final Pattern NUMBER_AFTER =
      Pattern.compile("[-_ .(~]*\\d{5,}.*|[-_ .]\\d{3,}[-_ .]\\d{2,}.*", Pattern.DOTALL);

  /** IMG-20190704-WA0003, WP_20140102_001, 20190704 Rome. */
  private static final Pattern DIGITS_ALONE =
      Pattern.compile("(?:^|(?<=\\p{L}[-_ ])|(?<=^(?:IMG|VID|PANO|DSC)))" + DIGITS + "(?!\\d)");

  private static final Pattern NUMBER_BEFORE =
      Pattern.compile(
          ".*(?<!\\p{L})(?:sn|nr|no|num|tel|phone|fon|call|serial|id|order|invoice|ean|isbn|ref)[-_ .#:]*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** Telegram's own: photo_1@04-07-2019_12-33-10. */
  private static final Pattern AFTER_AT =
      Pattern.compile("@(\\d{2})-(\\d{2})-(\\d{4})_(\\d{2})-(\\d{2})-(\\d{2})(?!\\d)");

  /** Milliseconds since 1970, of programs that are known to write them. */
  private static final Pattern MILLISECONDS =
      Pattern.compile(
          "(?:mmexport|wx_camera_|FB_IMG_|FB_VID_|microMsg\\.|Screenshot_|image_)([12]\\d{12})(?!\\d)");

  /** Google's Pixels and OneDrive for iOS name the time in UTC. */
  private static final Pattern UNIVERSAL = Pattern.compile("^PXL_.*|.*\\d_iOS(?![a-zA-Z]).*");

  private NamedDate() {}

  /** The date in a file's name; empty: none. */
  static Optional<Moment> read(String filename) {
    String name = WrittenDate.digits(filename);
    try {
      return Optional.ofNullable(moment(name));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static @Nullable Moment moment(String name) {
    Matcher millis = MILLISECONDS.matcher(name);
    if (millis.find()) {
      return Moment.universal(Instant.ofEpochMilli(Long.parseLong(millis.group(1))));
    }
    Matcher telegram = AFTER_AT.matcher(name);
    if (telegram.find()) {
      return time(telegram, name, 3, 2, 1, 4, 5, 6);
    }
    Matcher separated = SEPARATED.matcher(name);
    if (separated.find()) {
      return separated(separated, name.substring(separated.end()));
    }
    Matcher digits = DIGITS_AND_TIME.matcher(name);
    if (digits.find() && isOfACamera(digits)) {
      return digits.group(4) != null
          ? time(digits, name, 1, 2, 3, 4, 5, 6)
          : time(digits, name, 1, 2, 3, 8, 9, 10);
    }
    Matcher alone = DIGITS_ALONE.matcher(name);
    if (alone.find()
        && isOfACamera(alone)
        && !NUMBER_AFTER.matcher(name.substring(alone.end())).matches()
        && !NUMBER_BEFORE.matcher(name.substring(0, alone.start())).matches()) {
      return day(alone, 1, 2, 3);
    }
    return null;
  }

  private static boolean isOfACamera(Matcher digits) {
    return whole(digits.group(1)) >= FIRST_YEAR_OF_DIGITS;
  }

  private static @Nullable Moment separated(Matcher date, String rest) {
    Moment day = day(date, 1, 3, 4);
    Matcher time = TIME_AFTER.matcher(rest);
    if (!time.matches()) {
      return NUMBER_AFTER.matcher(rest).matches() ? null : day;
    }
    boolean run = time.group(1) != null;
    int hour = whole(time.group(run ? 1 : 4));
    int minute = whole(time.group(run ? 2 : 6));
    int second = whole(time.group(run ? 3 : 7));
    String half = time.group(8);
    if (half != null) {
      if (hour < 1 || hour > 12) {
        return null;
      }
      hour = hour % 12 + (half.equalsIgnoreCase("p") ? 12 : 0);
    }
    if (!run && time.group(7) == null && !".:h".contains(time.group(5))) {
      return day; // 2019-07-04 12-33: some other two numbers, unless they look like a clock's
    }
    LocalDateTime at = day.at().withHour(hour).withMinute(minute).withSecond(second);
    return Moment.local(at, Moment.Precision.TIME);
  }

  private static Moment day(Matcher date, int year, int month, int day) {
    return Moment.local(
        LocalDateTime.of(
            whole(date.group(year)), whole(date.group(month)), whole(date.group(day)), 0, 0),
        Moment.Precision.DAY);
  }

  private static Moment time(
      Matcher date, String name, int year, int month, int day, int hour, int minute, int second) {
    LocalDateTime at =
        day(date, year, month, day)
            .at()
            .withHour(whole(date.group(hour)))
            .withMinute(whole(date.group(minute)))
            .withSecond(whole(date.group(second)));
    return UNIVERSAL.matcher(name).matches()
        ? Moment.universal(at)
        : Moment.local(at, Moment.Precision.TIME);
  }

  private static int whole(@Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }
}
