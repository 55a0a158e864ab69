package io.caravel.photo;

import org.jspecify.annotations.Nullable;

/**
 * An original that lies durably in its place, ready to be accepted.
 *
 * @param width stored pixels as the header says, before orientation; null where it does not say
 * @param referenced whether its file is another program's: never changed, renamed or deleted
 * @param externalId by which that program knows it
 * @param target where copies of its thumbnails are wanted, beside what is set
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
    @Nullable String target) {}
