package io.caravel.route;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.ground.Failure;
import io.caravel.photo.Corpus;
import io.caravel.route.Api.Part;
import io.caravel.thumbnail.ThumbnailSpec;
import io.caravel.thumbnail.ThumbnailatorThumbnailer;
import io.caravel.thumbnail.Thumbnailer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/**
 * {@code corpus-outcomes.csv} says for each file of the corpus what becomes of it: {@code whole},
 * {@code damaged}, {@code rejected} or {@code failed}, the last two with their cause. Held against
 * the running program; the thumbnails of whole pictures against those of an independent decoder.
 */
@DirtiesContext // nobody shares it
@TestPropertySource(properties = {"caravel.max-upload-mb=64", "caravel.home=${test.home}/outcomes"})
class CorpusOutcomesTest extends FlowTest {
  /** Of 255; the other engine passes over pixels of large pictures. CMYK has no one way to RGB. */
  private static final double MEAN_DIFFERENCE = 8;

  @TempDir Path directory = Path.of("");

  @Test
  void everyFileOfTheCorpusEndsAsTheTableSays() throws Exception {
    Map<String, String> expected = table();
    Map<String, String> found = new TreeMap<>();
    List<String> unlike = new ArrayList<>();
    Thumbnailer independent = new ThumbnailatorThumbnailer(90);
    Map<String, Long> photos = new TreeMap<>();
    for (Map<String, String> row : Corpus.manifest()) {
      String name = Objects.requireNonNull(row.get("file"));
      byte[] content = Files.readAllBytes(Corpus.directory().resolve(name));
      JsonNode answer = api.upload(Part.file("a", content)).photo();
      if (answer.path("status").asText().equals("rejected")) {
        found.put(name, "rejected " + answer.path("cause").asText());
      } else {
        photos.put(name, answer.path("id").asLong());
      }
    }
    for (Map.Entry<String, Long> each : photos.entrySet()) {
      String name = each.getKey();
      JsonNode job = ended(each.getValue(), "thumbnails");
      JsonNode photo = api.get("/api/photos/" + each.getValue()).json();
      String outcome =
          job.path("state").asText().equals("failed")
              ? "failed " + job.path("cause").asText()
              : photo.path("damaged").asBoolean() ? "damaged" : "whole";
      found.put(name, outcome);
      if (outcome.equals("whole")) {
        compare(independent, name, each.getValue(), unlike);
      }
    }
    SoftAssertions.assertSoftly(
        softly -> {
          softly.assertThat(found).containsExactlyInAnyOrderEntriesOf(expected);
          softly.assertThat(unlike).isEmpty();
        });
  }

  private void compare(Thumbnailer independent, String name, long photo, List<String> unlike)
      throws IOException {
    ThumbnailSpec spec = ThumbnailSpec.parse("scale:1600x1600");
    Path file = directory.resolve(photo + ".jpg");
    try {
      if (independent
              .make(Corpus.directory().resolve(name), List.of(new Thumbnailer.Target(spec, file)))
              .damage()
          != null) {
        return;
      }
    } catch (Failure e) {
      return; // it cannot read this one
    }
    BufferedImage theirs = ImageIO.read(file.toFile());
    BufferedImage ours =
        ImageIO.read(
            new ByteArrayInputStream(
                api.get("/api/photos/" + photo + "/thumbnails/scale-1600x1600").body()));
    if (ours.getWidth() != theirs.getWidth() || ours.getHeight() != theirs.getHeight()) {
      unlike.add(
          "%s is %d x %d, not %d x %d"
              .formatted(
                  name, ours.getWidth(), ours.getHeight(), theirs.getWidth(), theirs.getHeight()));
      return;
    }
    double difference = difference(ours, theirs);
    boolean cmyk = name.toLowerCase(java.util.Locale.ROOT).contains("cmyk");
    if (difference > MEAN_DIFFERENCE && !(cmyk && difference < 10 * MEAN_DIFFERENCE)) {
      unlike.add("%s differs by %.1f".formatted(name, difference));
    }
  }

  /** Mean difference of a sample, of 255. */
  private static double difference(BufferedImage one, BufferedImage other) {
    long sum = 0;
    for (int y = 0; y < one.getHeight(); y++) {
      for (int x = 0; x < one.getWidth(); x++) {
        int a = one.getRGB(x, y);
        int b = other.getRGB(x, y);
        for (int shift = 0; shift <= 16; shift += 8) {
          sum += Math.abs((a >> shift & 255) - (b >> shift & 255));
        }
      }
    }
    return sum / 3.0 / one.getWidth() / one.getHeight();
  }

  static Map<String, String> table() {
    Map<String, String> table = new TreeMap<>();
    try (InputStream in =
        Objects.requireNonNull(
            CorpusOutcomesTest.class.getResourceAsStream("/corpus-outcomes.csv"))) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .skip(1)
          .forEach(
              line -> {
                int comma = line.lastIndexOf(',');
                table.put(line.substring(0, comma), line.substring(comma + 1));
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return table;
  }
}
