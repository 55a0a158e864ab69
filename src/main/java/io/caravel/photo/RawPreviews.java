package io.caravel.photo;

import io.caravel.ground.Failure;
import java.nio.file.Path;
import java.util.Optional;

/** The pictures to look at that cameras embed in their RAW files. Thread-safe. */
public interface RawPreviews {
  /**
   * A preview that was taken out.
   *
   * @param width pixels, as stored
   * @param height pixels, as stored
   * @param orientation of the RAW file, EXIF 1 to 8, by which the preview is put upright: its own
   *     tag is often missing
   */
  record Preview(int width, int height, int orientation) {}

  /**
   * Copies the largest JPEG that is embedded in a RAW file, unchanged.
   *
   * @param raw an original, absolute ({@link Disks#resolve})
   * @param target in a directory that exists; a file there is replaced, in one step
   * @return empty when there is no JPEG in it; then there is no target either
   * @throws Failure lasting: {@code exiftool-failed} when all the previews have more than 64 MB;
   *     passing: {@code exiftool-failed} when ExifTool is missing or died, {@code time-limit},
   *     {@code interrupted} (the thread's interrupt flag is set then), {@code disk-unavailable}
   */
  Optional<Preview> extract(Path raw, Path target);
}
