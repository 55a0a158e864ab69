package io.caravel.ground;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Files that outlive a power cut: written under a temporary name in the same directory, fsynced,
 * renamed in one step, and the directory fsynced. A reader sees a whole file or none.
 *
 * <p>Files are made with mode 0666 and directories with 0777 less the process's umask: with the
 * umask of 002 that Caravel is run with, 0664 and 0775.
 */
public final class DurableFiles {
  /** Directories whose names are on the disk. */
  private static final Set<Path> LISTED = ConcurrentHashMap.newKeySet();

  private static final int MOST_LISTED = 10_000;

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

  /**
   * As {@link #write}, and its owner's group may read and write it, whatever the umask: mode 0664.
   */
  public static void writeShared(byte[] content, Path target) throws IOException {
    Path temporary = shared(content, target);
    try {
      publish(temporary, target);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * As {@link #writeShared}, where there is no file yet: by a link, which replaces none, also when
   * another program makes it at this moment; by a rename on a file system without links.
   *
   * @throws FileAlreadyExistsException
   */
  public static void addShared(byte[] content, Path target) throws IOException {
    Path temporary = shared(content, target);
    try {
      sync(temporary);
      try {
        Files.createLink(target, temporary);
      } catch (FileAlreadyExistsException e) {
        throw e;
      } catch (UnsupportedOperationException | FileSystemException noLink) {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
          throw new FileAlreadyExistsException(target.toString());
        }
        try {
          Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
          e.addSuppressed(noLink); // why it was to be renamed
          throw e;
        }
      }
      syncDirectory(directoryOf(target));
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static Path shared(byte[] content, Path target) throws IOException {
    Path temporary =
        directoryOf(target).resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      Files.write(temporary, content, StandardOpenOption.CREATE_NEW);
      permit(temporary, 0664);
      return temporary;
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  /**
   * As {@link #createDirectories}, and the group may use those that are made, whatever the umask:
   * mode 0775.
   *
   * @param root not to be changed, nor anything above it
   */
  public static void createSharedDirectories(Path directory, Path root) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path each = directory;
        each.startsWith(root) && !Files.exists(each);
        each = directoryOf(each)) {
      missing.push(each);
    }
    createDirectories(directory);
    for (Path each : missing) {
      permit(each, 0775);
    }
  }

  /** Adds rights, and keeps a set group ID; a file system that has none is left as it is. */
  private static void permit(Path file, int rights) throws IOException {
    int mode = (Integer) Files.getAttribute(file, "unix:mode");
    if ((mode | rights) != mode) {
      try {
        Files.setAttribute(file, "unix:mode", (mode | rights) & 07777);
      } catch (FileSystemException e) {
        if (!Files.isWritable(file)) {
          throw e;
        }
      }
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
  public static List<Path> foldersBut(Path directory, Set<String> names) {
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

  /**
   * Makes the directory and those above it that are missing, and has the names of all of them on
   * the disk when it returns: also of one that another thread, or a life that was killed, has made
   * and not come to sync.
   */
  public static void createDirectories(Path directory) throws IOException {
    Deque<Path> unsure = new ArrayDeque<>();
    for (Path each = directory.toAbsolutePath();
        each.getParent() != null && !isListed(each);
        each = directoryOf(each)) {
      unsure.push(each);
    }
    for (Path each : unsure) {
      LISTED.remove(each);
      boolean existed = false;
      try {
        Files.createDirectory(each);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(each)) {
          throw e;
        }
        existed = true;
      }
      try {
        syncDirectory(directoryOf(each));
      } catch (IOException e) {
        if (!existed) { // else it may be a mount whose parent knows no such sync
          throw e;
        }
      }
      if (LISTED.size() >= MOST_LISTED) {
        LISTED.clear();
      }
      LISTED.add(each);
    }
  }

  /** Whether it exists, and its name was synced or is not this program's to sync. */
  private static boolean isListed(Path directory) {
    return Files.isDirectory(directory)
        && (LISTED.contains(directory) || !Files.isWritable(directoryOf(directory)));
  }

  private static Path directoryOf(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a root has no parent");
  }
}
