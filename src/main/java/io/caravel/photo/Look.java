package io.caravel.photo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;

/**
 * What a file's directory entry says at one moment, links not followed.
 *
 * @param modified when its bytes were written last; a copying tool may set it to what it likes
 * @param changed when its bytes, name, owner or rights changed last, by the file system's own clock
 */
record Look(boolean regular, long bytes, FileTime modified, FileTime changed) {
  static Look at(Path file) throws IOException {
    Map<String, Object> found =
        Files.readAttributes(
            file, "unix:isRegularFile,size,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS);
    return new Look(
        (Boolean) of(found, "isRegularFile"),
        (Long) of(found, "size"),
        (FileTime) of(found, "lastModifiedTime"),
        (FileTime) of(found, "ctime"));
  }

  private static Object of(Map<String, Object> found, String attribute) {
    return Objects.requireNonNull(found.get(attribute), attribute);
  }

  /** Whether nothing was written in between; renamed it may have been. */
  boolean sameBytes(Look other) {
    return bytes == other.bytes && modified.equals(other.modified);
  }
}
