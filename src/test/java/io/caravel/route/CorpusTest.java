package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.route.Api.Answer;
import io.caravel.route.Api.Part;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.imageio.ImageIO;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/** Real photos from public collections, sound and broken, through the whole flow. */
class CorpusTest extends FlowTest {
  /** What becomes of a file that is broken or pretends: rejected with, or thumbnails end as. */
  private static final Map<String, String> EXPECTED = CorpusOutcomesTest.table();

  /** Positions that the manifest does not know, from tags beside EXIF's: latitude, longitude. */
  private static final Map<String, String> ELSEWHERE =
      Map.of("gps/FLIR iPhone device.jpg", "34.0754261592891 -118.254268165533");

  private List<Map<String, String>> manifest = List.of();
  private Path corpus = Path.of("");

  @BeforeEach
  void find() throws IOException {
    String named = System.getProperty("CARAVEL_CORPUS", System.getenv("CARAVEL_CORPUS"));
    corpus = Path.of(named == null ? "../shared/corpus" : named);
    Assumptions.assumeTrue(
        Files.isRegularFile(corpus.resolve("manifest.csv")),
        "no corpus of photos: set CARAVEL_CORPUS to its folder");
    manifest = Csv.read(corpus.resolve("manifest.csv"));
  }

  private List<Map<String, String>> rows(boolean madeThumbnails) {
    return manifest.stream().filter(row -> plain(row) == madeThumbnails).toList();
  }

  /** JPEG, PNG, GIF and BMP by content, or files that pretend to be one. */
  private static boolean plain(Map<String, String> row) {
    String mime = row.getOrDefault("mime", "");
    String file = row.getOrDefault("file", "");
    return Set.of("image/jpeg", "image/png", "image/gif", "image/bmp").contains(mime)
        || file.startsWith("broken/") && file.matches(".*\\.(jpe?g|png|gif|bmp)$");
  }

  private static String file(Map<String, String> row) {
    return Objects.requireNonNull(row.get("file"));
  }

  private Map<String, JsonNode> upload(List<Map<String, String>> rows) throws IOException {
    List<Part> parts = new ArrayList<>();
    for (Map<String, String> row : rows) {
      parts.add(new Part(file(row), file(row), Files.readAllBytes(corpus.resolve(file(row)))));
    }
    Answer answer = api.upload(parts.toArray(Part[]::new));
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    Map<String, JsonNode> outcomes = new LinkedHashMap<>();
    for (int row = 0; row < rows.size(); row++) {
      outcomes.put(file(rows.get(row)), answer.json().path("photos").path(row));
    }
    return outcomes;
  }

  private String became(JsonNode outcome) {
    if (outcome.path("status").asText().equals("rejected")) {
      return "rejected " + outcome.path("cause").asText();
    }
    JsonNode job = ended(outcome.path("id").asLong(), "thumbnails");
    if (api.photo(outcome.path("id").asLong()).path("damaged").asBoolean()) {
      return "damaged";
    }
    return job.path("state").asText().replace("done", "whole")
        + (job.path("cause").isNull() ? "" : " " + job.path("cause").asText());
  }

  @Test
  void allOfTheCommonFormatsInOneRequestAndThenAgainByTheInbox() throws Exception {
    List<Map<String, String>> rows = rows(true);
    Map<String, JsonNode> outcomes = upload(rows);
    SoftAssertions softly = new SoftAssertions();
    for (Map<String, String> row : rows) {
      JsonNode outcome = Objects.requireNonNull(outcomes.get(file(row)));
      String expected = EXPECTED.get(file(row));
      softly.assertThat(became(outcome)).as(file(row)).isEqualTo(expected);
      if (!outcome.path("status").asText().equals("rejected")) {
        positions(softly, row, outcome.path("id").asLong());
      }
    }
    orientations(softly, outcomes);
    softly.assertAll();

    long photos = count("select count(*) from images");
    long jobs = count("select count(*) from jobs");
    for (Map<String, String> row : rows) {
      Path copy = inbox().resolve("corpus").resolve(file(row));
      Files.createDirectories(copy.getParent());
      Files.copy(corpus.resolve(file(row)), copy);
    }
    long rejected =
        EXPECTED.entrySet().stream()
            .filter(e -> e.getValue().startsWith("rejected") && outcomes.containsKey(e.getKey()))
            .count();
    eventually(
        "all have left the inbox",
        () ->
            files(".done/corpus") == rows.size() - rejected
                && files(".failed/corpus") == 2 * rejected);
    assertThat(count("select count(*) from images")).isEqualTo(photos);
    assertThat(count("select count(*) from jobs")).isEqualTo(jobs);
    FileSystemUtils.deleteRecursively(inbox().resolve(".done/corpus"));
    FileSystemUtils.deleteRecursively(inbox().resolve(".failed/corpus"));
  }

