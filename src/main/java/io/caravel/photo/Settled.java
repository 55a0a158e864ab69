package io.caravel.photo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Tells which files of the inbox are complete, as far as that can be known: same size and time for
 * two seconds of this node's own clock, so the clock of a network mount does not matter; longer
 * where a file's end looks as if more of it were to come; no process seen that has it open for
 * writing; no name of a transfer under way. Waits for none of them.
 */
@Component("settled")
public class Settled {
  private static final Logger LOG = LoggerFactory.getLogger(Settled.class);

  private final Roots roots;
  private final Path inbox;
  private final long settleNanos;
  private final long unfinishedNanos;
  private final Untaken untaken;
  private final LeftAlone leftAlone;
  private final InboxLook look;
  private final Writers writers;
  private final Map<Path, Seen> seen = new ConcurrentHashMap<>();
  private final Set<String> signsTold = ConcurrentHashMap.newKeySet();

  Settled(
      Roots roots,
      Untaken untaken,
      LeftAlone leftAlone,
      InboxLook look,
      @Value("${caravel.inbox}") String inbox,
      @Value("${caravel.inbox-settings.settle-ms}") long settleMs,
      @Value("${caravel.inbox-settings.unfinished-ms}") long unfinishedMs) {
    this.roots = roots;
    this.untaken = untaken;
    this.leftAlone = leftAlone;
    this.look = look;
    this.inbox = Path.of(inbox);
    this.writers = new Writers(this.inbox);
    this.settleNanos = settleMs * 1_000_000;
    this.unfinishedNanos = unfinishedMs * 1_000_000;
  }

  /**
   * @param look null: it cannot be taken, which was told
   * @param unfinished whether its end looks so; null: not looked at yet
   * @param told who is writing it, once that was told
   */
  private record Seen(
      @Nullable Look look,
      @Nullable Boolean unfinished,
      @Nullable String told,
      long since,
      long lookedAt) {}

  /** Whether the files of this folder may be taken in; told where it cannot be looked into. */
  public boolean testFolder(Path folder) {
    // A linked folder is somebody's own elsewhere: its files are not ours to move.
    if (Files.isSymbolicLink(folder) || leftAlone.is(inbox.relativize(folder))) {
      return false;
    }
    look.folder(folder);
    if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
      look.waits();
      if (!untaken.rests(folder)) {
        untaken.rest(
            folder,
            "inbox-unreadable",
            "The folder cannot be looked into (Permission denied): give Caravel the right to read and write it.");
      }
      return false;
    }
    untaken.over(folder);
    return true;
  }

  /** Whether this file may be taken in now. */
  public boolean test(Path file) {
    Path name = inbox.relativize(file);
    if (leftAlone.is(name)) {
      return false;
    }
    long now = System.nanoTime();
    forgetGone(now);
    String sign = TransferNames.sign(file, name);
    if (sign != null) {
      if (signsTold.add(sign)) {
        LOG.info(
            "inbox file {} is being transferred, as {} in its name says: such files are taken in once they are renamed.",
            Filenames.shown(name),
            sign);
      }
      return false;
    }
    look.waits();
    try {
      return isComplete(file, name, now);
    } catch (IOException e) {
      if (!untaken.rests(file)) {
        untaken.rest(
            file,
            "inbox-unreadable",
            "The file cannot be read, or its name is no UTF-8 (%s): mend its rights, or rename it."
                .formatted(Untaken.errno(e)));
      }
      return false;
    }
  }

  private boolean isComplete(Path file, Path name, long now) throws IOException {
    Look look = Look.at(file);
    Seen before = seen.get(file);
    if (!look.regular()) {
      if (before == null) {
        LOG.warn("The inbox entry {} is no regular file: it is left alone.", Filenames.shown(name));
      }
      seen.put(file, new Seen(null, null, null, now, now));
      return false;
    }
    if (before == null || before.look() == null || !before.look().sameBytes(look)) {
      seen.put(file, new Seen(look, null, before == null ? null : before.told(), now, now));
      return false;
    }
    long quiet = now - before.since();
    if (quiet < settleNanos || untaken.rests(file)) {
      seen.put(file, new Seen(look, before.unfinished(), before.told(), before.since(), now));
      return false;
    }
    boolean unfinished =
        before.unfinished() == null ? FileEnd.looksUnfinished(file) : before.unfinished();
    String writer = writers.of(file, before.since());
    if (writer == null && quiet >= (unfinished ? unfinishedNanos : settleNanos)) {
      if (roots.closed() != null) {
        return false; // it stays where it is until there is room
      }
      seen.remove(file);
      return true;
    }
    String told = before.told();
    if (writer != null && !writer.equals(Writers.UNKNOWN)) {
      if (!writer.equals(told)) {
        LOG.info(
            "inbox file {} is open for writing in the process {}: it is taken in once that closes it.",
            Filenames.shown(name),
            writer);
      }
      told = writer;
    }
    seen.put(file, new Seen(look, unfinished, told, before.since(), now));
    return false;
  }

  private void forgetGone(long now) {
    if (seen.size() > 10_000) {
      seen.values().removeIf(s -> now - s.lookedAt() > 600_000_000_000L);
    }
  }
}
