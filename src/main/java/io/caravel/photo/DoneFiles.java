package io.caravel.photo;

import io.caravel.ground.Failure;
import io.caravel.ground.LivedTime;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Deletes what has lain in {@code .done} for CARAVEL_DONE_DAYS of the time that Caravel has lived
 * through. What is no photo's stays, and where the disk's clock is not the database's, by which is
 * counted, all stays.
 */
@Component("doneFiles")
public class DoneFiles {
  private static final Logger LOG = LoggerFactory.getLogger(DoneFiles.class);
  private static final Duration APART = Duration.ofMinutes(10);

  private final Inbox inbox;
  private final Originals originals;
  private final Photos photos;
  private final LivedTime livedTime;
  private final int days;

  DoneFiles(
      Inbox inbox,
      Originals originals,
      Photos photos,
      LivedTime livedTime,
      @Value("${caravel.done-days}") int days) {
    this.inbox = inbox;
    this.originals = originals;
    this.photos = photos;
    this.livedTime = livedTime;
    this.days = days;
  }

  /** Deletes what is due, if anything ever is. */
  public void empty() throws IOException {
    if (days > 0) {
      emptyUpTo(livedTime.daysAgo(days));
    }
  }

  /**
   * @param before UTC; what was put there before it is deleted
   */
  void emptyUpTo(LocalDateTime before) throws IOException {
    int deleted = 0;
    for (Path done : inbox.done()) {
      if (Shelf.isFolder(done) && hasOurTime(done)) {
        deleted += emptyUpTo(done, before.toInstant(ZoneOffset.UTC));
      }
    }
    if (deleted > 0) {
      LOG.info("{} files have lain in .done for {} days: they are deleted.", deleted, days);
    }
  }

  /** By a file that is made now. */
  private boolean hasOurTime(Path done) throws IOException {
    Path now = Files.createFile(done.resolve(".clock-" + UUID.randomUUID()));
    try {
      Instant shown = Look.at(now).changed().toInstant();
      Instant database = livedTime.now().toInstant(ZoneOffset.UTC);
      boolean same = Duration.between(shown, database).abs().compareTo(APART) < 0;
      if (!same) {
        LOG.warn(
            "The clock of the disk that holds {} shows {}, and the database's {}: nothing is deleted there until they agree.",
            done,
            shown,
            database);
      }
      return same;
    } finally {
      Files.deleteIfExists(now);
    }
  }

  /** One that cannot be read stays, and keeps no other from being deleted. */
  private boolean isKept(Path file) {
    try {
      return photos.isKnown(originals.fingerprint(file));
    } catch (Failure e) {
      LOG.debug("{} stays: {}", file, e.getMessage());
      return false;
    }
  }

  private int emptyUpTo(Path done, Instant before) throws IOException {
    int[] deleted = {0};
    Files.walkFileTree(
        done,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes seen) throws IOException {
            Look look = Look.at(file);
            boolean due =
                look.regular()
                    && look.changed().toInstant().isBefore(before)
                    && look.modified().toInstant().isBefore(before);
            if (due && isKept(file) && Look.at(file).equals(look)) {
              Files.delete(file);
              Shelf.prune(file.getParent(), done);
              deleted[0]++;
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
            return FileVisitResult.CONTINUE; // it may be pruned by now
          }
        });
    return deleted[0];
  }
}
