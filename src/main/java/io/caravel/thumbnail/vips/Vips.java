package io.caravel.thumbnail.vips;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.Namespace;
import org.bytedeco.javacpp.annotation.Platform;

/**
 * The binding to {@code src/main/cpp/caravel_vips.h}, which is the contract: units, errors and
 * thread safety are told there. A C++ exception arrives as a RuntimeException.
 */
@Platform(include = {"caravel_vips.h", "cage.h"})
@Namespace("caravel")
final class Vips {
  static {
    Loader.load(Pointer.class); // the other library leans on it
    Loader.load();
  }

  private Vips() {}

  static native void start(String loaders);

  static native @Cast("size_t") long memory();

  @Name("only_read")
  static native void onlyRead(String file);

  @Name("no_way_out")
  static native void noWayOut();

  /** To be closed by whoever made it. */
  @Name("Picture")
  static final class Picture extends Pointer {
    Picture(String path, int page) {
      allocate(path, page);
    }

    Picture(BytePointer pixels, int width, int height, int bands) {
      allocate(pixels, width, height, bands);
    }

    private native void allocate(String path, int page);

    private native void allocate(
        @Cast("const uint8_t*") BytePointer pixels, int width, int height, int bands);

    native int width();

    native int height();

    native int bands();

    native int orientation();

    @Name("exif_orientation")
    native int exifOrientation();

    native void decode(
        int width,
        int height,
        int orientation,
        @Cast("bool") boolean tolerant,
        @Cast("bool") boolean quick);

    native @Cast("bool") boolean blank();

    native void flatten();

    native @Cast("const uint8_t*") BytePointer pixels();

    native @Cast("size_t") long encode(
        int left,
        int top,
        int areaWidth,
        int areaHeight,
        int width,
        int height,
        int canvasWidth,
        int canvasHeight,
        String format,
        int quality);

    native @Cast("const uint8_t*") BytePointer encoded();

    native void stop();
  }
}
