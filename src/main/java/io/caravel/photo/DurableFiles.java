package io.caravel.photo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Files that outlive a power cut: written under a temporary name in the same directory, fsynced,
 * renamed in one step, and the directory fsynced. A reader sees a whole file or none.
 *
 * <p>Files are made with mode 0666 and directories with 0777 less the process's umask: with the
 * umask of 002 that Caravel is run with, 0664 and 0775.
 */
public final class DurableFiles {
  private DurableFiles() {}

  /** Has the file's bytes and size on the disk when it returns. */
  public static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Has the directory's entries on the disk when it returns. */
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Gives a finished file its name, durably. A file that has the name already is replaced in one
   * step.
   *
   * @param temporary on the same file system as {@code target}; gone afterwards
   */
  public static void publish(Path temporary, Path target) throws IOException {
    sync(temporary);
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(directoryOf(target));
  }

  /** Writes a whole file durably; a failure leaves neither a part of it nor a temporary file. */
  public static void write(byte[] content, Path target) throws IOException {
    Path temporary =
        directoryOf(target).resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
      publish(temporary, target);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Removes what {@link #write}s of this target that were killed have left beside it. */
  public static void discardUnfinished(Path target) throws IOException {
    Path directory = directoryOf(target);
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> left =
          Files.newDirectoryStream(
              directory,
              each -> { // no glob: a name may hold any sign
                String name = String.valueOf(each.getFileName());
                return name.startsWith("." + target.getFileName() + ".") && name.endsWith(".part");
              })) {
        for (Path each : left) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  /** The sub-directories that have none of these names; none when there is no such directory. */
  static List<Path> foldersBut(Path directory, Set<String> names) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(Files::isDirectory)
          .filter(each -> !names.contains(String.valueOf(each.getFileName())))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes the directory and those above it that are missing, each durably. */
  public static void createDirectories(Path directory) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path each = directory.toAbsolutePath();
        !Files.isDirectory(each);
        each = directoryOf(each)) {
      missing.push(each);
    }
    for (Path each : missing) {
      try {
        Files.createDirectory(each);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(each)) {
          throw e;
        }
      }
      // Also when another thread made it: it may not have come to its own fsync yet.
      syncDirectory(directoryOf(each));
    }
  }

  private static Path directoryOf(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a root has no parent");
  }
}
