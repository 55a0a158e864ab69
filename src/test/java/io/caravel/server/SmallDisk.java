package io.caravel.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A real small file system (tmpfs), mounted for a test. Where this user may not mount, the test is
 * skipped and says so.
 */
public final class SmallDisk implements AutoCloseable {
  private final Path path;

  private SmallDisk(Path path) {
    this.path = path;
  }

  /**
   * A tmpfs at this path.
   *
   * @param options of mount, such as {@code size=8m,nr_inodes=100}
   */
  public static SmallDisk mounted(Path path, String options) throws IOException {
    Files.createDirectories(path);
    required("mount", "-t", "tmpfs", "-o", options, "caravel-test", path.toString());
    return new SmallDisk(path.toRealPath());
  }

  /** A folder mounted onto itself, so that it can be made read-only. */
  public static SmallDisk bound(Path path) {
    required("mount", "--bind", path.toString(), path.toString());
    return new SmallDisk(path);
  }

  private static void required(String... command) {
    Assumptions.assumeTrue(
        run(command) == 0, "skipped: this user may not mount a file system for the test");
  }

  public Path path() {
    return path;
  }

  public void readOnly() {
    required("mount", "-o", "remount,ro,bind", path.toString());
  }

  public long free() {
    return path.toFile().getUsableSpace();
  }

  /** Another program fills it up to the last byte. Returns the file. */
  public Path fill() throws IOException {
    Path file = path.resolve("filling");
    try (FileChannel out =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      for (int size = 1 << 20; size > 0; size >>= 1) {
        try {
          while (out.write(ByteBuffer.allocate(size)) > 0) {
            // further
          }
        } catch (IOException full) {
          // a smaller piece may fit
        }
      }
    }
    return file;
  }

  /** Another program makes files until none can be made. */
  public void useUpInodes() throws IOException {
    Path folder = Files.createDirectories(path.resolve("many"));
    try {
      for (int number = 0; ; number++) {
        Files.createFile(folder.resolve(Integer.toString(number)));
      }
    } catch (IOException none) {
      // used up
    }
  }

  @Override
  public void close() {
    run("umount", "-l", path.toString());
  }

  private static int run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(30, TimeUnit.SECONDS) ? process.exitValue() : -1;
    } catch (IOException e) {
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(Arrays.toString(command), e);
    }
  }
}
