package io.caravel.thumbnail;

import io.caravel.job.Failure;
import io.caravel.photo.PictureType;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes thumbnails: sRGB JPEGs, upright by the photo's EXIF orientation, on white where the photo
 * is transparent, the first frame of an animation, and without any of the photo's metadata (its
 * position!). Thread-safe.
 */
public interface Thumbnailer {
  /**
   * A thumbnail to be made.
   *
   * @param file where it shall lie; its directory is made when missing
   */
  record Target(ThumbnailSpec spec, Path file) {}

  /** The engine's name, for the log and for health. */
  String engine();

  /** Whether pictures of this kind can be read; others end {@code unsupported-format}. */
  boolean reads(PictureType type);

  /**
   * Makes all that are missing from one decode. A target that exists is left alone. A failure
   * leaves none of this call's files in part; those published before it stay. Interrupting the
   * thread ends the work soon.
   *
   * @throws Failure lasting: {@code unsupported-format}, {@code not-a-picture}, {@code truncated},
   *     {@code undecodable}, {@code memory-limit}; passing: {@code disk-full}, {@code
   *     disk-unavailable}, {@code interrupted} (the thread's interrupt flag is set then)
   */
  void make(Path original, List<Target> targets);
}
