package io.caravel.face.dlib;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.Namespace;
import org.bytedeco.javacpp.annotation.Platform;
import org.jspecify.annotations.Nullable;

/**
 * The binding to {@code src/main/cpp/caravel_dlib.h}, which is the contract: units, errors and
 * thread safety are told there. A C++ exception arrives as a RuntimeException.
 */
@Platform(include = "caravel_dlib.h")
@Namespace("caravel")
final class Dlib {
  static {
    Loader.load(Pointer.class); // the other library leans on it
    Loader.load();
  }

  private Dlib() {}

  static native @Cast("bool") boolean avx2();

  static native void discard(Engine engine);

  /** To be closed by whoever made it, after its engines. */
  @Name("FaceLibrary")
  static final class Library extends Pointer {
    Library(String path) {
      allocate(path);
    }

    private native void allocate(String path);

    native String blas();

    native String dlib();

    native void load(String landmarks, String resnet);

    native Engine engine();

    native int weights(@Nullable FloatPointer out);
  }

  /** To be discarded by whoever asked the library for it. */
  @Name("FaceEngine")
  static final class Engine extends Pointer {
    Engine(Pointer address) {
      super(address);
    }

    native int search(@Cast("const uint8_t*") BytePointer rgb, int width, int height, int side);

    native void take(
        @Cast("const uint8_t*") BytePointer rgb, int width, int height, int across, int down);

    native void planes(FloatPointer out, int columns, int rows, int step);

    native void add(int left, int top, int right, int bottom);

    native int width();

    native int height();

    native int left(int face);

    native int top(int face);

    native int right(int face);

    native int bottom(int face);

    native double score(int face);

    native void encode(int face, float[] out);

    native void chip(int face, FloatPointer out);
  }
}
