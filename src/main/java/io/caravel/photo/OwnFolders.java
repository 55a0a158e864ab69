package io.caravel.photo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The folders in which Caravel puts files of its own, and takes them away. */
@Component("ownFolders")
public class OwnFolders {
  /** As {@link Originals} names them, and adopts them. */
  private static final Pattern ORIGINAL = Pattern.compile("[0-9a-f]{2}/[0-9a-f]{64}\\..*");

  private final Disks disks;
  private final Path home;
  private final List<Path> folders;

  OwnFolders(
      Disks disks,
      @Value("${caravel.home}") Path home,
      @Value("${caravel.inbox}") Path inbox,
      @Value("${caravel.incoming}") Path incoming) {
    this.disks = disks;
    this.home = home;
    this.folders =
        List.of(
            inbox, incoming.resolveSibling(""), home.resolve("thumbnails"), home.resolve("debug"));
  }

  /** Whether a file lies in one of them. */
  boolean hold(Path file) {
    return folders.stream().anyMatch(folder -> isIn(folder, file));
  }

  /**
   * Whether no file of another program may be laid there: in these folders, in CARAVEL_HOME outside
   * of its storage roots, or under the name of an original.
   *
   * @param file its real path; it need not exist
   */
  public boolean keepOut(Path file) {
    Path uploads = real(disks.root(disks.uploads()));
    return hold(file)
        || (isIn(home, file) && disks.names().stream().noneMatch(disk -> isInRoot(disk, file)))
        || (file.startsWith(uploads)
            && ORIGINAL.matcher(uploads.relativize(file).toString()).matches());
  }

  /** Whether it lies in a storage root that is a part of CARAVEL_HOME. */
  private boolean isInRoot(String disk, Path file) {
    Path root = real(disks.root(disk));
    return !root.equals(real(home)) && root.startsWith(real(home)) && file.startsWith(root);
  }

  private static boolean isIn(Path folder, Path file) {
    return Files.exists(folder) && file.startsWith(real(folder));
  }

  private static Path real(Path folder) {
    try {
      return Files.exists(folder) ? folder.toRealPath() : folder;
    } catch (IOException e) {
      throw Originals.unwritable(e);
    }
  }
}
