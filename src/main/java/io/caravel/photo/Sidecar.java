package io.caravel.photo;

import java.nio.file.Path;

/**
 * A file that lies beside a photo and tells about it.
 *
 * @param id of its row
 * @param kind xmp, takeout or aae
 * @param filename as it came in
 * @param file where its bytes lie
 */
public record Sidecar(long id, String kind, String filename, Path file) {
  /** Whether ExifTool reads it. */
  public boolean isXmp() {
    return kind.equals("xmp");
  }

  /** Whether it is of Google Takeout. */
  public boolean isTakeout() {
    return kind.equals("takeout");
  }
}
