package io.caravel.photo;

import org.jspecify.annotations.Nullable;

/**
 * An original that lies durably in its place, ready to be accepted.
 *
 * @param width stored pixels as the header says, before orientation; null where it does not say
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
    String file) {}
