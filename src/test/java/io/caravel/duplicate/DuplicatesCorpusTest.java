package io.caravel.duplicate;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.photo.Corpus;
import io.caravel.photo.PictureHeader;
import io.caravel.thumbnail.ThumbnailSpec;
import io.caravel.thumbnail.ThumbnailatorThumbnailer;
import io.caravel.thumbnail.Thumbnailer;
import io.caravel.thumbnail.Thumbnailer.Target;
import io.caravel.thumbnail.vips.VipsPictures;
import io.caravel.thumbnail.vips.VipsThumbnailer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many of six changes of each picture of the corpus are found again, and how many pairs of
 * different pictures are taken for one.
 */
@NullUnmarked
class DuplicatesCorpusTest {
  private static final Path NATIVE =
      Path.of("target", "native-" + System.getProperty("test.fork", "1")).toAbsolutePath();
  private static final int BITS = 4;

  /** Every so many pictures: all of them take a quarter of an hour. */
  private static final int EVERY = Integer.getInteger("caravel.duplicates.every", 4);

  /** Pixels of the shorter side: a quarter of it still shows something. */
  private static final int LEAST = 300;

  @TempDir Path directory;
  private Thumbnailer thumbnailer;

  private record Picture(String name, long hash, double ratio) {}

  @Test
  void changesAreFoundAndOtherPicturesAreNot() throws Exception {
    VipsPictures pictures = VipsPictures.load(NATIVE, (raw, to) -> Optional.empty(), 300, 2, 400);
    Assumptions.assumeTrue(pictures != null, "no libvips, or the program was built without it");
    thumbnailer = new VipsThumbnailer(pictures, new ThumbnailatorThumbnailer(82), 82);
    Map<String, int[]> found = new TreeMap<>();
    List<Picture> all = new ArrayList<>();
    List<String> missed = new ArrayList<>();
    int number = 0;
    for (Map<String, String> row : Corpus.manifest()) {
      Path file = Corpus.directory().resolve(row.get("file"));
      if (row.get("file").startsWith("broken/")) {
        continue;
      }
      Long hash = hash(file);
      if (hash == null) {
        continue;
      }
      PictureHeader header = PictureHeader.read(file);
      all.add(new Picture(row.get("file"), hash, (double) header.width() / header.height()));
      // What tests decoders is a few pixels, or turned, which vips would write down twice.
      boolean photo =
          !row.get("file").matches("(formats|orientation)/.*")
              && Math.min(header.width(), header.height()) >= LEAST;
      if (!photo || number++ % EVERY != 0) {
        continue;
      }
      for (Iterator<Map.Entry<String, Path>> each = changes(file); each.hasNext(); ) {
        Map.Entry<String, Path> change = each.next();
        Long changed = hash(change.getValue());
        int[] counts = found.computeIfAbsent(change.getKey(), key -> new int[2]);
        counts[0]++;
        if (changed != null && Long.bitCount(hash ^ changed) <= BITS) {
          counts[1]++;
        } else {
          missed.add(change.getKey() + " of " + row.get("file"));
        }
      }
    }
    int pairs = 0;
    List<String> alike = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < i; j++) {
        pairs++;
        Picture one = all.get(i);
        Picture other = all.get(j);
        if (Long.bitCount(one.hash() ^ other.hash()) <= BITS
            && Math.abs(Math.log(one.ratio() / other.ratio())) < 0.03) {
          alike.add(other.name() + " ~ " + one.name());
        }
      }
    }
    StringBuilder told = new StringBuilder();
    int made = 0;
    int again = 0;
    for (Map.Entry<String, int[]> each : found.entrySet()) {
      told.append("%s %d of %d, ".formatted(each.getKey(), each.getValue()[1], each.getValue()[0]));
      made += each.getValue()[0];
      again += each.getValue()[1];
    }
    String figures =
        "%d pictures, found again: %s%d of %d pairs alike:%n%s%nnot found again:%n%s"
            .formatted(
                all.size(),
                told,
                alike.size(),
                pairs,
                String.join("\n", alike),
                String.join("\n", missed));
    Files.writeString(Path.of("target", "duplicates.txt"), figures);
    assertThat((double) again / made)
        .as(figures)
        .isGreaterThan(0.93); // one photo is turned, and vips writes that down twice
  }

  private @Nullable Long hash(Path file) throws IOException {
    ThumbnailSpec spec = ThumbnailSpec.parse("cover:300x300");
    Path thumbnail = directory.resolve(System.nanoTime() + ".jpg");
    try {
      thumbnailer.make(file, List.of(new Target(spec, thumbnail)));
    } catch (RuntimeException e) {
      return null; // no picture, or none without ExifTool
    }
    BufferedImage image = ImageIO.read(thumbnail.toFile());
    byte[] rgb = new byte[3 * 300 * 300];
    for (int i = 0; i < 300 * 300; i++) {
      int pixel = image.getRGB(i % 300, i / 300);
      for (int band = 0; band < 3; band++) {
        rgb[3 * i + band] = (byte) (pixel >> 16 - 8 * band);
      }
    }
    return PictureHash.of(300, 300, rgb);
  }

  private Iterator<Map.Entry<String, Path>> changes(Path file) throws Exception {
    Path whole = directory.resolve("whole.v");
    Map<String, Path> made = new TreeMap<>();
    if (!vips("autorot", file.toString(), whole.toString())) {
      return made.entrySet().iterator();
    }
    change(made, "half", "jpg", "resize", whole.toString(), "%s[Q=88]", "0.5");
    change(made, "quarter", "jpg", "resize", whole.toString(), "%s[Q=88]", "0.25");
    change(made, "png", "png", "copy", whole.toString(), "%s[compression=1]");
    change(made, "webp", "webp", "copy", whole.toString(), "%s[Q=60]");
    change(made, "bare", "jpg", "copy", whole.toString(), "%s[Q=90,strip]");
    Path bright = directory.resolve("bright.v");
    if (vips("linear", whole.toString(), bright.toString(), "1.15", "12", "--uchar")) {
      change(made, "bright", "jpg", "copy", bright.toString(), "%s[Q=90]");
    }
    return made.entrySet().iterator();
  }

  private void change(Map<String, Path> made, String name, String extension, String... arguments)
      throws Exception {
    Path target = directory.resolve(name + "." + extension);
    Files.deleteIfExists(target);
    String[] all =
        Stream.of(arguments)
            .map(each -> each.replace("%s", target.toString()))
            .toArray(String[]::new);
    if (vips(all)) {
      made.put(name, Objects.requireNonNull(target));
    }
  }

  private static boolean vips(String... arguments) throws Exception {
    Process vips =
        new ProcessBuilder(Stream.concat(Stream.of("vips"), Stream.of(arguments)).toList())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return vips.waitFor() == 0;
  }
}
