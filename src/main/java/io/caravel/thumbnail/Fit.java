package io.caravel.thumbnail;

import io.caravel.thumbnail.ThumbnailSpec.Method;

/**
 * How a picture comes into a box: a part of it from its centre, scaled, and laid in the middle of a
 * canvas. All in pixels; the crop in those of the picture.
 */
public record Fit(
    double cropWidth, double cropHeight, int width, int height, int canvasWidth, int canvasHeight) {

  /** For an upright picture of this size. */
  public static Fit of(ThumbnailSpec spec, int pictureWidth, int pictureHeight) {
    return of(spec, pictureWidth, pictureHeight, enlarges(spec.method()));
  }

  /**
   * Whether a picture smaller than its box is enlarged. {@code scale} never does; the others
   * promise a box, so they give it. This is the one place to change that.
   */
  private static boolean enlarges(Method method) {
    return method != Method.SCALE;
  }

  static Fit of(ThumbnailSpec spec, int w, int h, boolean enlarges) {
    double most = enlarges ? Double.MAX_VALUE : 1;
    double inside = Math.min((double) spec.width() / w, (double) spec.height() / h);
    double across = Math.max((double) spec.width() / w, (double) spec.height() / h);
    return switch (spec.method()) {
      case SCALE -> {
        double factor = Math.min(inside, most);
        yield whole(w, h, pixels(w * factor), pixels(h * factor));
      }
      case RESIZE ->
          whole(
              w,
              h,
              enlarges ? spec.width() : Math.min(spec.width(), w),
              enlarges ? spec.height() : Math.min(spec.height(), h));
      case CONTAIN -> {
        double factor = Math.min(inside, most);
        yield new Fit(w, h, pixels(w * factor), pixels(h * factor), spec.width(), spec.height());
      }
      case COVER -> {
        double cropWidth = Math.min(w, spec.width() / across);
        double cropHeight = Math.min(h, spec.height() / across);
        double factor = Math.min(across, most);
        int width = factor == across ? spec.width() : pixels(cropWidth);
        int height = factor == across ? spec.height() : pixels(cropHeight);
        yield new Fit(cropWidth, cropHeight, width, height, width, height);
      }
    };
  }

  private static Fit whole(int w, int h, int width, int height) {
    return new Fit(w, h, width, height, width, height);
  }

  /** A picture of 1 x 20,000 keeps a side of one pixel, however small it gets. */
  private static int pixels(double exact) {
    return Math.max(1, (int) Math.round(exact));
  }

  /** The same for the picture as it is stored, when that lies on its side. */
  Fit turned() {
    return new Fit(cropHeight, cropWidth, height, width, canvasHeight, canvasWidth);
  }

  /** Pixels of the result per pixel of the picture, across. */
  public double horizontal() {
    return width / cropWidth;
  }

  /** Pixels of the result per pixel of the picture, down. */
  public double vertical() {
    return height / cropHeight;
  }
}
