package io.caravel.metadata;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.ground.Failure;
import io.caravel.photo.Photo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataReaderTest {
  private static final Offset<Double> MICRODEGREE = Offset.offset(1e-6);
  private static final ExifToolPool EXIFTOOL = ShippedExifTool.pool(1);

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  private final MetadataReader reader =
      new MetadataReader(new ZoneMap(), ZoneId.of("Asia/Kathmandu"), InstantSource.system());

  @AfterAll
  static void end() {
    EXIFTOOL.close();
  }

  @ParameterizedTest
  @CsvSource({
    "52.520008, 13.404954, Europe/Berlin",
    "-33.856785, 151.215302, Australia/Sydney",
    "-34.603722, -58.381592, America/Argentina/Buenos_Aires",
    "40.712776, -74.005974, America/New_York",
    "0, 9.45, Africa/Libreville",
    "51.4779, 0, Europe/London",
    "-16.5, 180, Pacific/Fiji",
  })
  void aPositionKeepsItsHemisphereAndGivesTheZone(double latitude, double longitude, String zone)
      throws Exception {
    PhotoMetadata read = read(located(latitude, longitude));
    assertThat(read.position()).isEqualTo("valid");
    assertThat(read.latitude()).isCloseTo(latitude, MICRODEGREE);
    assertThat(read.longitude()).isCloseTo(longitude, MICRODEGREE);
    assertThat(read.takenZone()).isEqualTo(zone);
    assertThat(read.takenZoneFrom()).isEqualTo("position");
  }

  @Test
  void aPositionInXmpAloneCounts() throws Exception {
    Path photo =
        DrawnPhoto.with(
            directory, "a.jpg", "-XMP-exif:GPSLatitude=-22.5", "-XMP-exif:GPSLongitude=-43.25");
    PhotoMetadata read = read(photo);
    assertThat(read.latitude()).isCloseTo(-22.5, MICRODEGREE);
    assertThat(read.longitude()).isCloseTo(-43.25, MICRODEGREE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-EXIF:GPSLatitude=0 -EXIF:GPSLatitudeRef=N -EXIF:GPSLongitude=0 -EXIF:GPSLongitudeRef=E",
        "-EXIF:GPSLatitude=213.64 -EXIF:GPSLatitudeRef=N -EXIF:GPSLongitude=103.48 -EXIF:GPSLongitudeRef=E",
        "-EXIF:GPSLatitude=10 -EXIF:GPSLatitudeRef=N -EXIF:GPSLongitude=180.5 -EXIF:GPSLongitudeRef=W",
        "-EXIF:GPSLatitude=10 -EXIF:GPSLongitude=20",
        "-EXIF:GPSLatitude=10 -EXIF:GPSLatitudeRef=N",
        "-EXIF:GPSLatitudeRef=N -EXIF:GPSLongitudeRef=E",
        "-EXIF:GPSLongitude=10 -EXIF:GPSLongitudeRef=W",
      })
  void aPositionThatCannotBeIsToldApartFromNone(String tags) throws Exception {
    PhotoMetadata read = read(DrawnPhoto.with(directory, "a.jpg", tags.split(" ")));
    assertThat(read.position()).isEqualTo("invalid");
    assertThat(read.latitude()).isNull();
    assertThat(read.longitude()).isNull();
    assertThat(read.hasPosition()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "-22.5 -43.25, valid",
    "0 0, invalid",
    "91 0, invalid",
    "1 2 3, invalid",
    "x y, invalid"
  })
  void withoutLatitudeAndLongitudeThePairInGpsPositionCounts(String pair, String position) {
    assertThat(said("\"Keys:GPSPosition\": \"%s\"".formatted(pair)).position()).isEqualTo(position);
  }

  @Test
  void aPairMadeOfNumbersThatLostTheirSignDoesNotCount() {
    PhotoMetadata read =
        said(
            """
            "FLIR:GPSLatitude": 34.07, "FLIR:GPSLongitude": 118.25,
            "FLIR:GPSLongitudeRef": "West", "Composite:GPSPosition": "34.07 118.25"
            """);
    assertThat(read.position()).isEqualTo("none");
  }

  @Test
  void aPhotoWithoutMetadataStillHasItsSize() throws Exception {
    PhotoMetadata read = read(DrawnPhoto.with(directory, "a.jpg"));
    assertThat(read.position()).isEqualTo("none");
    assertThat(read.takenAt()).isNull();
    assertThat(read.takenZone()).isNull();
    assertThat(read.takenZoneFrom()).isNull();
    assertThat(read.orientation()).isEqualTo(1);
    assertThat(read.storedWidth()).isEqualTo(DrawnPhoto.WIDTH);
    assertThat(read.height()).isEqualTo(DrawnPhoto.HEIGHT);
    assertThat(read.json())
        .contains("\"File:MIMEType\":\"image/jpeg\"")
        .doesNotContain("a.jpg")
        .doesNotContain("System:");
  }

  @ParameterizedTest
  @CsvSource({
    "1,40,30", "2,40,30", "3,40,30", "4,40,30", "5,30,40", "6,30,40", "7,30,40", "8,30,40"
  })
  void theSizeIsUprightInAllOrientations(int orientation, int width, int height) throws Exception {
    for (String name : List.of("a.jpg", "a.png")) {
      PhotoMetadata read =
          read(DrawnPhoto.with(directory, name, "-IFD0:Orientation=" + orientation));
      assertThat(read.orientation()).isEqualTo(orientation);
      assertThat(read.storedWidth()).isEqualTo(DrawnPhoto.WIDTH);
      assertThat(read.storedHeight()).isEqualTo(DrawnPhoto.HEIGHT);
      assertThat(read.width()).isEqualTo(width);
      assertThat(read.height()).isEqualTo(height);
    }
  }

  @ParameterizedTest
  @CsvSource({"0,1", "9,1", "-3,1", "\"x\",1", "6,6", "1e999,1"})
  void anOrientationThatIsNoneIsUpright(String told, int orientation) {
    assertThat(said("\"IFD0:Orientation\": " + told).orientation()).isEqualTo(orientation);
  }

  @ParameterizedTest
  @CsvSource({"0,1,400", "90,8,300", "180,3,400", "270,6,300"})
  void theContainersOwnRotationIsTakenBeforeExif(int rotation, int orientation, int width) {
    PhotoMetadata read =
        said(
            "\"QuickTime:Rotation\": %d, \"IFD0:Orientation\": 6, \"File:ImageWidth\": 400, \"File:ImageHeight\": 300"
                .formatted(rotation));
    assertThat(read.orientation()).isEqualTo(orientation);
    assertThat(read.width()).isEqualTo(width);
  }

  @Test
  void theCameraAndTheExposureAreRead() throws Exception {
    PhotoMetadata read =
        read(
            DrawnPhoto.with(
                directory,
                "a.jpg",
                "-Make=  Maker ",
                "-Model=Model 7 Ø 写真",
                "-LensModel=50mm F1.8",
                "-ExposureTime=0.008",
                "-FNumber=1.8",
                "-ISO=200",
                "-FocalLength=50"));
    assertThat(read.cameraMake()).isEqualTo("Maker");
    assertThat(read.cameraModel()).isEqualTo("Model 7 Ø 写真");
    assertThat(read.lens()).isEqualTo("50mm F1.8");
    assertThat(read.exposureSeconds()).isEqualTo(0.008);
    assertThat(read.aperture()).isEqualTo(1.8);
    assertThat(read.iso()).isEqualTo(200);
    assertThat(read.focalLengthMm()).isEqualTo(50.0);
  }

  @Test
  void theOffsetTagIsTakenBeforeThePosition() throws Exception {
    PhotoMetadata read =
        read(
            DrawnPhoto.with(
                directory,
                "a.jpg",
                "-DateTimeOriginal=2021:07:01 12:34:56",
                "-SubSecTimeOriginal=078",
                "-OffsetTimeOriginal=-03:30",
                "-EXIF:GPSLatitude=52.5",
                "-EXIF:GPSLatitudeRef=N",
                "-EXIF:GPSLongitude=13.4",
                "-EXIF:GPSLongitudeRef=E"));
    assertThat(read.takenAt()).isEqualTo(LocalDateTime.of(2021, 7, 1, 12, 34, 56, 78_000_000));
    assertThat(read.takenOffsetMinutes()).isEqualTo(-210);
    assertThat(read.takenZone()).isEqualTo("-03:30");
    assertThat(read.takenZoneFrom()).isEqualTo("offset-tag");
  }

  @ParameterizedTest
  @CsvSource({"2021:07:01 12:00:00, 120", "2021:12:01 12:00:00, 60"})
  void aZoneByPositionKnowsSummerTime(String taken, int offset) throws Exception {
    PhotoMetadata read =
        read(
            DrawnPhoto.with(
                directory,
                "a.jpg",
                "-DateTimeOriginal=" + taken,
                "-EXIF:GPSLatitude=52.5",
                "-EXIF:GPSLatitudeRef=N",
                "-EXIF:GPSLongitude=13.4",
                "-EXIF:GPSLongitudeRef=E"));
    assertThat(read.takenZone()).isEqualTo("Europe/Berlin");
    assertThat(read.takenOffsetMinutes()).isEqualTo(offset);
  }

  @Test
  void withoutOffsetAndPositionTheSettingHolds() throws Exception {
    PhotoMetadata read =
        read(DrawnPhoto.with(directory, "a.jpg", "-CreateDate=2021:07:01 12:34:56"));
    assertThat(read.takenAt()).isEqualTo(LocalDateTime.of(2021, 7, 1, 12, 34, 56));
    assertThat(read.takenOffsetMinutes()).isEqualTo(345);
    assertThat(read.takenZone()).isEqualTo("Asia/Kathmandu");
    assertThat(read.takenZoneFrom()).isEqualTo("setting");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2021:02:30 12:00:00",
        "2021:01:01 25:00:00",
        "0001:01:01 00:00:00",
        "yesterday",
        ""
      })
  void aTimeThatCannotBeIsNone(String time) {
    PhotoMetadata read = said("\"ExifIFD:DateTimeOriginal\": \"%s\"".formatted(time));
    assertThat(read.takenAt()).isNull();
    assertThat(read.takenOffsetMinutes()).isNull();
  }

  @Test
  void aTimeThatCannotBeGivesWayToTheNextBest() {
    PhotoMetadata read =
        said(
            """
            "ExifIFD:DateTimeOriginal": "0000:00:00 00:00:00",
            "XMP-xmp:CreateDate": "2019:05:06 07:08:09.5+02:00"
            """);
    assertThat(read.takenAt()).isEqualTo(LocalDateTime.of(2019, 5, 6, 7, 8, 9, 500_000_000));
    assertThat(read.takenZone()).isEqualTo("+02:00");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NaN",
        "inf",
        "undef",
        "-",
        "1e999",
        "-1e999",
        "x",
        "0",
        "-5",
        "",
        "9999999999999999999"
      })
  void hostileNumbersAreNotThere(String text) {
    for (String value : List.of("\"" + text + "\"", "[1, 2]", "{\"a\": 1}", "null", "true")) {
      PhotoMetadata read =
          said(
              """
              "ExifIFD:ISO": %1$s, "ExifIFD:ExposureTime": [%1$s], "ExifIFD:FNumber": {"a": %1$s},
              "File:ImageWidth": %1$s, "File:ImageHeight": 5, "IFD0:Orientation": %1$s,
              "Composite:GPSLatitude": [%1$s], "Composite:GPSLongitude": %1$s,
              "ExifIFD:DateTimeOriginal": %1$s, "ExifIFD:SubSecTimeOriginal": %1$s
              """
                  .formatted(value));
      assertThat(read.iso()).isNull();
      assertThat(read.exposureSeconds()).isNull();
      assertThat(read.aperture()).isNull();
      assertThat(read.takenAt()).isNull();
      assertThat(read.position()).isEqualTo("invalid");
      assertThat(read.orientation()).isBetween(1, 8);
    }
  }

  @Test
  void bareNumbersBeyondADoubleAreNotThereAndStayInTheJsonAsTheyWere() {
    PhotoMetadata read = said("\"ExifIFD:ExposureTime\": 1e999, \"Nikon:Version\": 2.10");
    assertThat(read.exposureSeconds()).isNull();
    assertThat(read.json()).contains("1E+999").contains("2.10");
  }

  @Test
  void longTextsAreCutToTheColumnWithoutPartingACharacter() {
    PhotoMetadata read =
        said(
            "\"IFD0:Make\": \"%s\", \"IFD0:Model\": \"a\\u0000\\u0007\\nb\", \"ExifIFD:LensModel\": 12"
                .formatted("😀".repeat(4000)));
    assertThat(read.cameraMake()).isEqualTo("😀".repeat(255));
    assertThat(read.cameraModel()).isEqualTo("a b");
    assertThat(read.lens()).isEqualTo("12");
  }

  @Test
  void jsonBeyondAMebibyteLosesItsLargestValuesAndSaysSo() throws Exception {
    String large = "ø".repeat(400_000);
    PhotoMetadata read =
        said(
            "\"PNG:Comment\": \"%1$s\", \"XMP:Other\": [\"%1$s\", \"more\"], \"IFD0:Make\": \"Maker\""
                .formatted(large));
    assertThat(read.json().getBytes(StandardCharsets.UTF_8).length)
        .isLessThanOrEqualTo(StoredJson.MOST_BYTES);
    JsonNode kept = new ObjectMapper().readTree(read.json());
    assertThat(kept.has("XMP:Other")).isFalse();
    assertThat(kept.get("PNG:Comment").asText()).isEqualTo(large);
    assertThat(kept.get("IFD0:Make").asText()).isEqualTo("Maker");
    assertThat(kept.get("Caravel:Truncated").toString()).contains("XMP:Other");
  }

  /** As writers of captions did that appended theirs at each save. */
  @Test
  void aTagOfNineMegabytesIsLeftOutAloneAndNamed() throws Exception {
    Path photo =
        DrawnPhoto.with(directory, "a.png", "-XMP-exif:DateTimeOriginal=2015:05:05 05:05:05");
    Path caption = Files.writeString(directory.resolve("caption"), "lorem ipsum ".repeat(780_000));
    DrawnPhoto.write(photo, "-XMP-dc:Description<=" + caption, "-XMP-tiff:Make=Maker");
    PhotoMetadata read = read(photo);
    assertThat(read.takenAt()).isEqualTo(LocalDateTime.of(2015, 5, 5, 5, 5, 5));
    assertThat(read.cameraMake()).isEqualTo("Maker");
    JsonNode kept = new ObjectMapper().readTree(read.json());
    assertThat(kept.has("XMP-dc:Description")).isFalse();
    assertThat(kept.get("Caravel:Truncated").get(0).asText())
        .isEqualTo("XMP-dc:Description (9360028 bytes)");
    assertThat(kept.get("PNG:ImageWidth").asInt()).isEqualTo(DrawnPhoto.WIDTH);
  }

  @Test
  void aMillionSmallValuesAreCutTooAndTheMarkerStaysShort() {
    StringBuilder many = new StringBuilder("\"IFD0:Make\": \"Maker\"");
    for (int i = 0; i < 200_000; i++) {
      many.append(", \"XMP-x:Tag").append(i).append("\": ").append(i);
    }
    String json = said(many.toString()).json();
    assertThat(json.length()).isLessThanOrEqualTo(StoredJson.MOST_BYTES);
    assertThat(json).containsPattern("and \\d+ more");
  }

  @Test
  void anErrorOfExifToolIsAFailureOnlyWhenNothingElseWasRead() {
    assertThat(said("\"ExifTool:Error\": \"File format error\", \"IFD0:Make\": \"M\"").cameraMake())
        .isEqualTo("M");
    Failure failure = failureOf("[{\"SourceFile\": \"x\", \"ExifTool:Error\": \"File is empty\"}]");
    assertThat(failure.cause()).isEqualTo("exiftool-failed");
    assertThat(failure.lasting()).isTrue();
    assertThat(failure).hasMessageContaining("File is empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "[]", "{}", "[1]", "null", "Error: no", "[{}, {}]"})
  void anAnswerThatIsNoneIsALastingFailure(String answer) {
    Failure failure = failureOf(answer);
    assertThat(failure.cause()).isEqualTo("exiftool-failed");
    assertThat(failure.lasting()).isTrue();
  }

  @Test
  void valuesNestedWithoutEndAreALastingFailure() {
    Failure failure = failureOf("[{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}]");
    assertThat(failure.lasting()).isTrue();
  }

  @Test
  void aMissingOriginalIsAPassingFailure() {
    Failure failure = failureOf("");
    assertThat(failure.cause()).isEqualTo("disk-unavailable");
    assertThat(failure.lasting()).isFalse();
  }

  private Path located(double latitude, double longitude) throws Exception {
    return DrawnPhoto.with(
        directory,
        "a.jpg",
        "-DateTimeOriginal=2021:07:01 12:34:56",
        "-EXIF:GPSLatitude=" + Math.abs(latitude),
        "-EXIF:GPSLatitudeRef=" + (latitude < 0 ? "S" : "N"),
        "-EXIF:GPSLongitude=" + Math.abs(longitude),
        "-EXIF:GPSLongitudeRef=" + (longitude < 0 ? "W" : "E"));
  }

  /** What is told of a photo, and the picture that is made of it, are turned by one reading. */
  @Test
  void theOrientationIsReadByCaravelWhereItReadsTheKind() throws Exception {
    Path file = DrawnPhoto.with(directory, "turned.jpg", "-IFD0:Orientation=6");
    String answer =
        "[{\"SourceFile\": \"%s\", \"IFD0:Orientation\": 1, \"File:ImageWidth\": 40, \"File:ImageHeight\": 30}]"
            .formatted(file);
    PhotoMetadata read = reader.read(answer, photo("image/jpeg"));
    assertThat(read.orientation()).isEqualTo(6);
    assertThat(read.width()).isEqualTo(30);
    assertThat(reader.read(answer, photo("image/tiff")).orientation()).isEqualTo(1);
  }

  private static Photo photo(String type) {
    return new Photo(1, "0", "a", type, 1, "private", "", "a", false, null, null);
  }

  private PhotoMetadata read(Path photo) {
    return reader.read(EXIFTOOL.read(List.of(photo.toString())), "a.jpg", null);
  }

  private PhotoMetadata said(String tags) {
    return reader.read("[{\"SourceFile\": \"x.jpg\", " + tags + "}]", "a.jpg", null);
  }

  private Failure failureOf(String answer) {
    return requireNonNull(
        catchThrowableOfType(Failure.class, () -> reader.read(answer, "a.jpg", null)));
  }
}
