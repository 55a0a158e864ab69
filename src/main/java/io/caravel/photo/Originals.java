package io.caravel.photo;

import io.caravel.ground.DurableFiles;
import io.caravel.ground.Failure;
import io.caravel.ground.Nodes;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The originals on disk. A file arrives in {@code incoming/}, is looked at, and then published
 * under its SHA-256 on the disk for uploads: {@code ab/abcdef….jpg}. Nothing here ever changes an
 * original's bytes.
 */
@Component("originals")
public class Originals {
  private static final int CHUNK = 1 << 18;

  private final Clones clones = new Clones();
  private final Disks disks;
  private final String disk;
  private final Roots roots;
  private final Nodes nodes;
  private final Path incoming;
  private final long maxBytes;
  private final int maxMegapixels;

  Originals(
      Disks disks,
      Roots roots,
      Nodes nodes,
      @Value("${caravel.max-upload-mb}") long maxUploadMb,
      @Value("${caravel.max-megapixels}") int maxMegapixels,
      @Value("${caravel.node}") String node)
      throws IOException {
    this.disks = disks;
    this.disk = disks.uploads();
    this.roots = roots;
    this.nodes = nodes;
    this.maxBytes = maxUploadMb << 20;
    this.maxMegapixels = maxMegapixels;
    this.incoming = disks.root(disk).resolve(".incoming").resolve(node);
    if (disks.isMounted(disk) && Files.isWritable(disks.root(disk))) {
      DurableFiles.createDirectories(incoming);
      discardAll(incoming);
    }
  }

  /** Removes what nodes had not accepted of which nothing is heard any more. */
  public void discardAbandoned() throws IOException {
    for (Path folder :
        DurableFiles.foldersBut(disks.root(disk).resolve(".incoming"), nodes.names())) {
      discardAll(folder);
    }
  }

  /** What was not accepted in a life that is over: its sender was never answered. */
  private static void discardAll(Path folder) throws IOException {
    try (Stream<Path> leftovers = Files.list(folder)) {
      for (Path leftover : (Iterable<Path>) leftovers::iterator) {
        Files.deleteIfExists(leftover);
      }
    }
  }

  /**
   * A new name for a file that arrives, on the originals' file system.
   *
   * @throws Failure disk-full, disk-unavailable: nothing is taken in now
   */
  public Path stage() {
    roots.ready(disk);
    try {
      DurableFiles.createDirectories(incoming); // the disk may have been mounted since the start
    } catch (IOException e) {
      throw unwritable(e);
    }
    return incoming.resolve(UUID.randomUUID() + ".part");
  }

  /**
   * Refuses to go on with a file that arrives.
   *
   * @throws Failure disk-full, disk-unavailable: nothing is taken in now
   */
  public void requireRoom() {
    roots.ready(disk);
  }

