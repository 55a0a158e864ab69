package io.caravel.photo;

import io.caravel.job.Failure;
import io.caravel.job.Nodes;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The watched folder. A file in it is claimed by renaming it into {@code .taking/}, copied from one
 * open descriptor, and, once its photo is safe, moved to {@code .done/} or {@code .failed/} under
 * its name and sub-folder. A crash in between leaves it in {@code .taking/}, which is taken first
 * at the next start. One that grows after it was taken (its copying had only stalled) comes back
 * into the inbox.
 */
@Component("inbox")
public class Inbox {
  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);
  private static final String TAKING = ".taking";
  private static final String DONE = ".done";
  private static final String FAILED = ".failed";

  /** What operating systems leave behind in folders, beside dot files. */
  private static final Set<String> LITTER = Set.of("thumbs.db", "desktop.ini", "ehthumbs.db");

  /** How long the files that were taken are looked at, and at most how many of them. */
  private static final Duration LOOKED_AT = Duration.ofMinutes(10);

  private static final int MOST_LOOKED_AT = 20_000;

  private final Path inbox;
  private final Path taking;
  private final Originals originals;
  private final Nodes nodes;
  private final Deque<Finished> finished = new ConcurrentLinkedDeque<>();

  Inbox(
      Originals originals,
      Nodes nodes,
      @Value("${caravel.inbox}") String inbox,
      @Value("${caravel.node}") String node)
      throws IOException {
    this.originals = originals;
    this.nodes = nodes;
    this.inbox = Path.of(inbox);
    this.taking = this.inbox.resolve(TAKING).resolve(node);
    DurableFiles.createDirectories(this.inbox);
  }

  /**
   * A file that this node has claimed.
   *
   * @param name below the inbox, with its sub-folder
   * @param bytes its size when it was claimed
   */
  public record Claimed(Path name, Path file, long bytes) {
    /** The last part of its name, as the photo is called. */
    public String filename() {
      return Filenames.clean(String.valueOf(name.getFileName()));
    }
  }

  /** A claimed file where it lies now, looked at until then (of System.nanoTime). */
  private record Finished(Claimed claimed, Path file, long until) {}

  /** Whether a name is a photo's at all, and not litter of the system. */
  static boolean isLitter(Path name) {
    for (Path part : name) {
      String text = part.toString();
      if (text.startsWith(".") || LITTER.contains(text.toLowerCase(java.util.Locale.ROOT))) {
        return true;
      }
    }
    return false;
  }

  /** The files a former life had claimed and not finished. */
  public List<File> unfinished() {
    List<File> files = new ArrayList<>();
    if (Files.isDirectory(taking)) {
      walk(taking, files);
    }
    return files;
  }

  /** The files that nodes had claimed of which nothing is heard any more. */
  public List<File> abandoned() {
    List<File> files = new ArrayList<>();
    for (Path folder : DurableFiles.foldersBut(inbox.resolve(TAKING), nodes.names())) {
      walk(folder, files);
    }
    return files;
  }

  private static void walk(Path root, List<File> files) {
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              files.add(file.toFile());
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Claims a file of the inbox, or one that a node had claimed which is gone; or goes on with one
   * claimed in a former life.
   *
   * @return null when it is gone: another node has claimed it
   */
  public synchronized @Nullable Claimed claim(File file) {
    Path path = file.toPath();
    Path name = name(path);
    try {
      if (path.startsWith(taking)) {
        return new Claimed(taking.relativize(path), path, Files.size(path));
      }
      Path claimed = free(taking.resolve(name), "");
      Files.createDirectories(claimed.getParent());
      Files.move(path, claimed, StandardCopyOption.ATOMIC_MOVE);
      return new Claimed(taking.relativize(claimed), claimed, Files.size(claimed));
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("The inbox file " + name + " cannot be claimed", e);
    }
  }

  private Path name(Path path) {
    Path claims = inbox.resolve(TAKING);
    if (!path.startsWith(claims)) {
      return inbox.relativize(path);
    }
    Path claim = claims.relativize(path);
    return claim.subpath(1, claim.getNameCount()); // without the node's name
  }

  /** Copies a claimed file beside the originals. */
  public Staged stage(Claimed claimed) {
    try (FileChannel channel =
            FileChannel.open(claimed.file(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        InputStream in = Channels.newInputStream(channel)) {
      return originals.stage(claimed.filename(), in);
    } catch (IOException e) {
      throw Failure.passing(
          "disk-unavailable",
          "The file cannot be read (" + e.getMessage() + "): look at its permissions and the disk.",
          e);
    }
  }

  /**
   * Moves a claimed file to {@code .done}, or to {@code .failed} with the reason beside it; back
   * into the inbox when what hinders its intake may pass.
   */
  public void finish(Claimed claimed, Outcome outcome) {
    boolean rejected = outcome.isRejected();
    try {
      if (outcome.isPassing()) {
        LOG.warn("inbox file {} It stays in the inbox.", sentence(claimed, outcome));
        putBack(claimed.file(), claimed);
        return;
      }
      Path folder = inbox.resolve(rejected ? FAILED : DONE);
      String reason = rejected ? sentence(claimed, outcome) : null;
      Path target =
          moveToFree(
              claimed.file(), folder.resolve(claimed.name()), mark(claimed, outcome), reason);
      finished.addLast(new Finished(claimed, target, System.nanoTime() + LOOKED_AT.toNanos()));
      if (rejected) {
        LOG.warn("inbox file {}", reason);
      }
      prune(claimed);
    } catch (IOException e) {
      throw new UncheckedIOException("The inbox file " + claimed.name() + " cannot be moved", e);
    }
  }

  private static String sentence(Claimed claimed, Outcome outcome) {
    return "%s: %s [%s]"
        .formatted(Filenames.shown(claimed.name()), outcome.error(), outcome.cause());
  }

  private void putBack(Path file, Claimed claimed) throws IOException {
    moveToFree(file, inbox.resolve(claimed.name()), "", null);
  }

  /**
   * Puts what has grown since it was taken back into the inbox: somebody was still copying it. What
   * was taken of it stays a photo.
   */
  public void takeBackGrown() throws IOException {
    long now = System.nanoTime();
    finished.removeIf(taken -> taken.until() - now < 0);
    while (finished.size() > MOST_LOOKED_AT) {
      finished.pollFirst();
    }
    for (Finished taken : finished) {
      File file = taken.file().toFile();
      if (!file.isFile()) {
        finished.remove(taken);
      } else if (file.length() != taken.claimed().bytes()) {
        LOG.warn(
            "inbox file {} was still being copied when it was taken; it is taken again once it is whole."
                + " What was taken of it before is a photo of its own: look at it, and delete it.",
            Filenames.shown(taken.claimed().name()));
        finished.remove(taken);
        putBack(taken.file(), taken.claimed());
        Files.deleteIfExists(reason(taken.file()));
      }
    }
  }

  private String mark(Claimed claimed, Outcome outcome) {
    String sha256 = outcome.sha256();
    return sha256 != null
        ? sha256.substring(0, 8)
        : originals.fingerprint(claimed.file()).substring(0, 8);
  }

  /**
   * Moves a file to a name that nobody has, also when another node wants the same name at the same
   * moment: a link is refused where a rename would replace.
   *
   * @param reason what is written beside it first
   * @return where it lies now
   */
  private static Path moveToFree(Path file, Path wanted, String mark, @Nullable String reason)
      throws IOException {
    Files.createDirectories(wanted.getParent());
    while (true) {
      Path target = free(wanted, mark);
      try {
        if (reason != null) {
          Files.writeString(reason(target), reason + "\n", StandardOpenOption.CREATE_NEW);
        }
        if (link(file, target)) {
          Files.delete(file);
        } else {
          Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        }
        return target;
      } catch (FileAlreadyExistsException e) {
        continue; // another node was faster: the next name
      }
    }
  }

  /** False on a file system without links, such as a USB stick's, which serves one machine. */
  private static boolean link(Path file, Path target) throws IOException {
    try {
      Files.createLink(target, file);
      return true;
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return false;
    }
  }

  /**
   * The file itself, or with {@code ~} and the mark behind its name where that is taken, then with
   * a count: nothing is ever overwritten.
   */
  private static Path free(Path file, String mark) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    String stem = dot > 0 ? name.substring(0, dot) : name;
    String ending = dot > 0 ? name.substring(dot) : "";
    Path candidate = file;
    for (int count = 1; isTaken(candidate) || isTaken(reason(candidate)); count++) {
      String suffix = mark.isEmpty() ? "~" + count : "~" + mark + (count == 1 ? "" : "-" + count);
      String shortened = Filenames.cutToBytes(stem, 255 - suffix.length() - ending.length() - 12);
      candidate = file.resolveSibling(shortened + suffix + ending);
    }
    return candidate;
  }

  private static boolean isTaken(Path name) {
    return Files.exists(name, LinkOption.NOFOLLOW_LINKS);
  }

  /** Where it is said why a file was rejected. */
  private static Path reason(Path rejected) {
    String name = Filenames.cutToBytes(String.valueOf(rejected.getFileName()), 240);
    return rejected.resolveSibling(name + ".error.txt");
  }

  /**
   * Removes the sub-folders of .taking that this file left empty. Those of the inbox stay: somebody
   * may be copying the next file into them.
   */
  private void prune(Claimed claimed) throws IOException {
    prune(claimed.file().getParent(), taking);
  }

  private static void prune(@Nullable Path folder, Path root) {
    for (Path empty = folder;
        empty != null && empty.startsWith(root) && !empty.equals(root);
        empty = empty.getParent()) {
      if (!empty.toFile().delete()) {
        return;
      }
    }
  }
}
