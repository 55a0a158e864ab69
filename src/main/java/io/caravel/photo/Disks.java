package io.caravel.photo;

import io.caravel.ground.DurableFiles;
import io.caravel.ground.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * The named storage roots of CARAVEL_DISKS, and where on disk a photo and its thumbnails lie. No
 * answer ever lies outside its root, whatever the names say and wherever symbolic links lead.
 */
@Component("disks")
public class Disks {
  private final Path home;
  private final Map<String, Path> roots = new LinkedHashMap<>();
  private final String uploads;

  /**
   * @param home CARAVEL_HOME
   * @param disks {@code name=path}, of each storage root; empty: {@code private}, the originals
   *     below home
   * @param uploads the name of the storage root that takes new photos
   */
  @Autowired
  public Disks(
      @Value("${caravel.home:./data}") String home,
      @Value("${caravel.disks:}") List<String> disks,
      @Value("${caravel.upload-disk:private}") String uploads) {
    this.home = Path.of(home).toAbsolutePath().normalize();
    for (String disk : disks) {
      int equals = disk.indexOf('=');
      String name = equals < 0 ? "" : disk.substring(0, equals).strip();
      String path = disk.substring(equals + 1).strip();
      if (name.isEmpty() || path.isEmpty()) {
        throw new IllegalArgumentException(
            "CARAVEL_DISKS says '%s': write name=path,name=path.".formatted(disk.strip()));
      }
      roots.put(name, Path.of(path).toAbsolutePath().normalize());
    }
    roots.putIfAbsent("private", this.home.resolve("originals"));
    this.uploads = uploads.strip();
    if (!roots.containsKey(this.uploads)) {
      throw new IllegalArgumentException(
          "CARAVEL_UPLOAD_DISK says '%s': name a storage root of CARAVEL_DISKS (%s)."
              .formatted(this.uploads, String.join(", ", roots.keySet())));
    }
    createOwn();
  }

  /** With {@code private} for uploads. */
  public Disks(String home, List<String> disks) {
    this(home, disks, "private");
  }

