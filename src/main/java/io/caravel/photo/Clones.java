package io.caravel.photo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Copy-on-write clones: a second file of the same bytes that takes no room until one of the two is
 * changed, and then leaves the other as it was (a hard link would not). Btrfs, XFS and some others
 * can, within one file system; Java 17 knows no call for it, so {@code cp} is asked (GNU
 * coreutils).
 */
final class Clones {
  private static final long LIMIT_SECONDS = 60;

  private final Map<Path, Boolean> able = new ConcurrentHashMap<>();

  /**
   * Makes a clone, or nothing where there can be none: a folder that could not do it once is not
   * asked again.
   *
   * @param root of the file, on one file system
   * @param target which does not exist yet
   * @return whether it is there
   */
  boolean make(Path root, Path file, Path target) throws IOException, InterruptedException {
    if (!able.getOrDefault(root, true)) {
      return false;
    }
    Files.createFile(target); // with the rights that an original has, not the file's
    boolean made = copied(file, target);
    able.put(root, made);
    if (!made) {
      Files.deleteIfExists(target);
    }
    return made;
  }

  private static boolean copied(Path file, Path target) throws InterruptedException {
    try {
      Process copy =
          new ProcessBuilder(
                  "cp",
                  "--reflink=always",
                  "--no-dereference",
                  "--",
                  file.toAbsolutePath().toString(),
                  target.toAbsolutePath().toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        return copy.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && copy.exitValue() == 0;
      } finally {
        copy.destroyForcibly();
      }
    } catch (IOException e) {
      return false; // no cp here
    }
  }
}
