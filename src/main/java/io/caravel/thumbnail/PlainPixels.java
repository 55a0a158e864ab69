package io.caravel.thumbnail;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Odd layouts of pixels as common 8-bit ones: 16 bits a sample, grey with alpha. Java would draw
 * these slowly, and grey with alpha too bright, for it takes such grey to be linear light.
 */
final class PlainPixels {
  /** Per pixel of what is made here. */
  static final int BYTES = 4;

  private PlainPixels() {}

  /** Whether Java draws this type of image right and fast. */
  static boolean plain(int imageType) {
    return imageType != BufferedImage.TYPE_CUSTOM && imageType != BufferedImage.TYPE_USHORT_GRAY;
  }

  static BufferedImage of(BufferedImage image) {
    if (plain(image.getType())) {
      return image;
    }
    int bands = image.getRaster().getNumBands();
    boolean indexed = image.getColorModel() instanceof IndexColorModel || bands > 4;
    boolean alpha = image.getColorModel().hasAlpha();
    BufferedImage plain =
        new BufferedImage(
            image.getWidth(),
            image.getHeight(),
            alpha ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB);
    int[] row = new int[image.getWidth()];
    int[] samples = new int[image.getWidth() * bands];
    for (int y = 0; y < image.getHeight(); y++) {
      if (indexed) {
        image.getRGB(0, y, row.length, 1, row, 0, row.length);
      } else {
        image.getRaster().getPixels(0, y, row.length, 1, samples);
        pack(samples, bands, image.getRaster(), row);
      }
      plain.getRaster().setDataElements(0, y, row.length, 1, row);
    }
    return plain;
  }

  private static void pack(int[] samples, int bands, Raster raster, int[] row) {
    int bits = raster.getSampleModel().getSampleSize(0);
    int most = (1 << bits) - 1;
    for (int x = 0, at = 0; x < row.length; x++, at += bands) {
      int red = eight(samples[at], most);
      int green = bands < 3 ? red : eight(samples[at + 1], most);
      int blue = bands < 3 ? red : eight(samples[at + 2], most);
      int alpha = bands % 2 == 1 ? 255 : eight(samples[at + bands - 1], most);
      row[x] = alpha << 24 | red << 16 | green << 8 | blue;
    }
  }

  private static int eight(int sample, int most) {
    return most == 255 ? sample : (int) ((sample * 255L + most / 2) / most);
  }
}
