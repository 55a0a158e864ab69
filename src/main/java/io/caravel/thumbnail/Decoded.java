package io.caravel.thumbnail;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import org.jspecify.annotations.Nullable;

/**
 * A photo's pixels, as stored (not upright yet), perhaps thinned out. Its part of the memory is
 * given back by closing it.
 *
 * @param width of the photo as stored; the image may have less
 * @param height of the photo as stored; the image may have less
 * @param colours that the image's three components stand for, where that is not sRGB. The image
 *     itself says sRGB, so that scaling it converts nothing: converting the small result is cheaper
 * @param damage what is missing of the picture, a sentence; null for a whole one
 */
record Decoded(
    BufferedImage image,
    int width,
    int height,
    Orientation orientation,
    @Nullable ColorSpace colours,
    PictureMemory.Share share,
    @Nullable String damage)
    implements AutoCloseable {

  Decoded(
      BufferedImage image,
      int width,
      int height,
      Orientation orientation,
      @Nullable ColorSpace colours,
      PictureMemory.Share share) {
    this(image, width, height, orientation, colours, share, null);
  }

  /** The same picture, of which something is missing. */
  Decoded damaged(String sentence) {
    return new Decoded(image, width, height, orientation, colours, share, sentence);
  }

  @Override
  public void close() {
    share.close();
  }
}
