package io.caravel.thumbnail.vips;

import java.io.IOException;

/** A picture that libvips has open, in this process or in a child. */
interface OpenPicture extends AutoCloseable {
  /** Reads the header, before all else. In a child this may hang, and {@link #stop} ends it. */
  void readHeader() throws IOException;

  /** Stored pixels. */
  int width();

  /** Stored pixels. */
  int height();

  /** EXIF orientation 1 to 8 as libvips reads it; 1 where the loader turns the picture itself. */
  int orientation();

  /** What its EXIF data say, 1 to 8, though the loader may turn the picture itself. */
  int exifOrientation();

  /**
   * Decodes it, once. The pixels are closed with this picture.
   *
   * @param width of the upright result, at most the upright picture's
   * @param height of the upright result, at most the upright picture's
   * @param tolerant fills in what is damaged or cut off
   * @param quick a JPEG that is decoded here in half the time, a little sharper
   */
  Vips.Picture decode(int width, int height, int orientation, boolean tolerant, boolean quick)
      throws IOException;

  /** Ends what is under way; from any thread. */
  void stop();

  @Override
  void close();
}
