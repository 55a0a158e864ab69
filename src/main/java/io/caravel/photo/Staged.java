package io.caravel.photo;

import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file that has arrived and is not accepted yet.
 *
 * @param filename as the sender named it
 * @param file where its bytes lie for now, on the originals' file system
 * @param fileTime when the file was written, as its sender or its folder says; null: not known
 * @param folder whose files lie beside each other: of the inbox, or of all uploads; null: none
 */
public record Staged(
    String filename, Path file, @Nullable Instant fileTime, @Nullable String folder) {
  /** Of all that is uploaded: senders name no folders. */
  public static final String UPLOADS = "upload";

  Staged(String filename, Path file) {
    this(filename, file, null, null);
  }

  /** The same, of which more is known. */
  Staged of(@Nullable Instant time, String where) {
    return new Staged(filename, file, time, where);
  }
}
