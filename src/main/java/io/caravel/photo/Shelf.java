package io.caravel.photo;

import io.caravel.ground.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Files are put away so that nothing is ever overwritten and no symbolic link is ever followed:
 * where a name is taken, by whatever it is, the next free one is used.
 */
final class Shelf {
  /** Of a name and of a path: NAME_MAX and PATH_MAX of Linux, with its final zero. */
  private static final int NAME = 255;

  private static final int PATH = 4095;

  /** Room for what is put behind a name: a mark, a count. */
  private static final int ROOM = 40;

  /** What is longer is no ending, but a name with a dot in it. */
  private static final int ENDING = 32;

  private Shelf() {}

  /**
   * A folder of Caravel's own, made when it is missing.
   *
   * @throws NotDirectoryException when something else has its name, such as a symbolic link
   */
  static Path own(Path above, String name) throws IOException {
    Path folder = above.resolve(name);
    make(folder);
    if (!isFolder(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    return folder;
  }

  /**
   * Looks whether a folder of Caravel's own may be used, and makes none.
   *
   * @throws NotDirectoryException as {@link #own}
   */
  static void check(Path above, String name) throws IOException {
    Path folder = above.resolve(name);
    if (isTaken(folder) && !isFolder(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
  }

  /**
   * The place below one's own folder for a file of this name, its folders made. Where one of them
   * has the name of something else, it gets a count; where all would be too long for a path, they
   * are left out.
   *
   * @param safe as of {@link #move}
   */
  static Path place(Path own, Path name, boolean safe) throws IOException {
    Path folder = own;
    Path folders = name.getParent();
    boolean fits = bytes(own.resolve(name)) + ROOM <= PATH;
    if (folders != null && !fits) {
      String key = Originals.fingerprint(folders.toString().getBytes(StandardCharsets.UTF_8));
      folders = Path.of("deep~" + key.substring(0, 8));
    }
    if (folders != null) {
      for (Path each : folders) {
        Path next = below(folder, each.toString());
        if (!safe) {
          DurableFiles.syncDirectory(folder); // that it holds the next
        }
        folder = next;
      }
    }
    return folder.resolve(Objects.requireNonNull(name.getFileName()));
  }

  private static Path below(Path above, String name) throws IOException {
    Path folder = above.resolve(name);
    for (int count = 1; ; count++) {
      make(folder);
      if (isFolder(folder)) {
        return folder;
      }
      String suffix = "~" + count;
      folder = above.resolve(Filenames.cutToBytes(name, NAME - suffix.length()) + suffix);
    }
  }

  private static void make(Path folder) throws IOException {
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      // whatever it is: the caller looks
    }
  }

  static boolean isFolder(Path folder) {
    return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Moves a file to a name that nobody has, also when another node wants the same name at the same
   * moment: a link is refused where a rename would replace.
   *
   * @param wanted as {@link #place} gives it
   * @param mark put behind the name where that is taken
   * @param reason what is written beside it first
   * @param safe whether its bytes are a photo already; else this is the only copy, and must not be
   *     gone because a disk kept the removal and lost the link
   * @return where it lies now
   */
  static Path move(Path file, Path wanted, String mark, @Nullable String reason, boolean safe)
      throws IOException {
    while (true) {
      Path target = free(wanted, mark);
      try {
        if (reason != null) {
          Files.writeString(reason(target), reason + "\n", StandardOpenOption.CREATE_NEW);
        }
        put(file, target, safe);
        return target;
      } catch (FileAlreadyExistsException e) {
        continue; // another node was faster: the next name
      } catch (IOException e) {
        if (reason != null) {
          Files.deleteIfExists(reason(target));
        }
        throw e;
      }
    }
  }

  private static void rename(Path file, Path target) throws IOException {
    try {
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      copy(file, target);
    }
  }

  /** Where the folder lies on another disk. What changes while it is copied stays. */
  private static void copy(Path file, Path target) throws IOException {
    Path part = target.resolveSibling("." + UUID.randomUUID() + ".part");
    try {
      Look before = Look.at(file);
      Files.copy(file, part, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
      DurableFiles.publish(part, target);
      if (!Look.at(file).sameBytes(before)) {
        Files.delete(target);
        throw new FileSystemException(file.toString(), null, "it is still being written");
      }
      Files.delete(file);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** By a link; renamed where there is none, as on a USB stick, which serves one machine. */
  private static void put(Path file, Path target, boolean safe) throws IOException {
    try {
      Files.createLink(target, file);
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException noLink) {
      try {
        rename(file, target);
      } catch (IOException e) {
        e.addSuppressed(noLink);
        throw e;
      }
      return;
    }
    if (!safe) {
      DurableFiles.syncDirectory(target.resolveSibling(""));
    }
    Files.delete(file);
  }

  /**
   * The file itself, or with {@code ~} and the mark behind its name where that is taken, then with
   * a count.
   */
  static Path free(Path file, String mark) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    boolean has = dot > 0 && bytes(name.substring(dot)) <= ENDING;
    String stem = has ? name.substring(0, dot) : name;
    String ending = has ? name.substring(dot) : "";
    Path candidate = file;
    for (int count = 1; isTaken(candidate) || isTaken(reason(candidate)); count++) {
      String suffix = mark.isEmpty() ? "~" + count : "~" + mark + (count == 1 ? "" : "-" + count);
      String shortened = Filenames.cutToBytes(stem, NAME - suffix.length() - bytes(ending) - 12);
      candidate = file.resolveSibling(shortened + suffix + ending);
    }
    return candidate;
  }

  /** Where it is said why a file was rejected. */
  static Path reason(Path rejected) {
    String name = Filenames.cutToBytes(String.valueOf(rejected.getFileName()), 240);
    return rejected.resolveSibling(name + ".error.txt");
  }

  private static boolean isTaken(Path name) {
    return Files.exists(name, LinkOption.NOFOLLOW_LINKS);
  }

  private static int bytes(Object text) {
    return text.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  /** Removes the empty folders from this one up to, but not with, {@code own}. */
  static void prune(@Nullable Path folder, Path own) {
    for (Path empty = folder;
        empty != null && empty.startsWith(own) && !empty.equals(own);
        empty = empty.getParent()) {
      if (!empty.toFile().delete()) {
        return;
      }
    }
  }
}
