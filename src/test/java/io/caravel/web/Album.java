package io.caravel.web;

import io.caravel.face.DrawnFace;
import io.caravel.route.Picture;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * A folder as people drop them: eight photos of our own drawing, two with a face, in sub-folders
 * and under names that no page should believe, a broken one, and what is no photo at all.
 */
final class Album {
  /** Would run if a page took it for markup. */
  static final String MARKUP = "<img src=x onerror=document.title='owned'><script>.jpg";

  /** The words after U+202E are shown from right to left: it seems to end in {@code .exe}. */
  static final String RIGHT_TO_LEFT = "holiday \u202Eexe.jpg";

  /** The camera of {@link #RIGHT_TO_LEFT}. */
  static final String MARKUP_CAMERA = "<b>Evil</b> <script>document.title='owned'</script>";

  /** The file of a camera whose model has 4,000 characters. */
  static final String LONG = "a very long name ".repeat(14) + "end.jpg";

  static final String ADA = "Ada.jpg";
  static final String BEN = "Ben.jpg";

  /** Its head is a JPEG's, with a size; then it is over. It is taken, and its jobs fail. */
  static final String BROKEN = "broken.jpg";

  static final String TEXT = "notes.txt";
  static final String LITTER = ".DS_Store";

  private static final int WIDTH = 640;
  private static final int HEIGHT = 420;

  private Album() {}

  /** Writes it as {@code album} into a directory; each one's photos have bytes of their own. */
  static Path in(Path directory) {
    Path album = directory.resolve("album");
    write(
        album.resolve("Rome").resolve(MARKUP),
        photo(1, "2024:05:01 09:00:00").at(41.8902, 12.4922));
    write(
        album.resolve("Rome").resolve(RIGHT_TO_LEFT),
        photo(2, "2024:05:02 10:30:00").by(MARKUP_CAMERA).at(41.9009, 12.4833));
    write(
        album.resolve("sea/day 2").resolve(LONG),
        photo(3, "2024:07:14 18:30:05").by("Long " + "x".repeat(3995)));
    write(album.resolve("sea/plain.jpg"), photo(4, "2023:12:24 20:00:00").at(-33.8568, 151.2153));
    write(album.resolve("sea/turned.jpg"), photo(5, "2024:07:15 08:15:00").orientation(6));
    write(album.resolve("no date.jpg"), Picture.of(scene(6)));
    write(album.resolve(ADA), portrait(DrawnFace.ADA, 7, "2024:08:01 12:00:00"));
    write(album.resolve(BEN), portrait(DrawnFace.BEN, 8, "2024:08:02 12:00:00"));
    byte[] whole = photo(9, "2024:08:03 12:00:00").bytes();
    write(album.resolve(BROKEN), Arrays.copyOf(whole, 700));
    write(album.resolve(TEXT), "no photo".getBytes(StandardCharsets.UTF_8));
    write(album.resolve(LITTER), new byte[] {0, 0, 0, 1, 'B', 'u', 'd', '1'});
    return album;
  }

  private static Picture photo(int number, String time) {
    return Picture.of(scene(number)).by("Caravel Drawing").takenAt(time);
  }

  /** Somebody at the sea; drawn anew by the same seed it is the same person. */
  static Picture portrait(DrawnFace who, int seed, String time) {
    BufferedImage picture = scene(seed);
    Graphics2D pen = picture.createGraphics();
    who.draw(pen, WIDTH / 2, HEIGHT / 2);
    pen.dispose();
    return Picture.of(picture).by("Caravel Portrait").takenAt(time);
  }

  /** A sky, a sun, hills. */
  private static BufferedImage scene(int seed) {
    Random random = new Random(seed);
    BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = picture.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    float hue = random.nextFloat();
    pen.setPaint(
        new GradientPaint(
            0,
            0,
            Color.getHSBColor(hue, 0.45f, 0.85f),
            0,
            HEIGHT,
            Color.getHSBColor(hue + 0.12f, 0.2f, 1)));
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    pen.setColor(new Color(255, 244, 214));
    pen.fillOval(40 + random.nextInt(WIDTH - 120), 30, 70, 70);
    for (int hill = 0; hill < 3; hill++) {
      pen.setColor(Color.getHSBColor(hue + 0.3f, 0.35f, 0.6f - 0.15f * hill));
      Polygon ridge = new Polygon();
      ridge.addPoint(0, HEIGHT);
      int base = HEIGHT * (10 + hill * 2) / 16;
      double phase = random.nextDouble() * 6;
      for (int x = 0; x <= WIDTH; x += 8) {
        ridge.addPoint(x, base - (int) (40 * Math.sin(x / 90.0 + phase)));
      }
      ridge.addPoint(WIDTH, HEIGHT);
      pen.fillPolygon(ridge);
    }
    pen.dispose();
    return picture;
  }

  private static void write(Path file, Picture picture) {
    write(file, picture.bytes());
  }

  private static void write(Path file, byte[] bytes) {
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
