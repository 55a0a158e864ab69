package io.caravel.photo;

import io.caravel.job.Failure;
import io.caravel.job.Nodes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The originals on disk. A file arrives in {@code incoming/}, is looked at, and then published
 * under its SHA-256 on the disk {@code private}: {@code ab/abcdef….jpg}. Nothing here ever changes
 * an original's bytes.
 */
@Component("originals")
public class Originals {
  /** The storage root that takes in new photos. */
  static final String DISK = "private";

  private static final int CHUNK = 1 << 18;

  private final Disks disks;
  private final Nodes nodes;
  private final Path incoming;
  private final long maxBytes;
  private final int maxMegapixels;
  private final long keepFree;

  Originals(
      Disks disks,
      Nodes nodes,
      @Value("${caravel.max-upload-mb}") long maxUploadMb,
      @Value("${caravel.max-megapixels}") int maxMegapixels,
      @Value("${caravel.keep-free-mb}") long keepFreeMb,
      @Value("${caravel.node}") String node)
      throws IOException {
    this.disks = disks;
    this.nodes = nodes;
    this.maxBytes = maxUploadMb << 20;
    this.maxMegapixels = maxMegapixels;
    this.keepFree = keepFreeMb << 20;
    this.incoming = disks.root(DISK).resolve(".incoming").resolve(node);
    if (!disks.isMounted(DISK)) {
      throw new IllegalStateException(
          "CARAVEL_DISKS names "
              + disks.root(DISK)
              + " for the originals, and it is not there: mount it, or create it, then start again.");
    }
    DurableFiles.createDirectories(incoming);
    discardAll(incoming);
  }

  /** Removes what nodes had not accepted of which nothing is heard any more. */
  public void discardAbandoned() throws IOException {
    for (Path folder :
        DurableFiles.foldersBut(disks.root(DISK).resolve(".incoming"), nodes.names())) {
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

  /** A new name for a file that arrives, on the originals' file system. */
  public Path stage() {
    return incoming.resolve(UUID.randomUUID() + ".part");
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
   * Looks at a staged file, and puts it durably in its place: fsync, rename, fsync of the
   * directory. When the same bytes lie there already they are compared, and replaced should they
   * have decayed.
   *
   * @throws Failure not-a-picture, too-large, too-many-pixels, disk-full, disk-unavailable
   */
  public Original publish(Staged staged) {
    try {
      long bytes = Files.size(staged.file());
      if (bytes > maxBytes) {
        throw tooLarge();
      }
      PictureHeader header = PictureHeader.read(staged.file());
      header.limit(maxMegapixels);
      if (incoming.toFile().getUsableSpace() < keepFree) {
        throw Failure.passing(
            "disk-full",
            "The disk that holds the originals has less than "
                + (keepFree >> 20)
                + " MB left: make room, then send the photo again.");
      }
      String sha256 = sha256(staged.file());
      String path = sha256.substring(0, 2);
      String file = sha256 + "." + header.type().extension();
      Path folder = disks.root(DISK).resolve(path);
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
          header.width() > 0 ? header.width() : null,
          header.height() > 0 ? header.height() : null,
          DISK,
          path,
          file);
    } catch (IOException e) {
      throw unwritable(e);
    } finally {
      discard(staged.file());
    }
  }

  /** An original that lies in its place already but has no row: what adoption starts from. */
  public Original adopt(Path file) {
    try {
      String sha256 = sha256(file);
      PictureHeader header = PictureHeader.read(file);
      Path path = disks.root(DISK).relativize(file);
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
          header.width() > 0 ? header.width() : null,
          header.height() > 0 ? header.height() : null,
          DISK,
          String.valueOf(path.getParent()),
          String.valueOf(path.getFileName()));
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
  static Failure unwritable(IOException e) {
    String reason =
        e instanceof FileSystemException f
            ? String.valueOf(f.getReason())
            : String.valueOf(e.getMessage());
    if (reason.contains("No space left") || reason.contains("quota")) {
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

  private static String sha256(Path file) throws IOException {
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
