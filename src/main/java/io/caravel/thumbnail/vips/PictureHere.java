package io.caravel.thumbnail.vips;

import java.nio.file.Path;

/** In this process: no hop, but what kills it kills the program. */
final class PictureHere implements OpenPicture {
  private final Vips.Picture picture;
  private boolean closed;

  PictureHere(Path file) {
    this.picture = new Vips.Picture(file.toString(), 0);
  }

  @Override
  public void readHeader() {
    // libvips has read it
  }

  @Override
  public int width() {
    return picture.width();
  }

  @Override
  public int height() {
    return picture.height();
  }

  @Override
  public int orientation() {
    return picture.orientation();
  }

  @Override
  public int exifOrientation() {
    return picture.exifOrientation();
  }

  @Override
  public Vips.Picture decode(
      int width, int height, int orientation, boolean tolerant, boolean quick) {
    picture.decode(width, height, orientation, tolerant, quick);
    return picture;
  }

  @Override
  public synchronized void stop() {
    if (!closed) {
      picture.stop();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    picture.close();
  }
}
