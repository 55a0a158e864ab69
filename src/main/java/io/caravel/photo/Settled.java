package io.caravel.photo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Tells which files of the inbox have stopped growing: same size and time for two seconds of this
 * node's own clock, so the clock of a network mount does not matter. Waits for none of them.
 */
@Component("settled")
public class Settled {
  private static final Logger LOG = LoggerFactory.getLogger(Settled.class);

  private final Path inbox;
  private final long settleNanos;
  private final Map<Path, Seen> seen = new ConcurrentHashMap<>();

  Settled(
      @Value("${caravel.inbox}") String inbox,
      @Value("${caravel.inbox-settings.settle-ms}") long settleMs) {
    this.inbox = Path.of(inbox);
    this.settleNanos = settleMs * 1_000_000;
  }

  private record Seen(long bytes, long modified, long since, long lookedAt) {}

  /** Whether this file may be taken in now. */
  public boolean test(Path file) {
    Path name = inbox.relativize(file);
    if (Inbox.isLitter(name)) {
      return false;
    }
    long now = System.nanoTime();
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isRegularFile()) {
        report(file, "The inbox entry {} is no regular file: it is left alone.", name);
        return false;
      }
      long bytes = attributes.size();
      long modified = attributes.lastModifiedTime().toMillis();
      Seen before = seen.get(file);
      boolean same = before != null && before.bytes() == bytes && before.modified() == modified;
      Seen current = new Seen(bytes, modified, same && before != null ? before.since() : now, now);
      if (same && now - current.since() >= settleNanos) {
        seen.remove(file);
        return true;
      }
      seen.put(file, current);
    } catch (IOException e) {
      report(
          file,
          "The name of the inbox file {} cannot be decoded as UTF-8, or it cannot be read: rename it.",
          name);
    }
    forgetGone(now);
    return false;
  }

  private void report(Path file, String sentence, Path name) {
    if (seen.put(file, new Seen(-1, -1, System.nanoTime(), System.nanoTime())) == null) {
      LOG.warn(sentence, Filenames.shown(name));
    }
  }

  private void forgetGone(long now) {
    if (seen.size() > 10_000) {
      seen.values().removeIf(s -> now - s.lookedAt() > 600_000_000_000L);
    }
  }
}
