package io.caravel.photo;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A photo as the steps of the flow know it.
 *
 * @param sha256 of the original's bytes, 64 hexadecimal digits: its identity
 * @param filename as the sender named it; never used as a path
 * @param disk the storage root that holds the original, at {@code path/file} below it
 * @param referenced whether its file is another program's: never changed, renamed or deleted
 * @param latitude WGS 84 degrees, null unless the position is valid
 * @param fileTime when the file was written that came in, as its sender or its folder said
 */
public record Photo(
    long id,
    String sha256,
    String filename,
    String mimeType,
    long bytes,
    String disk,
    String path,
    String file,
    boolean referenced,
    @Nullable Double latitude,
    @Nullable Double longitude,
    @Nullable Instant fileTime) {

  /** Whether it is a film. */
  public boolean video() {
    PictureType type = PictureType.of(mimeType);
    return type != null && type.video();
  }

  /** A photo whose file has no time of its own. */
  public Photo(
      long id,
      String sha256,
      String filename,
      String mimeType,
      long bytes,
      String disk,
      String path,
      String file,
      boolean referenced,
      @Nullable Double latitude,
      @Nullable Double longitude) {
    this(
        id,
        sha256,
        filename,
        mimeType,
        bytes,
        disk,
        path,
        file,
        referenced,
        latitude,
        longitude,
        null);
  }
}
