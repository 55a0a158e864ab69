package io.caravel.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Positions as they are found: the place that was meant, or none. */
class PositionTest {
  private static final Offset<Double> MICRODEGREE = Offset.offset(1e-6);
  private static final ExifToolPool EXIFTOOL = ShippedExifTool.pool(1);

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  private final MetadataReader reader =
      new MetadataReader(new ZoneMap(), ZoneOffset.UTC, InstantSource.system());

  @AfterAll
  static void end() {
    EXIFTOOL.close();
  }

  private PhotoMetadata read(Path photo) {
    return reader.read(EXIFTOOL.read(List.of(photo.toString())), "a.jpg", null);
  }

  /** A JPEG whose XMP is this, as no library would write it. */
  private Path withXmp(String properties) throws Exception {
    Path photo = DrawnPhoto.with(directory, "a.jpg");
    Path xmp =
        Files.writeString(
            directory.resolve("a.xmp"),
            "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
                + "<rdf:Description rdf:about='' xmlns:exif='http://ns.adobe.com/exif/1.0/'>"
                + properties
                + "</rdf:Description></rdf:RDF></x:xmpmeta>",
            StandardCharsets.UTF_8);
    DrawnPhoto.write(photo, "-XMP<=" + xmp);
    return photo;
  }

  private static void is(
      PhotoMetadata read, @Nullable Double latitude, @Nullable Double longitude) {
    assertThat(read.position()).isEqualTo(latitude == null ? "invalid" : "valid");
    if (latitude == null || longitude == null) {
      assertThat(read.latitude()).isNull();
      assertThat(read.longitude()).isNull();
    } else {
      assertThat(read.latitude()).isCloseTo(latitude, MICRODEGREE);
      assertThat(read.longitude()).isCloseTo(longitude, MICRODEGREE);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "invalid",
      value = {
        "48,12.5N | 16,22.5E | 48.208333333 | 16.375",
        "33,51.5S | 70,40.5W | -33.858333333 | -70.675",
        "48,12,30N | 16,22,30E | 48.208333333 | 16.375",
        "48,12N | 16,22E | 48.2 | 16.366666667",
        // decimals behind a comma
        "48,2082N | 16,3738E | 48.2082 | 16.3738",
        "48,2082 | 16,3738 | 48.2082 | 16.3738",
        "-33,8583 | 151,2083 | -33.8583 | 151.2083",
        "48,12,492N | 16,22,428E | 48.2082 | 16.3738",
        "48,12,29,52N | 16,22,25,68E | 48.2082 | 16.3738",
        // decimals, signs
        "48.2082 | 16.3738 | 48.2082 | 16.3738",
        "-33.8583 | 151.2083 | -33.8583 | 151.2083",
        "-33.8583S | 151.2083E | -33.8583 | 151.2083",
        "33.8583 S | 151.2083 E | -33.8583 | 151.2083",
        // it could be either
        "-33.8583N | 151.2083E | invalid | invalid",
        "48,72.5N | 16,22.5E | invalid | invalid",
        "48,12,75.5N | 16,22,30E | invalid | invalid",
        "1 2 3 4 5 N | 16E | invalid | invalid",
        "north | east | invalid | invalid",
      })
  void xmpWritesItInManyWays(
      String latitude, String longitude, @Nullable Double north, @Nullable Double east)
      throws Exception {
    is(
        read(
            withXmp(
                "<exif:GPSLatitude>%s</exif:GPSLatitude><exif:GPSLongitude>%s</exif:GPSLongitude>"
                    .formatted(latitude, longitude))),
        north,
        east);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "invalid",
      value = {
        "33.8583 | S | 151.2083 | E | -33.8583 | 151.2083",
        "33,51.5 | S | 151,12.5 | E | -33.858333333 | 151.208333333",
        "33.8583 | South | 70.5 | West | -33.8583 | -70.5",
        "-33.8583 | S | 151.2083 | E | -33.8583 | 151.2083",
        "-33.8583 | N | 151.2083 | E | invalid | invalid",
        "33.8583 | ? | 151.2083 | E | invalid | invalid",
      })
  void xmpMayTellTheHemispheresBeside(
      String latitude,
      String northOrSouth,
      String longitude,
      String eastOrWest,
      @Nullable Double north,
      @Nullable Double east)
      throws Exception {
    is(
        read(
            withXmp(
                ("<exif:GPSLatitude>%s</exif:GPSLatitude><exif:GPSLatitudeRef>%s</exif:GPSLatitudeRef>"
                        + "<exif:GPSLongitude>%s</exif:GPSLongitude><exif:GPSLongitudeRef>%s</exif:GPSLongitudeRef>")
                    .formatted(latitude, northOrSouth, longitude, eastOrWest))),
        north,
        east);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "invalid",
      value = {
        "33.8583 | South | 151.2083 | East | -33.8583 | 151.2083",
        "-33.8583 | South | 151.2083 | East | -33.8583 | 151.2083",
        "-33.8583 | North | 151.2083 | East | invalid | invalid",
        "-33.8583 | | 151.2083 | | -33.8583 | 151.2083",
        "33.8583 | | -70.5 | | 33.8583 | -70.5",
        "33.8583 | | 151.2083 | | invalid | invalid",
        "33.8583 | South | 151.2083 | | invalid | invalid",
        "33.8583 | Unknown (X) | 151.2083 | East | invalid | invalid",
      })
  void exifsNumbersAreNothingWithoutTheirHemispheresUnlessTheyAreSigned(
      double latitude,
      @Nullable String northOrSouth,
      double longitude,
      @Nullable String eastOrWest,
      @Nullable Double north,
      @Nullable Double east) {
    String refs =
        (northOrSouth == null ? "" : ", \"GPS:GPSLatitudeRef\": \"" + northOrSouth + "\"")
            + (eastOrWest == null ? "" : ", \"GPS:GPSLongitudeRef\": \"" + eastOrWest + "\"");
    String tags =
        "\"GPS:GPSLatitude\": %s, \"GPS:GPSLongitude\": %s%s".formatted(latitude, longitude, refs);
    is(reader.read("[{\"SourceFile\": \"x\", " + tags + "}]", "a", null), north, east);
  }

  /** Of ../shared/reports, whose README has the right values. */
  @ParameterizedTest
  @CsvSource({
    "gps-seconds-0-0.jpg, 48.2, 16.366666667",
    "gps-decimal-0-0-0-0.jpg, 48.2082, 16.3738",
    "gps-signed-without-ref.jpg, -33.8583, 151.2083",
    "bloated-xmp.png, 48.2082, 16.3738"
  })
  void theReportedInputsAreRight(String file, double north, double east) {
    Path reports = Path.of("../shared/reports");
    assumeThat(reports).as("the inputs of public reports").exists();
    is(read(reports.resolve(file)), north, east);
  }

  @Test
  void brokenValuesAreNotShown() {
    PhotoMetadata read =
        reader.read(
            """
            [{"SourceFile": "x", "ExifIFD:ExposureTime": 4294967295, "ExifIFD:FNumber": 4294967295,
            "ExifIFD:ISO": 4294967295, "ExifIFD:FocalLength": 4294967295}]
            """,
            "a",
            null);
    assertThat(read.exposureSeconds()).isNull();
    assertThat(read.aperture()).isNull();
    assertThat(read.iso()).isNull();
    assertThat(read.focalLengthMm()).isNull();
    assertThat(
            reader
                .read("[{\"SourceFile\": \"x\", \"ExifIFD:ExposureTime\": 1800}]", "a", null)
                .exposureSeconds())
        .isEqualTo(1800);
  }
}
