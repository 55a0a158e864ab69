package io.caravel.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.photo.Sidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which goes before which: the photo, the XMP beside it, Takeout's JSON. */
class BesideTest {
  private static final String TAKEOUT =
      """
      {"title": "a.jpg", "description": "Takeout's", "photoTakenTime": {"timestamp": "1562236390"},
       "geoData": {"latitude": 0.0, "longitude": 0.0}, "geoDataExif": {"latitude": 10.5, "longitude": 20.5},
       "people": [{"name": "Renée"}, {"name": ""}, {}]}
      """;

  private static final String XMP_TIME = "\"XMP-xmp:CreateDate\": \"2001:02:03 04:05:06\"";
  private static final String XMP_PLACE =
      "\"XMP-exif:GPSLatitude\": 30.5, \"XMP-exif:GPSLongitude\": 40.5";

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  private final MetadataReader reader =
      new MetadataReader(new ZoneMap(), ZoneOffset.UTC, InstantSource.system());

  private PhotoMetadata read(String own, String beside, String takeout) throws IOException {
    Path json = Files.writeString(directory.resolve("a.jpg.json"), takeout);
    return reader.read(
        "[{\"SourceFile\": \"/a.jpg\", \"File:ImageWidth\": 1%s},{\"SourceFile\": \"/a.xmp\"%s}]"
            .formatted(own.isEmpty() ? "" : ", " + own, beside.isEmpty() ? "" : ", " + beside),
        "IMG-20150101-WA0001.jpg",
        null,
        List.of(
            new Sidecar(1, "xmp", "a.xmp", Path.of("/a.xmp")),
            new Sidecar(2, "takeout", "a.jpg.json", json)),
        null);
  }

  @Test
  void wordsAreThoseBesideThePhotoFirst() throws IOException {
    PhotoMetadata read =
        read(
            "\"XMP-dc:Title\": \"Own\", \"XMP-xmp:Rating\": 1, \"XMP-dc:Description\": \"Own\", \"XMP-dc:Creator\": \"Own\"",
            "\"XMP-dc:Title\": \"Beside\", \"XMP-xmp:Rating\": 4",
            TAKEOUT);
    assertThat(read.words().title()).isEqualTo("Beside");
    assertThat(read.words().rating()).isEqualTo(4);
    assertThat(read.words().caption()).isEqualTo("Takeout's");
    assertThat(read.words().creator()).isEqualTo("Own");
    assertThat(read.words().persons()).containsExactly("Renée");
    assertThat(read.sidecars()).containsExactly(1L, 2L);
  }

  @Test
  void theDateIsTheOwnThenThatBesideThenTakeoutsThenThatOfTheName() throws IOException {
    PhotoMetadata own = read("\"ExifIFD:CreateDate\": \"1999:01:01 00:00:01\"", XMP_TIME, TAKEOUT);
    assertThat(own.takenFrom()).isEqualTo("exif");
    PhotoMetadata beside = read("", XMP_TIME, TAKEOUT);
    assertThat(beside.takenFrom()).isEqualTo("sidecar");
    assertThat(beside.takenAt()).isEqualTo(LocalDateTime.of(2001, 2, 3, 4, 5, 6));
    PhotoMetadata takeout = read("", "", TAKEOUT);
    assertThat(takeout.takenFrom()).isEqualTo("takeout");
    assertThat(takeout.takenZoneFrom()).isEqualTo("position");
    assertThat(read("", "", "{}").takenFrom()).isEqualTo("name");
  }

  @Test
  void thePositionIsTheOwnThenThatBesideThenTakeouts() throws IOException {
    String place =
        "\"GPS:GPSLatitude\": 50.5, \"GPS:GPSLatitudeRef\": \"N\", \"GPS:GPSLongitude\": 60.5, \"GPS:GPSLongitudeRef\": \"E\"";
    assertThat(read(place, XMP_PLACE, TAKEOUT).latitude()).isEqualTo(50.5);
    assertThat(read("", XMP_PLACE, TAKEOUT).latitude()).isEqualTo(30.5);
    PhotoMetadata invalid = read("\"GPS:GPSLatitude\": 0", "", TAKEOUT);
    assertThat(invalid.latitude()).isEqualTo(10.5);
    assertThat(invalid.longitude()).isEqualTo(20.5);
    assertThat(invalid.position()).isEqualTo("valid");
    assertThat(read("\"GPS:GPSLatitude\": 0", "", "{}").position()).isEqualTo("invalid");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "nothing",
        "{\"photoTakenTime\": 5}",
        "{\"photoTakenTime\": {\"timestamp\": \"soon\"}}",
        "{\"photoTakenTime\": {\"timestamp\": \"99999999999999999999\"}, \"geoData\": {\"latitude\": 95, \"longitude\": 1}}",
      })
  void aBrokenOneTellsNothing(String takeout) throws IOException {
    PhotoMetadata read = read("", "", takeout);
    assertThat(read.takenFrom()).isEqualTo("name");
    assertThat(read.position()).isEqualTo("none");
  }
}