  /** Copies what can be read at {@code source} to a new staged file. */
  public Staged stage(String filename, InputStream source) {
    Path file = stage();
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] chunk = new byte[CHUNK];
      long total = 0;
      for (int read; (read = source.read(chunk)) >= 0; ) {
        total += read;
        if (total > maxBytes) {
          throw tooLarge();
        }
        ByteBuffer buffer = ByteBuffer.wrap(chunk, 0, read);
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
      }
      return new Staged(filename, file);
    } catch (IOException e) {
      discard(file);
      throw unwritable(e);
    } catch (Failure e) {
      discard(file);
      throw e;
    }
  }

  /**
   * Clones a file to a new staged one, or copies it where that cannot be.
   *
   * @param root of the file, on one file system
   * @param file regular, on a disk that may be another
   */
  Staged stage(String filename, Path root, Path file) throws IOException {
    if (Files.size(file) > maxBytes) {
      throw tooLarge();
    }
    Path staged = stage();
    try {
      if (clones.make(root, file, staged)) {
        return new Staged(filename, staged);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      discard(staged);
      throw new IOException("stopped", e);
    }
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        InputStream in = Channels.newInputStream(channel)) {
      return stage(filename, in);
    }
  }

  /**
   * Looks at a staged file, and puts it durably in its place: fsync, rename, fsync of the
   * directory. When the same bytes lie there already they are compared, and replaced should they
   * have decayed.
   *
   * @throws Failure not-a-picture, too-large, too-many-pixels, disk-full, disk-unavailable
   */
  public Original publish(Staged staged) {
    try {
      PictureHeader header = look(staged.file());
      long bytes = Files.size(staged.file());
      roots.ready(disk);
      String sha256 = sha256(staged.file());
      String path = sha256.substring(0, 2);
      String file = sha256 + "." + header.type().extension();
      Path folder = disks.root(disk).resolve(path);
      Path target = folder.resolve(file);
      DurableFiles.createDirectories(folder);
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)
          && Files.mismatch(staged.file(), target) == -1) {
        Files.delete(staged.file());
        DurableFiles.syncDirectory(folder);
      } else {
        DurableFiles.publish(staged.file(), target);
      }
      return new Original(
          staged.filename(),
          sha256,
          header.type().mimeType(),
          bytes,
          pixels(header.width()),
          pixels(header.height()),
          disk,
          path,
          file,
          false,
          null,
          null,
          staged.fileTime(),
          staged.folder());
    } catch (IOException e) {
      throw unwritable(e);
    } finally {
      discard(staged.file());
    }
  }

  /**
   * Looks whether a file is a picture that is taken.
   *
   * @throws Failure not-a-picture, too-large, too-many-pixels
   */
  PictureHeader look(Path file) throws IOException {
    if (Files.size(file) > maxBytes) {
      throw tooLarge();
    }
    PictureHeader header = PictureHeader.read(file);
    header.limit(maxMegapixels);
    return header;
  }

  /** A width or height of a header; null where it does not say. */
  static @Nullable Integer pixels(int said) {
    return said > 0 ? said : null;
  }

  /** Whether what lies there lies where uploads are put: it is adopted and deleted as they are. */
  boolean isOwn(String on, String path, String file, String sha256) {
    return on.equals(disk) && path.equals(sha256.substring(0, 2)) && file.startsWith(sha256 + ".");
  }

  /** An original that lies in its place already but has no row: what adoption starts from. */
  public Original adopt(Path file) {
    try {
      String sha256 = sha256(file);
      PictureHeader header = PictureHeader.read(file);
      Path path = disks.root(disk).relativize(file);
      if (!String.valueOf(path.getFileName()).startsWith(sha256)) {
        throw Failure.lasting(
            "damaged-original",
            "The original "
                + path
                + " does not have the bytes its name stands for: restore it from a backup.");
      }
      return new Original(
          String.valueOf(path.getFileName()),
          sha256,
          header.type().mimeType(),
          Files.size(file),
          pixels(header.width()),
          pixels(header.height()),
          disk,
          String.valueOf(path.getParent()),
          String.valueOf(path.getFileName()),
          false,
          null,
          null,
          null,
          null);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /**
   * The last word before a photo is accepted: its file is there still. One that was deleted from
   * the trash at this very moment is not.
   */
  public void confirm(Original original) {
    if (!Files.exists(
        disks.root(original.disk()).resolve(original.path()).resolve(original.file()))) {
      throw Failure.passing(
          "disk-unavailable",
          "The photo was deleted from the trash at the moment it came again: send it once more.");
    }
  }

  /** The SHA-256 of a file, 64 hexadecimal digits. */
  String fingerprint(Path file) {
    try {
      return sha256(file);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /**
   * As {@link #fingerprint(Path)}.
   *
   * @throws IOException what the disk said
   */
  static String fingerprintOf(Path file) throws IOException {
    return sha256(file);
  }

  /** The SHA-256 of some bytes, 64 hexadecimal digits. */
  public static String fingerprint(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  /**
   * Whether a file begins with all the bytes of a photo, but for those that are zeros in the photo:
   * it then is the photo before it was whole.
   */
  boolean isPart(Photo photo, Path whole) throws IOException {
    Path part = disks.resolve(photo.disk(), photo.path(), photo.file());
    try (InputStream before = new BufferedInputStream(Files.newInputStream(part), CHUNK);
        InputStream after = new BufferedInputStream(Files.newInputStream(whole), CHUNK)) {
      for (int old; (old = before.read()) >= 0; ) {
        int now = after.read();
        if (now < 0 || old != 0 && old != now) {
          return false;
        }
      }
      return true;
    }
  }

  /** Removes a staged file that is not wanted any more, if it is still there. */
  static void discard(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Failure tooLarge() {
    return Failure.lasting(
        "too-large",
        "The file is larger than the "
            + (maxBytes >> 20)
            + " MB that CARAVEL_MAX_UPLOAD_MB allows: raise that setting, or send a smaller copy.");
  }

  /** Disk trouble as a failure that another try may not meet. */
  public static Failure unwritable(IOException e) {
    String reason = Roots.reason(e);
    if (Roots.isFull(reason)) {
      return Failure.passing(
          "disk-full",
          "The disk that holds the originals is full: make room, then send it again.",
          e);
    }
    return Failure.passing(
        "disk-unavailable",
        "The originals cannot be read or written ("
            + reason
            + "): look at the disk and its permissions.",
        e);
  }

  /** As {@link #fingerprint(Path)}. */
  static String sha256(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
      while (in.read(buffer) >= 0) {
        digest.update(buffer.flip());
        buffer.clear();
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
