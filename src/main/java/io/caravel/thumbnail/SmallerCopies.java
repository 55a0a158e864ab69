package io.caravel.thumbnail;

import java.awt.image.BufferedImage;
import java.util.List;
import net.coobird.thumbnailator.resizers.Resizers;

/**
 * A picture, halved step by step as far as the results still to come allow: each result is scaled
 * from the smallest copy that is at least its size, so that several cost little more than the
 * largest, and no pixel of the photo is passed over.
 */
final class SmallerCopies {
  private final Decoded photo;
  private BufferedImage copy;

  SmallerCopies(Decoded photo) {
    this.photo = photo;
    this.copy = photo.image();
  }

  /**
   * One result, as the photo is stored.
   *
   * @param fit of the photo as stored
   * @param remaining this fit and those that follow
   */
  BufferedImage scaled(Fit fit, List<Fit> remaining) {
    double across = remaining.stream().mapToDouble(Fit::horizontal).max().orElse(1);
    double down = remaining.stream().mapToDouble(Fit::vertical).max().orElse(1);
    while (true) {
      boolean halfWidth = (double) copy.getWidth() / photo.width() >= 2 * across && width() > 1;
      boolean halfHeight = (double) copy.getHeight() / photo.height() >= 2 * down && height() > 1;
      if (!halfWidth && !halfHeight) {
        break;
      }
      BufferedImage half =
          blank(
              halfWidth ? (width() + 1) / 2 : width(), halfHeight ? (height() + 1) / 2 : height());
      Resizers.BILINEAR.resize(copy, half);
      copy = half;
    }
    return resized(
        cropped(
            part(fit.cropWidth(), photo.width(), width()),
            part(fit.cropHeight(), photo.height(), height())),
        fit);
  }

  private BufferedImage cropped(int width, int height) {
    return copy.getSubimage((width() - width) / 2, (height() - height) / 2, width, height);
  }

  private BufferedImage resized(BufferedImage part, Fit fit) {
    BufferedImage result = blank(fit.width(), fit.height());
    boolean larger = fit.width() > part.getWidth() || fit.height() > part.getHeight();
    (larger ? Resizers.BICUBIC : Resizers.BILINEAR).resize(part, result);
    return result;
  }

  private int width() {
    return copy.getWidth();
  }

  private int height() {
    return copy.getHeight();
  }

  /** So much of the photo's side, in pixels of the copy. */
  private static int part(double crop, int photo, int copy) {
    return (int) Math.max(1, Math.min(copy, Math.round(crop * copy / photo)));
  }

  private BufferedImage blank(int width, int height) {
    return new BufferedImage(
        width,
        height,
        copy.getColorModel().hasAlpha()
            ? BufferedImage.TYPE_INT_ARGB_PRE
            : BufferedImage.TYPE_INT_RGB);
  }
}
