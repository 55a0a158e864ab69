package io.caravel.thumbnail;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.ground.Failure;
import io.caravel.photo.Corpus;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import io.caravel.thumbnail.Thumbnailer.Target;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of each photo of the corpus with the engine in pure Java. */
@NullUnmarked
class CorpusThumbnailsTest {
  private static final int MAX_MEGAPIXELS = 300;

  /** A file of broken/: refused at the door with this cause, or failed, damaged or done. */
  private static final Map<String, String> BROKEN =
      Map.ofEntries(
          entry("11-tests.jpg", "done"),
          entry("30-type_error.jpg", "done"),
          entry(
              "IllegalArgumentException.HeifReader.processBoxes.heif", "failed unsupported-format"),
          entry("QuickTime.heic", "failed unsupported-format"),
          entry("actually-a-pdf.jpg", "rejected not-a-picture"),
          entry("actually-a-zip.jpeg", "rejected not-a-picture"),
          entry("actually-an-svg.jpg", "rejected not-a-picture"),
          entry("actually-html.png", "rejected not-a-picture"),
          entry("actually-text.jpg", "rejected not-a-picture"),
          entry("animated-earth.jpg", "damaged"),
          entry("broken.png", "rejected not-a-picture"),
          entry("broken_data_stream.png", "failed undecodable"),
          entry("c52ffdd6a0346c4d09271f8ccbdfd5a3.jpg", "failed undecodable"),
          entry("corrupt-header.jpg", "rejected not-a-picture"),
          entry("corrupted.jpg", "failed undecodable"),
          entry("ef724193653930f52acffa90e6426fd2.jpg", "failed undecodable"),
          entry("f012a4321f00f12af6b1eee7580ffb9c.jpg", "rejected not-a-picture"),
          entry("fddcfc778ada60229380c2493fc4c243.jpg", "failed undecodable"),
          entry("hopper_bad_exif.jpg", "done"),
          entry("image00971.jpg", "done"),
          entry("image01551.jpg", "done"),
          entry("image01980.jpg", "done"),
          entry("png_decompression_dos.png", "done"),
          entry("reallybig.bmp", "rejected too-many-pixels"),
          entry("this-is-a-jpeg.png", "done"),
          entry("truncated.jpg", "damaged"),
          entry("truncated.png", "damaged"),
          // Only the last chunk is missing: the picture is whole.
          entry("truncated_end_chunk.png", "done"),
          entry("truncated_jpeg.jpg", "damaged"),
          entry("truncated_with_gps.jpg", "damaged"),
          entry("xc1n0g08.png", "failed undecodable"),
          // A wrong checksum of a right header, which ImageIO does not look at.
          entry("xhdn0g08.png", "done"),
          entry("xs1n0g01.png", "rejected not-a-picture"),
          entry("zero_bytes.jpg", "rejected not-a-picture"));

  @TempDir Path directory;

  private final Thumbnailer thumbnailer = new ThumbnailatorThumbnailer(82);

  @Test
  void everyBrokenFileEndsAsExpected() throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(Corpus.directory().resolve("broken"))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        found.put(String.valueOf(file.getFileName()), outcome(file));
      }
    }
    assertThat(found).containsExactlyInAnyOrderEntriesOf(BROKEN);
  }

  @Test
  void everyOtherFileOfACommonFormatGetsItsThumbnailAndTheRestSaysWhyNot() throws IOException {
    List<Map<String, String>> manifest = Corpus.manifest();
    assertThat(manifest).hasSize(261);
    for (Map<String, String> row : manifest) {
      String name = row.get("file");
      if (!name.startsWith("broken/")) {
        Path file = Corpus.directory().resolve(name);
        PictureType type = PictureHeader.read(file).type();
        assertThat(outcome(file))
            .as(name)
            .isEqualTo(thumbnailer.reads(type) ? "done" : "failed unsupported-format");
      }
    }
  }

  @Test
  void theEightOrientationsOfAPhotoLookTheSame() throws IOException {
    for (String kind : List.of("Landscape", "Portrait")) {
      Path first = Corpus.directory().resolve("orientation/" + kind + "_1.jpg");
      if (!Files.exists(first)) {
        continue;
      }
      BufferedImage expected = made(first, "scale:200x200");
      for (int i = 2; i <= 8; i++) {
        Path other = Corpus.directory().resolve("orientation/" + kind + "_" + i + ".jpg");
        assertThat(difference(made(other, "scale:200x200"), expected))
            .as(other.toString())
            .isLessThan(4);
      }
    }
  }

  @Test
  void cmykHasTheColoursOfItsRgbTwin() throws IOException {
    BufferedImage red =
        made(Corpus.directory().resolve("formats/pil_sample_cmyk.jpg"), "scale:100x100");

    assertThat(red.getRGB(5, 2) >> 16 & 255).as("red").isGreaterThan(180);
    assertThat(red.getRGB(5, 2) & 255).as("blue").isLessThan(80);
    assertThat(red.getRGB(90, 90) & 255).as("the black background").isLessThan(40);
    BufferedImage byProfile =
        made(
            Corpus.directory().resolve("formats/Channel_digital_image_CMYK_color.jpg"),
            "scale:100x100");
    BufferedImage without =
        made(
            Corpus.directory().resolve("formats/Channel_digital_image_CMYK_color_no_profile.jpg"),
            "scale:100x100");
    assertThat(difference(byProfile, without))
        .as("upside down would be 100 and more")
        .isLessThan(40);
  }

  private String outcome(Path photo) throws IOException {
    try {
      PictureHeader.read(photo).limit(MAX_MEGAPIXELS);
    } catch (Failure e) {
      return "rejected " + e.cause();
    }
    Target cover = target("cover:60x60");
    Target scale = target("scale:160x160");
    Thumbnailer.Made made;
    try {
      made = thumbnailer.make(photo, List.of(cover, scale));
    } catch (Failure e) {
      assertThat(scale.file().getParent()).as("directory of " + photo).doesNotExist();
      assertThat(e.lasting()).isTrue();
      return "failed " + e.cause();
    }
    assertThat(PictureHeader.read(cover.file()))
        .isEqualTo(new PictureHeader(PictureType.JPEG, 60, 60, true));
    assertThat(scale.file()).exists();
    return made.damage() == null ? "done" : "damaged";
  }

  private BufferedImage made(Path photo, String spec) throws IOException {
    Target target = target(spec);
    thumbnailer.make(photo, List.of(target));
    return ImageIO.read(target.file().toFile());
  }

  private Target target(String spec) {
    ThumbnailSpec parsed = ThumbnailSpec.parse(spec);
    return new Target(parsed, directory.resolve(System.nanoTime() + "/" + parsed.name() + ".jpg"));
  }

  /** Mean difference per sample, of 255. */
  private static double difference(BufferedImage one, BufferedImage other) {
    assertThat(one.getWidth()).isEqualTo(other.getWidth());
    assertThat(one.getHeight()).isEqualTo(other.getHeight());
    long sum = 0;
    for (int y = 0; y < one.getHeight(); y++) {
      for (int x = 0; x < one.getWidth(); x++) {
        for (int shift = 0; shift <= 16; shift += 8) {
          sum += Math.abs((one.getRGB(x, y) >> shift & 255) - (other.getRGB(x, y) >> shift & 255));
        }
      }
    }
    return (double) sum / (3L * one.getWidth() * one.getHeight());
  }
}
