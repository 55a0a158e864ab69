package io.caravel.thumbnail.vips;

import java.nio.file.Path;

/** {@code src/main/cpp/cage.h} around this process, for one that reads a stranger's file. */
public final class Cage {
  private Cage() {}

  /**
   * Closes it for good: no program, socket, new process, signal to others or change to any file
   * from now on; this thread, where the kernel has Landlock, reads no other file than this one and
   * the libraries.
   *
   * @throws RuntimeException the kernel refuses
   */
  public static void close(Path file) {
    Vips.onlyRead(file.toString());
    Vips.noWayOut();
  }
}
