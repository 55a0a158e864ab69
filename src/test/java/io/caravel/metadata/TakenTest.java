package io.caravel.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which date is taken of those that a photo, its name and its file say. */
class TakenTest {
  private static final ExifToolPool EXIFTOOL = ShippedExifTool.pool(1);
  private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");
  private static final String NAMED = "IMG_20130101_010203.jpg";
  private static final Instant FILE = Instant.parse("2014-05-06T07:08:09.123Z");

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  private final MetadataReader reader =
      new MetadataReader(new ZoneMap(), ZoneId.of("Europe/Vienna"), () -> NOW);

  @AfterAll
  static void end() {
    EXIFTOOL.close();
  }

  /** Each with one source more, which goes before those above it. */
  @Test
  void theSourcesAreAskedInTheirOrder() throws Exception {
    Path photo = DrawnPhoto.with(directory, "a.png");
    assertThat(taken(photo, "a.png", null)).isEqualTo("null null");
    assertThat(taken(photo, "a.png", FILE)).isEqualTo("2014-05-06T09:08:09.123 file");
    DrawnPhoto.write(photo, "-EXIF:ModifyDate=2012:01:01 00:00:01");
    assertThat(taken(photo, "a.png", FILE)).isEqualTo("2012-01-01T00:00:01 modified");
    assertThat(taken(photo, NAMED, FILE)).isEqualTo("2013-01-01T01:02:03 name");
    DrawnPhoto.write(
        photo, "-GPS:GPSDateStamp=2011:07:01", "-GPS:GPSTimeStamp=10:00:00", "-GPS:GPSLatitude=1");
    assertThat(taken(photo, NAMED, FILE)).isEqualTo("2011-07-01T12:00:00 gps");
    DrawnPhoto.write(photo, "-PNG:CreationTime=2010:01:01 00:00:01");
    assertThat(taken(photo, NAMED, FILE)).isEqualTo("2010-01-01T00:00:01 png");
    DrawnPhoto.write(photo, "-IPTC:DateCreated=2009:01:01", "-IPTC:TimeCreated=00:00:01+00:00");
    assertThat(taken(photo, NAMED, FILE)).isEqualTo("2009-01-01T00:00:01 iptc");
    DrawnPhoto.write(photo, "-XMP-xmp:CreateDate=2008:01:01 00:00:01");
    assertThat(taken(photo, NAMED, FILE)).isEqualTo("2008-01-01T00:00:01 xmp");
    DrawnPhoto.write(photo, "-EXIF:CreateDate=2007:01:01 00:00:01");
    assertThat(taken(photo, NAMED, FILE)).isEqualTo("2007-01-01T00:00:01 exif");
    DrawnPhoto.write(photo, "-EXIF:DateTimeOriginal=2006:01:01 00:00:01");
    assertThat(taken(photo, NAMED, FILE)).isEqualTo("2006-01-01T00:00:01 exif");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0000:00:00 00:00:00 | names no date",
        "1970:01:01 00:00:00 | is 1970-01-01, which a clock shows that was never set",
        "2024:06:02 12:00:01 | lies in the future",
        "2021:02:30 12:00:00 | is no date that can be",
      })
  void aDateThatCannotBeIsPassedOverAndSaidSo(String written, String why) {
    PhotoMetadata read =
        said("\"ExifIFD:DateTimeOriginal\": \"%s\"".formatted(written), NAMED, null);
    assertThat(shown(read)).isEqualTo("2013-01-01T01:02:03 name");
    assertThat(read.datesPassedOver())
        .containsExactly("DateTimeOriginal \"%s\" %s: it was passed over.".formatted(written, why));
  }

  @Test
  void aDateOfADayAheadIsThatOfAnotherZone() {
    PhotoMetadata read = said("\"ExifIFD:DateTimeOriginal\": \"2024:06:02 11:59:59\"", "a", null);
    assertThat(shown(read)).isEqualTo("2024-06-02T11:59:59 exif");
    assertThat(read.datesPassedOver()).isEmpty();
  }

  @Test
  void theTimeOfAFileThatCannotBeIsNone() {
    for (Instant time : List.of(Instant.EPOCH, NOW.plusSeconds(86_401))) {
      assertThat(shown(said("\"File:MIMEType\": \"image/jpeg\"", "a", time)))
          .isEqualTo("null null");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1985, year, 1985-01-01",
    "1985:06, month, 1985-06-01",
    "1985:06:15, day, 1985-06-15"
  })
  void aPartOfADateIsKeptAsWhatItIsAndHasNoZone(String written, String precision, String begins) {
    PhotoMetadata read =
        said("\"XMP-exif:DateTimeOriginal\": \"%s\"".formatted(written), "a", FILE);
    assertThat(read.takenPrecision()).isEqualTo(precision);
    assertThat(read.takenAt()).isEqualTo(LocalDateTime.parse(begins + "T00:00:00"));
    assertThat(read.takenZone()).isNull();
    assertThat(read.takenOffsetMinutes()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"ExifIFD:OffsetTimeOriginal\": \"-5:00\"' | -05:00 offset-tag",
        "'\"ExifIFD:OffsetTimeOriginal\": \"+0200\"' | +02:00 offset-tag",
        "'\"ExifIFD:TimeZoneOffset\": -7' | -07:00 offset-tag",
        "'\"ExifIFD:TimeZoneOffset\": \"9 1\"' | +09:00 offset-tag",
        // that of another time counts only where it shows the same
        "'\"ExifIFD:OffsetTime\": \"+09:00\"' | Europe/Vienna setting",
        "'\"ExifIFD:OffsetTime\": \"+09:00\", \"IFD0:ModifyDate\": \"2020:01:01 00:00:00\"' | Europe/Vienna setting",
        "'\"ExifIFD:OffsetTime\": \"+09:00\", \"IFD0:ModifyDate\": \"2019:07:04 12:33:10\"' | +09:00 offset-tag",
        "'\"ExifIFD:OffsetTimeDigitized\": \"+09:00\", \"ExifIFD:CreateDate\": \"2019:07:04 12:33:10\"' | +09:00 offset-tag",
        "'\"Composite:GPSDateTime\": \"2019:07:04 03:32:40Z\"' | +09:00 gps-time",
        "'\"Composite:GPSDateTime\": \"2019:07:04 06:48:00Z\"' | +05:45 gps-time",
        // satellites that were heard last some time before
        "'\"Composite:GPSDateTime\": \"2019:07:04 03:13:00Z\"' | Europe/Vienna setting",
        "'\"Composite:GPSDateTime\": \"2019:07:01 03:33:00Z\"' | Europe/Vienna setting",
        "'\"Composite:GPSLatitude\": 35.68, \"Composite:GPSLongitude\": 139.69' | Asia/Tokyo position",
        "'\"Composite:GPSLatitude\": 35.68, \"Composite:GPSLongitude\": 139.69, \"Composite:GPSDateTime\": \"2019:07:04 03:33:00Z\"' | Asia/Tokyo position",
        // the camera's clock was still at home
        "'\"Composite:GPSLatitude\": 35.68, \"Composite:GPSLongitude\": 139.69, \"Composite:GPSDateTime\": \"2019:07:04 10:33:00Z\"' | +02:00 gps-time",
      })
  void theZoneIsToldBy(String tags, String told) {
    PhotoMetadata read =
        said("\"ExifIFD:DateTimeOriginal\": \"2019:07:04 12:33:10\", " + tags, "a", null);
    assertThat(read.takenAt()).isEqualTo(LocalDateTime.of(2019, 7, 4, 12, 33, 10));
    assertThat(read.takenZone() + " " + read.takenZoneFrom()).isEqualTo(told);
  }

  @Test
  void aTimeInUtcIsShownByTheClockOfThePosition() {
    String tokyo = "\"Composite:GPSLatitude\": 35.68, \"Composite:GPSLongitude\": 139.69";
    PhotoMetadata read = said(tokyo, "PXL_20201231_235959123.jpg", null);
    assertThat(shown(read)).isEqualTo("2021-01-01T08:59:59 name");
    assertThat(read.takenOffsetMinutes()).isEqualTo(540);
    assertThat(shown(said(tokyo, "a", FILE))).isEqualTo("2014-05-06T16:08:09.123 file");
    assertThat(
            shown(said(tokyo + ", \"Composite:GPSDateTime\": \"2019:07:04 20:00:00Z\"", "a", null)))
        .isEqualTo("2019-07-05T05:00:00 gps");
  }

  /** Of ../shared/reports, whose README has the right values. */
  @Test
  void theReportedInputsAreRight() {
    Path reports = Path.of("../shared/reports");
    assumeThat(reports).as("the inputs of public reports").exists();
    Map<String, String> right =
        Map.ofEntries(
            Map.entry("date-spaces.jpg", "2019-07-04T12:03:10"),
            Map.entry("date-am-pm.jpg", "2018-06-01T15:45:12"),
            Map.entry("date-hour-24.jpg", "2016-02-02T00:28:33"),
            Map.entry("date-second-60.jpg", "2016-12-31T23:59:59"),
            Map.entry("date-dots.jpg", "2009-05-17T08:09:10"),
            Map.entry("date-dst-suffix.jpg", "2009-05-17T08:09:12"),
            Map.entry("date-zone-suffix.jpg", "2009-05-17T08:09:13"),
            Map.entry("date-arabic-digits.jpg", "2019-07-04T12:33:10"),
            Map.entry("date-unterminated.jpg", "2009-05-17T08:09:15"),
            Map.entry("date-only-exif.jpg", "1998-08-23"),
            Map.entry("date-year-exif.jpg", "1998"),
            Map.entry("date-xmp-day.jpg", "1985-06-15"),
            Map.entry("date-xmp-month.jpg", "1985-06"),
            Map.entry("date-xmp-year.jpg", "1985"),
            Map.entry("png-creation-time.png", "2019-07-04T12:33:10"),
            Map.entry("png-creation-rfc1123.png", "2019-07-04T12:33:10"),
            Map.entry("bloated-xmp.png", "2015-05-05T05:05:05"));
    SoftAssertions softly = new SoftAssertions();
    right.forEach(
        (file, value) -> {
          String answer = EXIFTOOL.read(List.of(reports.resolve(file).toString()));
          PhotoMetadata read = reader.read(answer, "a", null);
          softly.assertThat(shown(read).replaceAll(" .*", "")).as(file).isEqualTo(value);
          if (file.contains("rfc1123")) {
            softly.assertThat(read.takenOffsetMinutes()).as(file).isEqualTo(120);
          }
        });
    softly.assertAll();
  }

  private String taken(Path photo, String filename, @Nullable Instant fileTime) {
    return shown(reader.read(EXIFTOOL.read(List.of(photo.toString())), filename, fileTime));
  }

  private PhotoMetadata said(String tags, String filename, @Nullable Instant fileTime) {
    return reader.read("[{\"SourceFile\": \"x.jpg\", " + tags + "}]", filename, fileTime);
  }

  private static String shown(PhotoMetadata read) {
    LocalDateTime at = read.takenAt();
    String precision = read.takenPrecision();
    String time =
        at == null || precision == null
            ? "null"
            : WrittenDateTest.shown(
                Moment.local(
                    at, Moment.Precision.valueOf(precision.toUpperCase(java.util.Locale.ROOT))));
    return time + " " + read.takenFrom();
  }
}
