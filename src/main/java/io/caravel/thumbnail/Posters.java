package io.caravel.thumbnail;

import io.caravel.ground.Failure;
import java.io.IOException;
import java.nio.file.Path;

/** Pictures out of films. Thread-safe. */
public interface Posters {
  /**
   * Writes a frame of a film that shows something, upright, as a JPEG of at most 1,920 pixels.
   *
   * @param video absolute
   * @param target is replaced
   * @throws Failure lasting: {@code undecodable}, {@code memory-limit}, {@code time-limit};
   *     passing: {@code decoder-missing}, {@code interrupted}
   * @throws IOException a file cannot be read or written
   */
  void extract(Path video, Path target) throws IOException;
}
