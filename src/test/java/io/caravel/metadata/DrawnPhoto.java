package io.caravel.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;

/** A picture of our own drawing, with the metadata a test needs. */
public final class DrawnPhoto {
  static final int WIDTH = 40;
  static final int HEIGHT = 30;

  private DrawnPhoto() {}

  /**
   * A file in which exiftool has written these tags, such as {@code -GPSLatitude=1.5}; JPEG or PNG
   * by the name's ending.
   */
  public static Path with(Path directory, String name, String... tags) throws Exception {
    Path file = directory.resolve(name);
    BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = picture.createGraphics();
    pen.setColor(Color.ORANGE);
    pen.fillOval(5, 5, 20, 20);
    pen.dispose();
    ImageIO.write(picture, name.endsWith("png") ? "png" : "jpg", file.toFile());
    if (tags.length > 0) {
      write(file, tags);
    }
    return file;
  }

  static void write(Path file, String... tags) throws Exception {
    List<String> line =
        new ArrayList<>(List.of("exiftool", "-q", "-q", "-m", "-overwrite_original", "-n"));
    line.addAll(List.of(tags));
    line.add(file.toString());
    Process exiftool = new ProcessBuilder(line).inheritIO().start();
    assertThat(exiftool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(exiftool.exitValue()).as("exiftool wrote the tags").isZero();
  }
}
