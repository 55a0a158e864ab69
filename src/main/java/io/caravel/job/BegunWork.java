package io.caravel.job;

import io.caravel.ground.Nodes;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Which jobs are at work that may end the program, in a file of this life of this node: {@code
 * $CARAVEL_HOME/nodes/NODE.BOOT.begun}. The embedded database writes a claim, a turn waited for and
 * an end to its file some time after the commit: a photo that ends the program at once would leave
 * no trace there, and of its neighbours it would say that they were at work. One plain {@code
 * write} does: the kernel keeps it whatever becomes of the process. Thread-safe.
 */
@Component
class BegunWork {
  private static final Logger LOG = LoggerFactory.getLogger(BegunWork.class);
  private static final Pattern NOTE = Pattern.compile("([+-]) (\\d+) (\\d+) (\\d+)");

  /** Bytes after which the file is written anew, with what has not ended. */
  private static final int LONGEST = 1 << 16;

  private final Steps steps;
  private final Path directory;
  private final String owner;
  private final Set<Start> unended = new LinkedHashSet<>();
  private final Set<Start> inHand = new HashSet<>();
  private @Nullable OutputStream notes;
  private int written;
  private boolean closed;
  private boolean complained;

  BegunWork(@Value("${caravel.home}") String home, Nodes nodes, Steps steps) {
    this.steps = steps;
    this.directory = Path.of(home, "nodes");
    this.owner = nodes.owner();
  }

  /** A start of a job; {@code attempts} counts them within the run. */
  record Start(long job, int run, int attempts) {
    private static Start of(Job job) {
      return new Start(job.id(), job.run(), job.attempts());
    }

    private String note(char sign) {
      return sign + " " + job + " " + run + " " + attempts + "\n";
    }
  }

  /** From now on there are notes of this life, before the first claim. */
  synchronized void open() {
    if (notes == null) {
      note("");
    }
  }

  /** To be called before the work of a job. */
  synchronized void begins(Job job) {
    if (isNoted(job.queue()) && unended.add(Start.of(job))) {
      note(Start.of(job).note('+'));
    }
  }

  /** A worker has this start of a job in hand from now on, and waits for its turn to begin. */
  synchronized void taken(Job job) {
    if (isNoted(job.queue())) {
      inHand.add(Start.of(job));
    }
  }

  /** Whether a worker here has this start of a job in hand; of a queue that is not noted: may. */
  synchronized boolean isInHand(String queue, long job, int run, int attempts) {
    return !isNoted(queue) || inHand.contains(new Start(job, run, attempts));
  }

  /** The work of a job has ended, well or not. */
  synchronized void ends(Job job) {
    inHand.remove(Start.of(job));
    if (unended.remove(Start.of(job))) {
      note(Start.of(job).note('-'));
    }
  }

  private boolean isNoted(String queue) {
    return steps.isInterrupted(queue);
  }

  private void note(String line) {
    if (closed) {
      return;
    }
    try {
      OutputStream out = notes;
      if (out == null || written > LONGEST) {
        writeAnew();
      } else {
        out.write(line.getBytes(StandardCharsets.US_ASCII));
        written += line.length();
      }
      complained = false;
    } catch (IOException e) {
      giveUp();
      if (!complained) {
        complained = true;
        LOG.warn(
            "What this node begins cannot be noted in {} ({}): a photo that ends the program may do so more than three times.",
            file(owner),
            e.toString());
      }
    }
  }

  /** Notes that lack something tell nothing: they are made anew with the next one. */
  private void giveUp() {
    try {
      if (notes != null) {
        notes.close();
      }
      Files.deleteIfExists(file(owner));
    } catch (IOException e) {
      LOG.debug("The notes {} stay as they are", file(owner), e);
    }
    notes = null;
  }

  /** In place of the old file at once, whenever this is ended. */
  private void writeAnew() throws IOException {
    if (notes != null) {
      notes.close();
      notes = null;
    }
    Files.createDirectories(directory);
    Path fresh = fresh(owner);
    // No channel: those are closed for all when a thread that writes is interrupted.
    OutputStream out = new FileOutputStream(fresh.toFile());
    StringBuilder lines = new StringBuilder();
    unended.forEach(start -> lines.append(start.note('+')));
    try {
      out.write(lines.toString().getBytes(StandardCharsets.US_ASCII));
      Files.move(fresh, file(owner), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      out.close();
      throw e;
    }
    notes = out;
    written = lines.length();
  }

  /** The starts of a life that is over whose work had not ended. None when nothing was noted. */
  List<Start> unendedOf(String owner) {
    Set<Start> starts = new LinkedHashSet<>();
    try (Stream<String> lines = Files.lines(file(owner), StandardCharsets.ISO_8859_1)) {
      for (String line : (Iterable<String>) lines::iterator) {
        Matcher note = NOTE.matcher(line);
        if (note.matches()) {
          Start start =
              new Start(
                  Long.parseLong(note.group(2)),
                  Integer.parseInt(note.group(3)),
                  Integer.parseInt(note.group(4)));
          if (note.group(1).equals("+")) {
            starts.add(start);
          } else {
            starts.remove(start);
          }
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("What life " + owner + " had begun cannot be read", e);
    }
    return new ArrayList<>(starts);
  }

  /**
   * Whether by its notes the life had not begun this start of a job, or had ended it, whatever the
   * row says. False when it left none.
   */
  boolean wasIdle(Job job) {
    return isNoted(job.queue())
        && Files.exists(file(job.owner()))
        && !unendedOf(job.owner()).contains(Start.of(job));
  }

  /** The former lives of this node that left notes. */
  List<String> formerLives() {
    int slash = owner.lastIndexOf('/');
    Pattern name =
        Pattern.compile(Pattern.quote(fileName(owner.substring(0, slash))) + "\\.([^.]+)\\.begun");
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(file -> name.matcher(String.valueOf(file.getFileName())))
          .filter(Matcher::matches)
          .map(boot -> owner.substring(0, slash + 1) + boot.group(1))
          .filter(life -> !life.equals(owner))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("The notes of begun work cannot be listed", e);
    }
  }

  /** The notes of a life are counted, durably: they are thrown away. */
  void forget(String life) {
    try {
      Files.deleteIfExists(fresh(life));
      Files.deleteIfExists(file(life));
    } catch (IOException e) {
      // Counted once more they change nothing: the jobs' rows know these starts.
      LOG.warn("The notes {} cannot be deleted: {}", file(life), e.toString());
    }
  }

  /** An orderly end: what runs is given back, and nothing is left. */
  synchronized void close() {
    closed = true;
    if (notes != null) {
      try {
        notes.close();
      } catch (IOException e) {
        LOG.warn("The notes {} cannot be closed: {}", file(owner), e.toString());
      }
      forget(owner);
    }
  }

  private Path file(String life) {
    int slash = life.lastIndexOf('/');
    return directory.resolve(
        fileName(life.substring(0, slash)) + "." + life.substring(slash + 1) + ".begun");
  }

  private Path fresh(String life) {
    return directory.resolve(file(life).getFileName() + ".new");
  }

  private static String fileName(String node) {
    return node.replace('/', '_');
  }
}
