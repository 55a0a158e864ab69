package io.caravel.face;

import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceIndex.Match;
import io.caravel.thumbnail.Pictures.Pixels;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A picture with what was found in it drawn over it. Labels are in digits of our own: a server
 * without fonts cannot write any others.
 */
final class DebugImage {
  private static final Color FACE = new Color(0, 200, 0);
  private static final Color INK = Color.BLACK;

  /** 3 x 5 dots each, row by row from the top. */
  private static final String SIGNS = "0123456789.# ";

  private static final int[] DOTS = {
    0b111_101_101_101_111,
    0b010_110_010_010_111,
    0b111_001_111_100_111,
    0b111_001_111_001_111,
    0b101_101_111_001_001,
    0b111_100_111_001_111,
    0b111_100_111_101_111,
    0b111_001_010_010_010,
    0b111_101_111_101_111,
    0b111_101_111_001_111,
    0b000_000_000_000_010,
    0b101_111_101_111_101,
    0b000_000_000_000_000
  };

  private final BufferedImage image;
  private final int stroke;

  /**
   * @param pixels are drawn over
   */
  DebugImage(Pixels pixels) {
    ColorModel colours =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_BYTE);
    image =
        new BufferedImage(
            colours,
            Raster.createInterleavedRaster(
                new DataBufferByte(pixels.rgb(), pixels.rgb().length),
                pixels.width(),
                pixels.height(),
                3 * pixels.width(),
                3,
                new int[] {0, 1, 2},
                null),
            false,
            null);
    stroke = Math.max(1, Math.max(pixels.width(), pixels.height()) / 500);
  }

  /** Marks a face: {@code #0}, and the distance of the nearest person where there is one. */
  void mark(Face face, int number, Optional<Match> nearest) {
    Graphics2D drawing = image.createGraphics();
    drawing.setColor(FACE);
    drawing.fillRect(face.left(), face.top(), face.width(), stroke);
    drawing.fillRect(face.left(), face.top() + face.height() - stroke, face.width(), stroke);
    drawing.fillRect(face.left(), face.top(), stroke, face.height());
    drawing.fillRect(face.left() + face.width() - stroke, face.top(), stroke, face.height());
    String label =
        "#"
            + number
            + nearest
                .map(match -> String.format(Locale.ROOT, " %.2f", match.distance()))
                .orElse("");
    int dot = 2 * stroke;
    int height = 7 * dot;
    int top = face.top() >= height ? face.top() - height : face.top();
    drawing.fillRect(face.left(), top, (4 * label.length() + 1) * dot, height);
    drawing.setColor(INK);
    for (int i = 0; i < label.length(); i++) {
      write(drawing, label.charAt(i), face.left() + (4 * i + 1) * dot, top + dot, dot);
    }
    drawing.dispose();
  }

  private static void write(Graphics2D drawing, char sign, int left, int top, int dot) {
    int dots = DOTS[SIGNS.indexOf(sign)];
    for (int i = 0; i < 15; i++) {
      if ((dots >> (14 - i) & 1) == 1) {
        drawing.fillRect(left + i % 3 * dot, top + i / 3 * dot, dot, dot);
      }
    }
  }

  byte[] jpeg() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "jpg", out)) {
        throw new IOException("this Java writes no JPEG");
      }
    }
    return bytes.toByteArray();
  }
}
