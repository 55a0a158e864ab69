package io.caravel.photo;

import io.caravel.ground.DatabaseWatch;
import io.caravel.ground.Failure;
import io.caravel.ground.Requirement;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Whether the storage roots are there, are this library's, and have room. While one is not, the
 * queues that read or write files rest on this node, nothing is taken in, and reading goes on. With
 * an embedded database all queues rest while its disk has too little, before it is hurt by that.
 *
 * <p>Looked at when it is asked, at most once a second; whether a file can be made, each 5 s: a
 * disk whose inodes are used up has room and takes none. Thread-safe.
 */
@Component("roots")
public class Roots implements Requirement {
  /** What CARAVEL_HOME is called among the roots. */
  public static final String HOME = "CARAVEL_HOME";

  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long TRY_NANOS = Duration.ofSeconds(5).toNanos();

  /** What a file that is made to see whether one can be is called. */
  private static final String TRY = ".caravel-try-";

  /** Of what is to be kept free: below this, other writes than uploads are refused, too. */
  private static final int LAST_PART = 4;

  private final Disks disks;
  private final RootMarks marks;
  private final Path home;
  private final boolean embedded;
  private final long keepFree;
  private final Map<String, Path> all = new LinkedHashMap<>();
  private final Map<Path, Tried> tried = new ConcurrentHashMap<>();
  private volatile Look last;

  /** Whether a file could be made in a folder, and when that was tried. */
  private record Tried(@Nullable Failure failure, long at) {}

  /**
   * How the roots were at one moment.
   *
   * @param troubles by root, in their order
   * @param last why nothing at all may be written; null: it may
   */
  private record Look(Map<String, Failure> troubles, @Nullable Failure last, long at) {}

  Roots(
      Disks disks,
      RootMarks marks,
      DatabaseWatch database,
      @Value("${caravel.home}") String home,
      @Value("${caravel.keep-free-mb}") long keepFreeMb) {
    this.disks = disks;
    this.marks = marks;
    this.home = Path.of(home).toAbsolutePath().normalize();
    this.embedded = database.isEmbedded();
    this.keepFree = keepFreeMb << 20;
    all.put(HOME, this.home);
    for (String name : disks.names().stream().sorted().toList()) {
      all.put(name, disks.root(name));
    }
    last = lookNow(); // marks what the database does not know yet
  }

  @Override
  public @Nullable String missing(String queue) {
    Look now = look();
    for (Map.Entry<String, Failure> each : now.troubles().entrySet()) {
      Failure failure = each.getValue();
      boolean room = failure.cause().equals("disk-full");
      if (!queue.equals("geolocation") || (embedded && room && each.getKey().equals(HOME))) {
        return failure.getMessage();
      }
    }
    return null;
  }

  /** What is wrong with which root, as a sentence; empty when all is well. */
  public Map<String, String> troubles() {
    Map<String, String> told = new LinkedHashMap<>();
    look()
        .troubles()
        .forEach((name, failure) -> told.put(name, String.valueOf(failure.getMessage())));
    return told;
  }

  /** Where each root lies. */
  public Map<String, Path> paths() {
    return Map.copyOf(all);
  }

  /** Why no photo can be taken in; null: one can. */
  public @Nullable Failure closed() {
    Map<String, Failure> troubles = look().troubles();
    Failure home = troubles.get(HOME);
    return home != null ? home : troubles.get(disks.uploads());
  }

  /** Why nothing at all may be written, since the database would be hurt; null: it may. */
  public @Nullable Failure lastRoom() {
    return look().last();
  }

  /** Whether anything may be written at all: an embedded database is not hurt by it. */
  public boolean mayWrite() {
    return lastRoom() == null;
  }

