package io.caravel.crash;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.springframework.util.FileSystemUtils;

/**
 * A directory on a disk that loses what was not synced when the power goes: {@code
 * src/test/cpp/power_cut.cpp} notes what each change to it takes back, {@link DiskNotes} takes it
 * back.
 */
final class Disk implements AutoCloseable {
  /** What becomes of changes that were not synced. */
  enum Loss {
    /** All of them are gone. */
    ALL,
    /** A random part has reached the disk: pages of files in any order, names in their order. */
    SOME
  }

  private final Path directory;
  private final Path layer;

  Disk() throws IOException, InterruptedException {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/g++")),
        "no C++ compiler (package g++): no power cut is tried");
    directory = Files.createTempDirectory("caravel-disk-").toRealPath();
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, "close-disk"));
    layer = directory.resolve("power_cut.so");
    Process compiler =
        new ProcessBuilder(
                "g++",
                "-std=c++17",
                "-O1",
                "-Wall",
                "-Werror",
                "-fPIC",
                "-shared",
                "-fvisibility=hidden",
                "-o",
                layer.toString(),
                "src/test/cpp/power_cut.cpp")
            .inheritIO()
            .start();
    if (!compiler.waitFor(3, TimeUnit.MINUTES) || compiler.exitValue() != 0) {
      throw new IOException("g++ does not compile src/test/cpp/power_cut.cpp");
    }
    Files.createDirectory(root());
    Files.createDirectory(graves());
  }

  /** What lies on the disk: all below it is watched. */
  Path root() {
    return directory.resolve("root");
  }

  private Path graves() {
    return directory.resolve("graves");
  }

  private Path journal() {
    return directory.resolve("journal");
  }

  /** The command that a java command is put behind, to write to this disk. */
  List<String> mount() {
    return List.of(
        "env",
        "LD_PRELOAD=" + layer,
        "CUT_PROGRAM=java",
        "CUT_ROOT=" + root(),
        "CUT_JOURNAL=" + journal(),
        "CUT_GRAVES=" + graves());
  }

  /**
   * Leaves what a disk holds after the power went at the moment at which the program, which has
   * ended, was killed.
   *
   * @return what was lost, in figures
   */
  String losePower(Loss loss, Random random) throws IOException {
    Path next = directory.resolve("next");
    String lost;
    try {
      DiskNotes notes = new DiskNotes(journal(), root(), graves());
      if (!notes.beyond().isEmpty()) {
        throw new IllegalStateException("the layer cannot follow: " + notes.beyond());
      }
      lost = notes.restore(next, loss, random);
    } catch (IOException | RuntimeException e) {
      throw new IllegalStateException("the notes of the disk in " + directory, e);
    }
    FileSystemUtils.deleteRecursively(root());
    Files.move(next, root());
    FileSystemUtils.deleteRecursively(graves());
    Files.createDirectory(graves());
    try (FileChannel journal = FileChannel.open(journal(), StandardOpenOption.WRITE)) {
      journal.truncate(0);
    }
    return lost;
  }

  @Override
  public void close() {
    try {
      FileSystemUtils.deleteRecursively(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
