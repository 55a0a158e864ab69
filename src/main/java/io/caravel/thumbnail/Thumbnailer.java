package io.caravel.thumbnail;

import io.caravel.ground.Failure;
import io.caravel.photo.PictureType;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes thumbnails: in sRGB, upright by the photo's EXIF orientation, on white where the photo is
 * transparent, the first frame of an animation, and without any of the photo's metadata (its
 * position!). Thread-safe.
 */
public interface Thumbnailer {
  /**
   * A thumbnail to be made.
   *
   * @param file where it shall lie; its extension names the format, and its directory is made when
   *     missing
   */
  record Target(ThumbnailSpec spec, Path file) {
    /**
     * @throws IllegalArgumentException when the extension is no format's
     */
    public ThumbnailFormat format() {
      return ThumbnailFormat.of(file);
    }
  }

  /**
   * What a call saw of the photo.
   *
   * @param decoded false: all targets were there, so nothing is known of the photo
   * @param damage a sentence that says what is missing and what to do; null for a whole picture
   */
  record Made(boolean decoded, @Nullable String damage) {
    /** Nothing was to be made, so nothing is known. */
    public static final Made NOTHING = new Made(false, null);

    /** The photo was decoded: null where it is whole. */
    public Made(@Nullable String damage) {
      this(true, damage);
    }
  }

  /** The engine's name, for the log and for health. */
  String engine();

  /** Whether pictures of this kind can be read; others end {@code unsupported-format}. */
  boolean reads(PictureType type);

  /** Whether thumbnails can be made in this format; others are refused when they are asked for. */
  boolean writes(ThumbnailFormat format);

  /**
   * Makes all that are missing from one decode. A target that exists is left alone. Of a photo that
   * is cut off the thumbnails show what there is, the rest in grey; one of which not a single line
   * of pixels can be decoded is {@code truncated}. A failure leaves none of this call's files in
   * part; those published before it stay. Interrupting the thread ends the work soon.
   *
   * @param targets in formats that the engine writes
   * @param caged in a process of its own where the engine can: for a photo that is suspected
   * @return whether the photo is damaged
   * @throws Failure lasting: {@code unsupported-format}, {@code not-a-picture}, {@code truncated},
   *     {@code undecodable}, {@code memory-limit}; passing: {@code disk-full}, {@code
   *     disk-unavailable}, {@code interrupted} (the thread's interrupt flag is set then)
   */
  Made make(Path original, List<Target> targets, boolean caged);

  /** As above, for a photo that is not suspected. */
  default Made make(Path original, List<Target> targets) {
    return make(original, targets, false);
  }
}