  /**
   * Refuses to write an original unless its root is there and has room, at this very moment.
   *
   * @throws Failure disk-full, disk-unavailable
   */
  public void ready(String disk) {
    Failure failure = trouble(disk, disks.root(disk), true);
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Refuses to read what lies below a root that is not there.
   *
   * @throws Failure disk-unavailable: lasting when the name is no root's
   */
  void requireThere(String disk) {
    Failure failure = trouble(disk, disks.root(disk), false);
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Refuses to go on while any root is not there: what is deleted now would come back with it.
   *
   * @throws Failure disk-unavailable
   */
  public void present() {
    for (Failure failure : look().troubles().values()) {
      if (failure.cause().equals("disk-unavailable")) {
        throw failure;
      }
    }
  }

  /**
   * Whether a root is not there, or is another library's: what lies in it is not to be believed.
   */
  boolean isAway(String root) {
    Failure trouble = look().troubles().get(root);
    return trouble != null && trouble.cause().equals("disk-unavailable");
  }

  private Look look() {
    Look before = last;
    if (System.nanoTime() - before.at() < LOOK_NANOS) {
      return before;
    }
    synchronized (this) {
      if (last == before) {
        last = lookNow();
      }
      return last;
    }
  }

  private Look lookNow() {
    Map<String, Failure> troubles = new LinkedHashMap<>();
    all.forEach(
        (name, root) -> {
          Failure trouble = trouble(name, root, isOwn(name));
          if (trouble != null) {
            troubles.put(name, trouble);
          }
        });
    Failure full = null;
    if (embedded && troubles.get(HOME) != null) {
      Path folder = databaseFolder();
      full = folder.toFile().getUsableSpace() < keepFree / LAST_PART ? full(HOME, folder) : null;
      Tried there = tried.get(folder);
      full = there != null && there.failure() != null ? there.failure() : full;
    }
    return new Look(troubles, full, System.nanoTime());
  }

  /** Whether Caravel's own files lie there; any other root is its owner's. */
  private boolean isOwn(String name) {
    return name.equals(HOME) || name.equals(disks.uploads());
  }

  private @Nullable Failure trouble(String name, Path root, boolean written) {
    try {
      if (!Files.isDirectory(root)) {
        return away(name, root, "is not there", "Mount it, or make it.");
      }
      String wrong = marks.wrong(name, root, isOwn(name));
      if (wrong != null) {
        return away(
            name,
            root,
            wrong,
            "Mount its disk; or, if you moved it there yourself: ./caravel adopt-root %s."
                .formatted(name.equals(HOME) ? "home" : name));
      }
      for (Path folder : written ? folders(name, root) : List.<Path>of()) {
        if (folder.toFile().getUsableSpace() < keepFree) {
          return full(name, folder);
        }
        Failure refused = tried(name, folder);
        if (refused != null) {
          return refused;
        }
      }
      return null;
    } catch (DataAccessException e) {
      return null; // the database's own trouble, which is told by itself
    } catch (IOException e) {
      return away(
          name,
          root,
          "cannot be read (%s)".formatted(reason(e)),
          "Look at the disk and its permissions.");
    }
  }

  /** Those that may be file systems of their own. */
  private List<Path> folders(String name, Path root) {
    List<Path> folders = new ArrayList<>(List.of(root));
    if (name.equals(HOME)) {
      for (Path each :
          List.of(databaseFolder(), home.resolve("thumbnails"), home.resolve("debug"))) {
        if (!each.equals(root) && Files.isDirectory(each)) {
          folders.add(each);
        }
      }
    }
    return folders;
  }

  private Path databaseFolder() {
    Path folder = home.resolve("database");
    return embedded && Files.isDirectory(folder) ? folder : home;
  }

  /** What a kill in the middle of a try has left: an hour old, so of none that is under way. */
  private static void discardOldTries(Path folder) throws IOException {
    long old = System.currentTimeMillis() - Duration.ofHours(1).toMillis();
    try (DirectoryStream<Path> tries = Files.newDirectoryStream(folder, TRY + "*")) {
      for (Path each : tries) {
        if (each.toFile().lastModified() < old) { // 0: its own try has just removed it
          Files.deleteIfExists(each);
        }
      }
    }
  }

  private @Nullable Failure tried(String name, Path folder) {
    Tried before = tried.get(folder);
    long now = System.nanoTime();
    if (before != null && now - before.at() < TRY_NANOS) {
      return before.failure();
    }
    Failure failure = null;
    try {
      if (before == null) {
        discardOldTries(folder);
      }
      // A name of its own: other threads, and nodes on other machines, try at the same moment.
      Files.delete(Files.createTempFile(folder, TRY, ".part"));
    } catch (IOException e) {
      String reason = reason(e);
      failure =
          isFull(reason)
              ? Failure.passing(
                  "disk-full",
                  "The disk of %s (%s) takes no further file, though it has %d MB left: its inodes or your quota are used up. Delete files there. All goes on by itself."
                      .formatted(name, folder, folder.toFile().getUsableSpace() >> 20))
              : away(
                  name,
                  folder,
                  "cannot be written (%s)".formatted(reason),
                  "Look at the disk and its permissions.");
    }
    tried.put(folder, new Tried(failure, now));
    return failure;
  }

  private Failure full(String name, Path folder) {
    return Failure.passing(
        "disk-full",
        "The disk of %s (%s) has %d MB left, less than the %d MB to be kept free (CARAVEL_KEEP_FREE_MB): make room. All goes on by itself."
            .formatted(name, folder, folder.toFile().getUsableSpace() >> 20, keepFree >> 20));
  }

  private static Failure away(String name, Path root, String what, String then) {
    return Failure.passing(
        "disk-unavailable",
        "The storage root %s (%s) %s. %s All goes on by itself.".formatted(name, root, what, then));
  }

  /** Whether the system refused a write for want of room. */
  static boolean isFull(String reason) {
    return reason.contains("No space left") || reason.contains("quota");
  }

  static String reason(IOException e) {
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
  }
}
