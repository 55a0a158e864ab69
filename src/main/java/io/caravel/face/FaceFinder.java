package io.caravel.face;

import io.caravel.ground.Failure;
import io.caravel.thumbnail.Pictures;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the faces of a picture and encodes each. Thread-safe; a call uses one core. */
public interface FaceFinder {
  /** Floats of an encoding. */
  int ENCODING = 128;

  /**
   * One face.
   *
   * @param left in pixels of the searched picture, within it
   * @param score the detector's confidence
   * @param encoding {@value #ENCODING} floats: of one person they lie within some 0.6 (Euclidean)
   */
  record Face(int left, int top, int width, int height, double score, float[] encoding) {}

  /**
   * What was found.
   *
   * @param width of the picture as it was searched, in pixels: the photo's, or scaled down
   * @param height of the picture as it was searched
   * @param faces in the detector's order; of the last scale, none, when no scale had one
   */
  record Found(int width, int height, List<Face> faces) {}

  /**
   * Searches the picture, made smaller where it is larger than what this detector looks at. YuNet
   * looks once, at so many megapixels; HOG with the longer side at most 1200 pixels, when there is
   * no face 1600, then 2000. An interrupt is heeded between two looks, and now and then between two
   * encodings.
   *
   * @param photo upright, sRGB
   * @throws Failure {@code models-missing}, {@code memory-limit}, …
   */
  Found find(Pictures.Pixels photo);

  /**
   * Encodes what lies in a box, whether or not the detector sees a face there.
   *
   * @param photo upright, sRGB; looked at as it is
   * @param box in its pixels, around the face as this detector's boxes are
   * @return {@value #ENCODING} floats
   * @throws Failure as {@link #find}
   */
  float[] encode(Pictures.Pixels photo, Box box);

  /** A box in pixels of a picture. */
  record Box(int left, int top, int width, int height) {}

  /** Pixels of the longer side from which on more of a photo of this shape make no difference. */
  int longestSide(int width, int height);

  /** Why nothing can be found at present, and how to mend it; null when all is there. */
  @Nullable Failure unready();

  /**
   * For people: engines, variant and BLAS, such as {@code YuNet-s, ONNX Runtime 1.22.0, dlib 19.24,
   * AVX2, OpenBLAS 0.3.21}.
   */
  String engine();

  /**
   * For the row of each face that it finds, so that another knows what to search again: at most 64
   * characters, such as {@code yunet-s daede240, dlib 19.24}.
   */
  String version();

  /** Why another detector works than the one that is set, as a sentence; null: the one set does. */
  default @Nullable String instead() {
    return null;
  }
}
