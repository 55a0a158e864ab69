package io.caravel.photo;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An original that lies durably in its place, ready to be accepted.
 *
 * @param width stored pixels as the header says, before orientation; null where it does not say
 * @param referenced whether its file is another program's: never changed, renamed or deleted
 * @param externalId by which that program knows it
 * @param target where copies of its thumbnails are wanted, beside what is set
 * @param fileTime when the file was written that came in, as its sender or its folder said
 * @param folder whose files lay beside it; null: none
 */
public record Original(
    String filename,
    String sha256,
    String mimeType,
    long bytes,
    @Nullable Integer width,
    @Nullable Integer height,
    String disk,
    String path,
    String file,
    boolean referenced,
    @Nullable Long externalId,
    @Nullable String target,
    @Nullable Instant fileTime,
    @Nullable String folder) {

  /** The same under the name that its sender gave it. */
  public Original called(String name) {
    return new Original(
        Filenames.clean(name),
        sha256,
        mimeType,
        bytes,
        width,
        height,
        disk,
        path,
        file,
        referenced,
        externalId,
        target,
        fileTime,
        folder);
  }
}
