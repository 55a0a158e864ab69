package io.caravel.photo;

import io.caravel.ground.DurableFiles;
import io.caravel.ground.Failure;
import io.caravel.ground.Nodes;
import java.io.File;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The watched folder. A file in it is claimed by renaming it into {@code .taking/}, cloned or
 * copied from there, and, once its photo is safe, moved to {@code .done/} or {@code .failed/} under
 * its name and sub-folder. A crash in between leaves it in {@code .taking/}, which is taken first
 * at the next start. Where another file system begins below the inbox, which no rename leaves, the
 * three lie there. One that was written to after it was taken comes back: {@link Taken}.
 */
@Component("inbox")
public class Inbox {
  /** The cause of a file that changed while it was copied. */
  static final String STILL_WRITTEN = "still-written";

  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);

  /** A copy that keeps no times is claimed so long after it was written. */
  private static final Duration COPIED_WITHIN = Duration.ofHours(1);

  private static final String TAKING = ".taking";
  private static final String DONE = ".done";
  private static final String FAILED = ".failed";
  private static final Set<String> OWN = Set.of(TAKING, DONE, FAILED);

  private final Path inbox;
  private final String node;
  private final Originals originals;
  private final Nodes nodes;
  private final Taken taken;
  private final Untaken untaken;
  private final LeftAlone leftAlone;
  private final Set<Path> inHand = ConcurrentHashMap.newKeySet();

  Inbox(
      Originals originals,
      Nodes nodes,
      Taken taken,
      Untaken untaken,
      LeftAlone leftAlone,
      @Value("${caravel.inbox}") String inbox,
      @Value("${caravel.node}") String node)
      throws IOException {
    this.originals = originals;
    this.nodes = nodes;
    this.taken = taken;
    this.untaken = untaken;
    this.leftAlone = leftAlone;
    this.inbox = Path.of(inbox);
    this.node = node;
    DurableFiles.createDirectories(this.inbox);
  }

  /**
   * A file that this node has claimed.
   *
   * @param root the inbox, or where another file system begins in it
   * @param name below that, with its sub-folder
   * @param look what it was like when it was claimed
   */
  public record Claimed(Path root, Path name, Path file, Look look) {
    /** The last part of its name, as the photo is called. */
    public String filename() {
      return Filenames.clean(String.valueOf(name.getFileName()));
    }
  }

  /** What a claimed file is refused for. */
  public Outcome rejected(Claimed claimed, Exception problem) {
    return Outcome.rejected(claimed.filename(), problem);
  }

  /** The files a former life had claimed and not finished, once at start. */
  public List<File> unfinished() throws IOException {
    untaken.forgetFormer(nodes.names());
    for (Path root : roots()) {
      taken.remember(root, root.resolve(DONE));
    }
    return claimed(node::equals);
  }

  /**
   * The files that nodes had claimed of which nothing is heard any more, and those of this node
   * that could not be put away.
   */
  public List<File> abandoned() throws IOException {
    Set<String> living = nodes.names();
    return claimed(each -> each.equals(node) || !living.contains(each));
  }

  private List<File> claimed(Predicate<String> whose) throws IOException {
    List<File> files = new ArrayList<>();
    for (Path root : roots()) {
      Path taking = root.resolve(TAKING);
      if (Shelf.isFolder(taking)) {
        Files.walkFileTree(
            taking,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes seen) {
                boolean other =
                    taking.equals(folder.getParent())
                        && !whose.test(String.valueOf(folder.getFileName()));
                return other ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult visitFile(Path file, BasicFileAttributes seen) {
                boolean resting = inHand.contains(file) || untaken.rests(file);
                if (seen.isRegularFile() && !taking.equals(file.getParent()) && !resting) {
                  files.add(file.toFile());
                }
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE; // moved meanwhile
              }
            });
      }
    }
    return files;
  }

  /** Where the files lie that were taken; need not exist. */
  List<Path> done() throws IOException {
    return roots().stream().map(root -> root.resolve(DONE)).toList();
  }

  /** The inbox, and the folders in it that have a {@code .taking} of their own. */
  private List<Path> roots() throws IOException {
    List<Path> roots = new ArrayList<>(List.of(inbox));
    Files.walkFileTree(
        inbox,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes seen) {
            if (folder.equals(inbox)) {
              return FileVisitResult.CONTINUE;
            }
            boolean taking = String.valueOf(folder.getFileName()).equals(TAKING);
            Path root = folder.getParent();
            if (taking && root != null && !root.equals(inbox)) {
              roots.add(root);
            }
            Path name = inbox.relativize(folder);
            boolean own = OWN.contains(String.valueOf(folder.getFileName()));
            return own || leftAlone.is(name)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes seen) {
            leftAlone.is(inbox.relativize(file)); // hidden ones are said here: no poll shows them
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return roots;
  }

  /**
   * Claims a file of the inbox, or one that a node had claimed which is gone; or goes on with one
   * claimed in a former life.
   *
   * @return null when it is gone, for another node has claimed it, or when it cannot be claimed and
   *     rests
   */
  public synchronized @Nullable Claimed claim(File file) {
    Path path = file.toPath();
    try {
      Claimed claimed = claim(path);
      return claimed != null && inHand.add(claimed.file()) ? claimed : null;
    } catch (NoSuchFileException e) {
      return null;
    } catch (NotDirectoryException e) {
      untaken.rest(
          path,
          "inbox-link",
          "%s is a symbolic link or a file, which Caravel never follows: take it away, and it is made anew."
              .formatted(Filenames.shown(String.valueOf(e.getFile()))));
    } catch (IOException e) {
      untaken.rest(
          path,
          "inbox-unclaimable",
          "The file cannot be moved into .taking (%s): give Caravel the right to write into its folder, or take the file away."
              .formatted(Untaken.errno(e)));
    }
    return null;
  }

  private @Nullable Claimed claim(Path path) throws IOException {
    Path below = inbox.relativize(path);
    int taking = 0;
    while (taking < below.getNameCount() && !below.getName(taking).toString().equals(TAKING)) {
      taking++;
    }
    if (taking == below.getNameCount()) {
      return claim(path, inbox);
    }
    Path root = taking == 0 ? inbox : inbox.resolve(below.subpath(0, taking));
    Path name = below.subpath(taking + 2, below.getNameCount()); // without the node's name
    return below.getName(taking + 1).toString().equals(node)
        ? new Claimed(root, name, path, Look.at(path))
        : move(path, root, name);
  }

  private Claimed claim(Path path, Path root) throws IOException {
    try {
      return move(path, root, root.relativize(path));
    } catch (AtomicMoveNotSupportedException e) {
      Path own = Mounts.of(path, inbox);
      if (own.equals(root)) {
        throw e;
      }
      return claim(path, own);
    }
  }

  private Claimed move(Path path, Path root, Path name) throws IOException {
    Shelf.check(root, DONE);
    Shelf.check(root, FAILED);
    Path own = Shelf.own(Shelf.own(root, TAKING), node);
    Path claimed = Shelf.free(Shelf.place(own, name, true), "");
    try {
      Files.move(path, claimed, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Shelf.prune(claimed.getParent(), root); // at another file system's edge, its .taking too
      throw e;
    }
    return new Claimed(root, own.relativize(claimed), claimed, Look.at(claimed));
  }

  /**
   * Clones or copies a claimed file beside the originals.
   *
   * @throws Failure still-written: it changed meanwhile; disk-unavailable, disk-full, too-large
   */
  public Staged stage(Claimed claimed) {
    Staged staged;
    Look now;
    if (!claimed.look().regular()) { // it was one when it was looked at
      throw Failure.passing(
          STILL_WRITTEN, "A link lies now where the file was: links are left alone.");
    }
    try {
      staged =
          originals
              .stage(claimed.filename(), claimed.root(), claimed.file())
              .of(ownTime(claimed.look()), folder(claimed));
      now = Look.at(claimed.file());
    } catch (IOException e) {
      throw Failure.passing(
          "disk-unavailable",
          "The file cannot be read (%s): look at its permissions and the disk."
              .formatted(Untaken.errno(e)),
          e);
    }
    if (!now.sameBytes(claimed.look())) {
      Originals.discard(staged.file());
      throw Failure.passing(
          "still-written", "The file is still being written: it is taken in when it is whole.");
    }
    return staged;
  }

  /** Whose files lie beside each other: below the inbox, wherever that lies. */
  private String folder(Claimed claimed) {
    Path place = inbox.relativize(claimed.root().resolve(claimed.name()));
    return "inbox/" + Objects.requireNonNullElse(place.getParent(), Path.of(""));
  }

  /**
   * When a file was written, as its folder says; null: only just, which is when it was copied here
   * and says nothing of the photo.
   */
  private static @Nullable Instant ownTime(Look look) {
    Instant modified = look.modified().toInstant();
    return modified.isBefore(look.changed().toInstant().minus(COPIED_WITHIN)) ? modified : null;
  }

  /**
   * Moves a claimed file to {@code .done}, or to {@code .failed} with the reason beside it; back
   * into the inbox when what hinders its intake may pass.
   */
  public void finish(Claimed claimed, Outcome outcome) {
    boolean rejected = outcome.isRejected();
    try {
      if (outcome.isPassing()) {
        putBack(claimed, outcome);
        return;
      }
      String reason = rejected ? sentence(claimed, outcome) : null;
      Path folder = Shelf.own(claimed.root(), rejected ? FAILED : DONE);
      Path wanted = Shelf.place(folder, claimed.name(), !rejected);
      Path target = Shelf.move(claimed.file(), wanted, mark(claimed, outcome), reason, !rejected);
      taken.watch(claimed, target, outcome);
      if (rejected) {
        LOG.warn("inbox file {}", reason);
      }
    } catch (IOException e) {
      untaken.rest(
          claimed.file(),
          "inbox-unmovable",
          outcome.isPassing()
              ? "It was not taken in (%s), and cannot be put back into the inbox (%s): mend that; it is tried again from where it lies."
                  .formatted(outcome.error(), Untaken.errno(e))
              : "It was taken in and cannot be moved to %s (%s): mend that, and it lies there."
                  .formatted(rejected ? FAILED : DONE, Untaken.errno(e)));
    } finally {
      inHand.remove(claimed.file());
      // Those of the inbox stay: somebody may be copying the next file into them.
      Shelf.prune(claimed.file().getParent(), claimed.root().resolve(TAKING).resolve(node));
    }
  }

  private static String sentence(Claimed claimed, Outcome outcome) {
    return "%s: %s [%s]"
        .formatted(Filenames.shown(claimed.name()), outcome.error(), outcome.cause());
  }

  private void putBack(Claimed claimed, Outcome outcome) throws IOException {
    Path wanted = Shelf.place(claimed.root(), claimed.name(), false);
    Path back = Shelf.move(claimed.file(), wanted, "", null, false);
    String cause = String.valueOf(outcome.cause());
    if (cause.equals(STILL_WRITTEN)) {
      LOG.info("inbox file {} is still being written.", Filenames.shown(claimed.name()));
    } else {
      untaken.rest(back, cause, String.valueOf(outcome.error()));
    }
  }

  private String mark(Claimed claimed, Outcome outcome) {
    String sha256 = outcome.sha256();
    return sha256 != null
        ? sha256.substring(0, 8)
        : originals.fingerprint(claimed.file()).substring(0, 8);
  }
}