  /**
   * What lies below home is made at start, so that its absence later means that it was lost. Roots
   * elsewhere are the owner's: an empty directory made in place of an unmounted disk would be
   * filled.
   */
  private void createOwn() {
    try {
      DurableFiles.createDirectories(home);
      for (Path root : roots.values()) {
        if (root.startsWith(home)) {
          DurableFiles.createDirectories(root);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "CARAVEL_HOME %s cannot be made: mend its owner, or name another.".formatted(home), e);
    }
  }

  /** The name of the storage root that takes new photos: the others are their owners'. */
  public String uploads() {
    return uploads;
  }

  /** The names of all storage roots. */
  public Set<String> names() {
    return Set.copyOf(roots.keySet());
  }

  /**
   * The storage root of that name, absolute; below home it exists from the start.
   *
   * @throws Failure {@code disk-unavailable}, lasting: no disk has that name
   */
  public Path root(String disk) {
    Path root = roots.get(disk);
    if (root == null) {
      throw Failure.lasting(
          "disk-unavailable",
          "No storage root is named '%s': add it to CARAVEL_DISKS.".formatted(disk));
    }
    return root;
  }

  /**
   * The name of the storage root that a path lies in, or is; of roots within each other the inner.
   *
   * @param path absolute and normalized, spelled as in CARAVEL_DISKS
   * @throws Failure {@code disk-unavailable}, lasting: it lies in none
   */
  public String holding(Path path) {
    return roots.entrySet().stream()
        .filter(root -> path.startsWith(root.getValue()))
        .max(Comparator.comparing(root -> root.getValue().getNameCount()))
        .map(Map.Entry::getKey)
        .orElseThrow(
            () ->
                Failure.lasting(
                    "disk-unavailable",
                    "The path lies in no storage root: add the folder it lies in to CARAVEL_DISKS."));
  }

  /**
   * The real path of an existing file below a storage root, all symbolic links resolved.
   *
   * @param path directory below the root, "" for the root itself
   * @throws Failure {@code disk-unavailable}: lasting when the name is no disk's or leads out of
   *     the root, passing when root or file is not there (an unmounted disk may come back); {@code
   *     original-missing}, passing: the root is there and the file is not
   */
  public Path resolve(String disk, String path, String filename) {
    Path root = root(disk);
    try {
      Path file = root.resolve(path).resolve(filename).normalize();
      if (!file.startsWith(root) || file.equals(root)) {
        throw outside(disk);
      }
      Path real = file.toRealPath();
      if (!real.startsWith(root.toRealPath())) {
        throw outside(disk);
      }
      return real;
    } catch (InvalidPathException e) {
      throw outside(disk);
    } catch (IOException e) {
      throw e instanceof NoSuchFileException && Files.isDirectory(root)
          ? Failure.passing(
              "original-missing",
              "The file is not on storage root '%s' any more: put it back, or trash the photo."
                  .formatted(disk),
              e)
          : Failure.passing(
              "disk-unavailable",
              Files.isDirectory(root)
                  ? "Storage root '%s' cannot be read (%s): look at the disk and its permissions."
                      .formatted(disk, e.getMessage())
                  : "Storage root '%s' is not there: mount it again.".formatted(disk),
              e);
    }
  }

  /** Whether a photo's original is there. */
  boolean holds(Photo photo) {
    Path root = roots.get(photo.disk());
    return root != null && Files.isRegularFile(root.resolve(photo.path()).resolve(photo.file()));
  }

  /** Whether a storage root is there; one below home is made when it is not. */
  boolean isMounted(String disk) {
    return root(disk).startsWith(home) || Files.isDirectory(root(disk));
  }

  /** The path of a photo's original, as the one argument of a command. */
  public List<String> argument(Photo photo) {
    return List.of(resolve(photo.disk(), photo.path(), photo.file()).toString());
  }

  /**
   * Deletes a photo's files for good: the thumbnails first, then the original, which is off the
   * disk when this returns. Left there by a power cut while its row is gone, it would be adopted.
   * An original that was taken by reference is not Caravel's to delete.
   */
  public void delete(Photo photo) {
    try {
      Path folder = thumbnailFile(photo.sha256(), "cover-1x1", "jpg").getParent();
      FileSystemUtils.deleteRecursively(folder);
      Files.deleteIfExists(debugFile(photo.sha256()));
      if (photo.referenced()) {
        return;
      }
      // Uploaded again since CARAVEL_UPLOAD_DISK was changed, it lies there, too.
      for (String disk : new TreeSet<>(List.of(photo.disk(), uploads))) {
        Path original = root(disk).resolve(photo.path()).resolve(photo.file());
        if (Files.deleteIfExists(original)) {
          DurableFiles.syncDirectory(Objects.requireNonNull(original.getParent()));
        }
      }
    } catch (IOException e) {
      throw Originals.unwritable(e);
    }
  }

  /** Below it lie all thumbnails; it need not exist yet. */
  public Path thumbnails() {
    return home.resolve("thumbnails");
  }

  /**
   * Where a thumbnail lies or will lie: addressed by the photo's bytes, never by its id.
   *
   * @param sha256 64 small hexadecimal digits
   * @param name method and box in pixels, such as {@code cover-300x300}
   * @param extension {@code jpg} or {@code webp}
   */
  public Path thumbnailFile(String sha256, String name, String extension) {
    if (!sha256.matches("[0-9a-f]{64}")
        || !name.matches("[a-z]+-\\d{1,5}x\\d{1,5}")
        || !extension.matches("[a-z]{3,4}")) {
      throw new IllegalArgumentException("Not a thumbnail: " + name + "." + extension);
    }
    return thumbnails()
        .resolve(sha256.substring(0, 2))
        .resolve(sha256)
        .resolve(name + "." + extension);
  }

  /**
   * Where the crop of a face lies or will lie: with the photo's thumbnails, and deleted with them.
   *
   * @param sha256 64 small hexadecimal digits
   * @param left of the face's box, in pixels of the upright photo; as the others
   */
  public Path cropFile(String sha256, int left, int top, int width, int height) {
    return thumbnailFile(sha256, "cover-1x1", "jpg")
        .resolveSibling("face-%dx%d-%d-%d.jpg".formatted(width, height, left, top));
  }

  /**
   * Where the picture lies or will lie that shows what was found in a photo.
   *
   * @param sha256 64 small hexadecimal digits
   */
  public Path debugFile(String sha256) {
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("Not a photo: " + sha256);
    }
    return home.resolve("debug").resolve(sha256.substring(0, 2)).resolve(sha256 + ".jpg");
  }

  /**
   * Where a new file may be written below a storage root, whatever the names say and wherever
   * symbolic links lead; its directory need not exist yet.
   *
   * @throws Failure {@code disk-unavailable}: lasting when the name is no disk's or leads out of
   *     the root, passing when the root is not there
   */
  public Path place(String disk, String path, String filename) {
    Path root = root(disk);
    try {
      Path file = root.resolve(path).resolve(filename).normalize();
      if (!file.startsWith(root) || file.equals(root)) {
        throw outside(disk);
      }
      if (!real(Objects.requireNonNull(file.getParent())).startsWith(root.toRealPath())) {
        throw outside(disk);
      }
      return file;
    } catch (InvalidPathException e) {
      throw outside(disk);
    } catch (IOException e) {
      throw Failure.passing(
          "disk-unavailable",
          "Storage root '%s' is not there, or a link below it leads nowhere: mount it again."
              .formatted(disk),
          e);
    }
  }

  /** The real path that a folder has or would have, once it is made. */
  public static Path real(Path folder) throws IOException {
    Path there = folder;
    while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS) && there.getParent() != null) {
      there = Objects.requireNonNull(there.getParent());
    }
    return there.toRealPath().resolve(there.relativize(folder));
  }

  private static Failure outside(String disk) {
    return Failure.lasting(
        "disk-unavailable",
        "The file's path leads out of storage root '%s': it is left alone.".formatted(disk));
  }
}
