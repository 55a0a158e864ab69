package io.caravel.thumbnail;

import io.caravel.ground.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.IntBinaryOperator;
import org.jspecify.annotations.Nullable;

/** Decodes photos to pixels, whatever their kind. Thread-safe. */
public interface Pictures {
  /**
   * A photo's pixels: upright, sRGB, 8 bit, transparent ones on white.
   *
   * @param rgb row by row, 3 bytes a pixel
   * @param damage null for a whole photo, else what of it could not be read, as a sentence
   * @param photoWidth of the upright photo, of which the pixels may be fewer
   * @param photoHeight of the upright photo
   */
  record Pixels(
      int width, int height, byte[] rgb, @Nullable String damage, int photoWidth, int photoHeight) {

    /** All pixels of the photo. */
    public Pixels(int width, int height, byte[] rgb, @Nullable String damage) {
      this(width, height, rgb, damage, width, height);
    }
  }

  /**
   * Decodes a photo's first picture, made smaller where its longer side has more pixels than asked.
   * Interrupting the thread ends the work soon.
   *
   * @param longestSide of the upright photo's width and height, in pixels, at least 1
   * @param caged in a process of its own, whatever its kind: for a photo that is suspected
   * @throws Failure as {@link Thumbnailer#make}
   * @throws IOException when the file cannot be read
   */
  Pixels decode(Path photo, IntBinaryOperator longestSide, boolean caged) throws IOException;

  /** The same with one longest side for photos of every shape. */
  default Pixels decode(Path photo, int longestSide, boolean caged) throws IOException {
    return decode(photo, (width, height) -> longestSide, caged);
  }
}
