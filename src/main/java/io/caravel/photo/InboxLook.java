package io.caravel.photo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Whether the inbox is to be looked through now. To ask its folders whether they have changed costs
 * little, to ask each file costs much where 30,000 are left alone. So it is looked through only
 * when a folder has changed, when something in it waits to be taken, and now and then in any case:
 * not every network mount tells when a folder changed. Thread-safe.
 */
@Component("inboxLook")
public class InboxLook {
  private static final long ANYWAY_NANOS = Duration.ofSeconds(10).toNanos();

  /** So long after a change a folder may change again and show the same time (FAT: 2 s). */
  private static final Duration SAME_TIME = Duration.ofSeconds(3);

  private static final FileTime UNKNOWN = FileTime.fromMillis(Long.MIN_VALUE);

  private final Path inbox;
  private final Map<Path, FileTime> folders = new ConcurrentHashMap<>();
  private volatile boolean waiting = true;
  private volatile long lookedAt = System.nanoTime();

  InboxLook(@Value("${caravel.inbox}") String inbox) {
    this.inbox = Path.of(inbox);
  }

  /** Whether it is; if so, what was known of the last look is forgotten. */
  public boolean isDue() {
    long now = System.nanoTime();
    boolean due =
        waiting
            || now - lookedAt > ANYWAY_NANOS
            || folders.entrySet().stream()
                .anyMatch(folder -> !changed(folder.getKey()).equals(folder.getValue()));
    if (due) {
      folders.clear();
      waiting = false;
      lookedAt = now;
      folder(inbox);
    }
    return due;
  }

  /** This folder is about to be listed. */
  void folder(Path folder) {
    FileTime changed = changed(folder);
    boolean settled = changed.toInstant().isBefore(Instant.now().minus(SAME_TIME));
    if (settled && !changed.equals(UNKNOWN)) {
      folders.put(folder, changed);
    } else {
      waiting = true;
    }
  }

  /** Something lies there that is to be looked at again. */
  void waits() {
    waiting = true;
  }

  private static FileTime changed(Path folder) {
    try {
      return Files.getLastModifiedTime(folder);
    } catch (IOException e) {
      return UNKNOWN;
    }
  }
}