  private long files(String folder) throws IOException {
    Path path = inbox().resolve(folder);
    if (!Files.isDirectory(path)) {
      return 0;
    }
    try (var files = Files.walk(path)) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  private void positions(SoftAssertions softly, Map<String, String> row, long id) {
    ended(id, "metadata");
    JsonNode photo = api.photo(id);
    String[] known = ELSEWHERE.getOrDefault(file(row), "").split(" ");
    String latitude = known.length == 2 ? known[0] : row.getOrDefault("lat", "");
    String longitude = known.length == 2 ? known[1] : row.getOrDefault("lon", "");
    if (photo.path("position").asText().equals("valid")) {
      softly.assertThat(latitude).as("a position of " + file(row)).isNotEmpty();
      if (latitude.isEmpty()) {
        return;
      }
      softly
          .assertThat(photo.path("latitude").asDouble())
          .as("latitude of " + file(row))
          .isCloseTo(Double.parseDouble(latitude), within(1e-6));
      softly
          .assertThat(photo.path("longitude").asDouble())
          .as("longitude of " + file(row))
          .isCloseTo(Double.parseDouble(longitude), within(1e-6));
      softly.assertThat(ended(id, "geolocation").path("state").asText()).isEqualTo("done");
    } else {
      boolean usable =
          row.getOrDefault("has_gps", "").equals("yes")
              && Math.abs(Double.parseDouble(latitude)) <= 90
              && Math.abs(Double.parseDouble(longitude)) <= 180
              && !(Double.parseDouble(latitude) == 0 && Double.parseDouble(longitude) == 0);
      softly.assertThat(usable).as("has a position: " + file(row)).isFalse();
    }
  }

  /** The eight Landscapes show one scene: upright they look alike. */
  private void orientations(SoftAssertions softly, Map<String, JsonNode> outcomes)
      throws IOException {
    BufferedImage first = landscape(outcomes, 1);
    for (int orientation = 2; orientation <= 8; orientation++) {
      BufferedImage other = landscape(outcomes, orientation);
      softly.assertThat(other.getWidth()).isEqualTo(first.getWidth());
      softly.assertThat(other.getHeight()).isEqualTo(first.getHeight());
      softly
          .assertThat(difference(first, other))
          .as("mean difference of Landscape_" + orientation)
          .isLessThan(6);
      long id = photo(outcomes, orientation);
      softly.assertThat(api.photo(id).path("width").asInt()).isEqualTo(1800);
      softly.assertThat(api.photo(id).path("orientation").asInt()).isEqualTo(orientation);
    }
  }

  private static long photo(Map<String, JsonNode> outcomes, int orientation) {
    String file = "orientation/Landscape_" + orientation + ".jpg";
    return Objects.requireNonNull(outcomes.get(file)).path("id").asLong();
  }

  private BufferedImage landscape(Map<String, JsonNode> outcomes, int orientation)
      throws IOException {
    Answer answer =
        api.get("/api/photos/" + photo(outcomes, orientation) + "/thumbnails/cover-300x300");
    return ImageIO.read(new ByteArrayInputStream(answer.body()));
  }

  private static double difference(BufferedImage one, BufferedImage other) {
    long sum = 0;
    for (int y = 0; y < one.getHeight(); y++) {
      for (int x = 0; x < one.getWidth(); x++) {
        for (int shift = 0; shift <= 16; shift += 8) {
          sum +=
              Math.abs((one.getRGB(x, y) >> shift & 0xFF) - (other.getRGB(x, y) >> shift & 0xFF));
        }
      }
    }
    return sum / (3.0 * one.getWidth() * one.getHeight());
  }

  @Test
  void otherFormatsGetTheirThumbnailsAndMetadataToo() throws Exception {
    SoftAssertions softly = new SoftAssertions();
    Set<String> types = new HashSet<>();
    for (Map.Entry<String, JsonNode> each : upload(rows(false)).entrySet()) {
      JsonNode outcome = each.getValue();
      String expected = EXPECTED.get(each.getKey());
      softly.assertThat(became(outcome)).as(each.getKey()).isEqualTo(expected);
      if (!outcome.path("status").asText().equals("rejected")) {
        long id = outcome.path("id").asLong();
        softly
            .assertThat(ended(id, "metadata").path("state").asText())
            .as("metadata of " + each.getKey())
            .isEqualTo("done");
        types.add(api.photo(id).path("mime_type").asText());
      }
    }
    softly.assertThat(types).contains("image/heic", "image/webp", "image/tiff", "image/avif");
    softly.assertAll();
  }
}
