package io.caravel.photo;

import java.nio.file.Path;

/**
 * A file that has arrived and is not accepted yet.
 *
 * @param filename as the sender named it
 * @param file where its bytes lie for now, on the originals' file system
 */
public record Staged(String filename, Path file) {}
