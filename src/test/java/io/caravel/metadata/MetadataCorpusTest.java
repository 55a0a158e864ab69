package io.caravel.metadata;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.caravel.ground.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The real photos of the corpus against its manifest. */
class MetadataCorpusTest {
  private static final Offset<Double> MICRODEGREE = Offset.offset(1e-6);

  private static final Pattern CELL = Pattern.compile("(?:^|,)(\"(?:[^\"]|\"\")*\"|[^,\"]*)");

  private final MetadataReader reader =
      new MetadataReader(new ZoneMap(), ZoneOffset.UTC, InstantSource.system());

  @Test
  void everyPhotoHasTheManifestsPositionOrientationAndSize() throws Exception {
    List<Map<String, String>> photos = manifest();
    int positions = 0;
    SoftAssertions softly = new SoftAssertions();
    try (ExifToolPool exiftool = ShippedExifTool.pool(1)) {
      for (Map<String, String> photo : photos) {
        String file = cell(photo, "file");
        String answer = exiftool.read(List.of(corpus().resolve(file).toString()));
        Optional<PhotoMetadata> read = read(answer);
        if (read.isEmpty()) {
          softly.assertThat(cell(photo, "has_gps")).as(file).isEqualTo("no");
          softly.assertThat(file).as("ExifTool could not read").startsWith("broken/");
          continue;
        }
        positions += checkPosition(softly, photo, read.get());
        checkSize(softly, photo, read.get());
      }
    }
    softly.assertAll();
    assertThat(positions).isEqualTo(35);
  }

  private static int checkPosition(
      SoftAssertions softly, Map<String, String> photo, PhotoMetadata read) {
    String file = cell(photo, "file");
    String told = cell(photo, "has_gps");
    if (!told.equals("yes")) {
      softly.assertThat(read.position()).as(file).isEqualTo(told.equals("no") ? "none" : "invalid");
      return 0;
    }
    double latitude = Double.parseDouble(cell(photo, "lat"));
    double longitude = Double.parseDouble(cell(photo, "lon"));
    if (Math.abs(latitude) > 90 || latitude == 0 && longitude == 0) {
      softly.assertThat(read.position()).as(file).isEqualTo("invalid");
      softly.assertThat(read.latitude()).as(file).isNull();
      return 0;
    }
    softly.assertThat(read.position()).as(file).isEqualTo("valid");
    softly.assertThat(read.latitude()).as(file).isCloseTo(latitude, MICRODEGREE);
    softly.assertThat(read.longitude()).as(file).isCloseTo(longitude, MICRODEGREE);
    return 1;
  }

  private static void checkSize(
      SoftAssertions softly, Map<String, String> photo, PhotoMetadata read) {
    String file = cell(photo, "file");
    // Of a RAW file the manifest has the embedded preview's size.
    if (file.startsWith("broken/") || file.startsWith("raw/") || cell(photo, "width").isEmpty()) {
      return;
    }
    softly.assertThat(read.storedWidth()).as(file).isEqualTo(Integer.valueOf(cell(photo, "width")));
    softly
        .assertThat(read.storedHeight())
        .as(file)
        .isEqualTo(Integer.valueOf(cell(photo, "height")));
    if (cell(photo, "orientation").matches("[1-8]")) {
      softly
          .assertThat(read.orientation())
          .as(file)
          .isEqualTo(Integer.parseInt(cell(photo, "orientation")));
    }
  }

  private Optional<PhotoMetadata> read(String answer) {
    try {
      return Optional.of(reader.read(answer, "a.jpg", null));
    } catch (Failure e) {
      assertThat(e.cause()).isEqualTo("exiftool-failed");
      assertThat(e.lasting()).isTrue();
      return Optional.empty();
    }
  }

  private static Path corpus() {
    String told =
        System.getProperty(
            "CARAVEL_CORPUS",
            Optional.ofNullable(System.getenv("CARAVEL_CORPUS")).orElse("../shared/corpus"));
    return Path.of(told);
  }

  private static List<Map<String, String>> manifest() throws IOException {
    Path file = corpus().resolve("manifest.csv");
    assumeThat(file).as("the corpus of real photos (CARAVEL_CORPUS)").exists();
    List<String> lines = Files.readAllLines(file);
    List<String> names = cells(lines.get(0));
    List<Map<String, String>> photos = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      List<String> cells = cells(line);
      Map<String, String> photo = new HashMap<>();
      for (int i = 0; i < names.size(); i++) {
        photo.put(names.get(i), cells.get(i));
      }
      photos.add(photo);
    }
    return photos;
  }

  private static String cell(Map<String, String> photo, String name) {
    return requireNonNull(photo.get(name));
  }

  private static List<String> cells(String line) {
    return CELL.matcher(line)
        .results()
        .map(cell -> cell.group(1).replaceAll("^\"|\"$", "").replace("\"\"", "\""))
        .toList();
  }
}
