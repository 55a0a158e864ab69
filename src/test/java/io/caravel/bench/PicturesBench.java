package io.caravel.bench;

import io.caravel.thumbnail.ThumbnailSpec;
import io.caravel.thumbnail.ThumbnailatorThumbnailer;
import io.caravel.thumbnail.Thumbnailer;
import io.caravel.thumbnail.Thumbnailer.Target;
import io.caravel.thumbnail.vips.VipsPictures;
import io.caravel.thumbnail.vips.VipsThumbnailer;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import net.coobird.thumbnailator.Thumbnails;
import org.springframework.util.FileSystemUtils;

/**
 * Thumbnails of drawn JPEGs of 12 and 24 megapixels by the engine in this process, the command
 * vipsthumbnail, ImageMagick's convert and Thumbnailator, in turns.
 */
public final class PicturesBench {
  private static final int QUALITY = 82;

  private static final double CAMERA_QUALITY = 0.92;

  private PicturesBench() {}

  private interface Way {
    void make(Path photo, Path target) throws Exception;
  }

  /** {@code PicturesBench ROUNDS [PHOTO ...]}: of drawn pictures, and of these. */
  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    Path directory = Files.createTempDirectory("pictures-bench-");
    try {
      Thumbnailer vips =
          new VipsThumbnailer(
              Objects.requireNonNull(
                  VipsPictures.load(
                      directory.resolve("native"), (raw, to) -> Optional.empty(), 300, 1, 400)),
              new ThumbnailatorThumbnailer(QUALITY),
              QUALITY);
      Path small = draw(directory.resolve("12.jpg"), 4000, 3000);
      Path large = draw(directory.resolve("24.jpg"), 6000, 4000);
      measure("12 MP with a profile", withProfile(small), rounds, vips);
      measure("24 MP with a profile", withProfile(large), rounds, vips);
      measure("12 MP without", small, rounds, vips);
      measure("24 MP without", large, rounds, vips);
      for (String photo : List.of(arguments).subList(1, arguments.length)) {
        Path file = Path.of(photo);
        measure(String.valueOf(file.getFileName()), file, rounds, vips);
      }
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
    System.exit(0);
  }

  private static void measure(String name, Path photo, int rounds, Thumbnailer vips)
      throws Exception {
    Path directory = Files.createTempDirectory("pictures-bench-out-");
    Map<String, Way> ways = new LinkedHashMap<>();
    ways.put("in process", (from, to) -> vips.make(from, List.of(target("scale:400x300", to))));
    ways.put(
        "vipsthumbnail",
        (from, to) ->
            run("vipsthumbnail", from.toString(), "--size", "400x300", "-o", to.toString()));
    ways.put(
        "convert -thumbnail",
        (from, to) -> run("convert", from.toString(), "-thumbnail", "400x300", to.toString()));
    ways.put(
        "Thumbnailator",
        (from, to) ->
            Thumbnails.of(from.toFile())
                .size(400, 300)
                .outputQuality(QUALITY / 100.0)
                .toFile(to.toFile()));
    ways.put("1600 alone", (from, to) -> vips.make(from, List.of(target("scale:1600x1600", to))));
    ways.put(
        "300 and 1600",
        (from, to) ->
            vips.make(
                from,
                List.of(
                    target("cover:300x300", to.resolveSibling("small.jpg")),
                    target("scale:1600x1600", to))));
    Map<String, List<Double>> times = new LinkedHashMap<>();
    for (int round = -2; round < rounds; round++) {
      for (Map.Entry<String, Way> way : ways.entrySet()) {
        Path to = directory.resolve("out.jpg");
        Files.deleteIfExists(to);
        Files.deleteIfExists(directory.resolve("small.jpg"));
        long start = System.nanoTime();
        way.getValue().make(photo, to);
        double ms = (System.nanoTime() - start) / 1e6;
        if (!Files.exists(to)) {
          throw new IOException(way.getKey() + " made nothing");
        }
        if (round >= 0) {
          times.computeIfAbsent(way.getKey(), key -> new ArrayList<>()).add(ms);
        }
      }
    }
    double here = median(times, "in process");
    double alone = median(times, "1600 alone");
    System.out.printf(
        "%s (%.1f MB): in process %.1f ms; vipsthumbnail %.1f (%.2fx), convert %.1f (%.2fx), Thumbnailator %.1f (%.2fx); 300 and 1600 from one decode %.2f times 1600 alone (%.1f ms)%n",
        name,
        Files.size(photo) / 1e6,
        here,
        median(times, "vipsthumbnail"),
        median(times, "vipsthumbnail") / here,
        median(times, "convert -thumbnail"),
        median(times, "convert -thumbnail") / here,
        median(times, "Thumbnailator"),
        median(times, "Thumbnailator") / here,
        median(times, "300 and 1600") / alone,
        alone);
    FileSystemUtils.deleteRecursively(directory);
  }

  private static double median(Map<String, List<Double>> times, String way) {
    return Medians.of(Objects.requireNonNull(times.get(way)));
  }

  private static Target target(String spec, Path file) {
    return new Target(ThumbnailSpec.parse(spec), file);
  }

  /** Gradients and shapes under noise, which make a file of the size a camera's has. */
  private static Path draw(Path file, int width, int height) throws IOException {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = picture.createGraphics();
    g.setPaint(new GradientPaint(0, 0, new Color(90, 140, 210), 0, height, new Color(60, 90, 40)));
    g.fillRect(0, 0, width, height);
    Random random = new Random(1);
    for (int i = 0; i < 400; i++) {
      g.setColor(new Color(random.nextInt(256), random.nextInt(256), random.nextInt(256), 90));
      g.fillOval(random.nextInt(width), random.nextInt(height), 40 + random.nextInt(400), 300);
    }
    g.dispose();
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      picture.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int noise = random.nextInt(25) - 12;
        row[x] =
            clamp(row[x] >> 16, noise) << 16
                | clamp(row[x] >> 8, noise) << 8
                | clamp(row[x], noise);
      }
      picture.setRGB(0, y, width, 1, row, 0, width);
    }
    Thumbnails.of(picture).scale(1).outputQuality(CAMERA_QUALITY).toFile(file.toFile());
    return file;
  }

  /**
   * As cameras and phones write it: with a colour profile, here that of sRGB (ICC.1, annex B.4).
   */
  private static Path withProfile(Path jpeg) throws IOException {
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();
    byte[] bytes = Files.readAllBytes(jpeg);
    byte[] name = "ICC_PROFILE\0\1\1".getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer out = ByteBuffer.allocate(bytes.length + 4 + name.length + profile.length);
    out.put(bytes, 0, 2).putShort((short) 0xFFE2);
    out.putShort((short) (2 + name.length + profile.length)).put(name).put(profile);
    out.put(bytes, 2, bytes.length - 2);
    return Files.write(jpeg.resolveSibling("profile-" + jpeg.getFileName()), out.array());
  }

  private static int clamp(int value, int noise) {
    return Math.max(0, Math.min(255, (value & 255) + noise));
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException(command[0] + " failed");
    }
  }
}
