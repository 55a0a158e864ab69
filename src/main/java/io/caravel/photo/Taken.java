package io.caravel.photo;

import io.caravel.ground.Failure;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The files that were taken lately, where they lie now: whoever was still writing one (its copying
 * had only stalled, on another machine) writes into it there. Such a file comes back into the
 * inbox, to be taken again once it is whole, and what had been stored of it goes into the trash.
 *
 * <p>A file is read again only where its size or one of its times has changed: a write changes
 * both, and one of them nobody can set back.
 */
@Component("taken")
public class Taken {
  private static final Logger LOG = LoggerFactory.getLogger(Taken.class);

  /** How long a file is looked at, rarer and rarer, and at most how many are. */
  private static final Duration LOOKED_AT = Duration.ofHours(1);

  private static final int MOST = 20_000;

  /** Files written so long before a start that were not looked at any more. */
  private static final Duration AWAY = Duration.ofDays(1);

  /** A write sets both times of a file, a later rename but one: so near they are only then. */
  private static final Duration WRITTEN_LAST = Duration.ofSeconds(1);

  private final Originals originals;
  private final Photos photos;
  private final long againNanos;
  private final Deque<Entry> entries = new ConcurrentLinkedDeque<>();

  Taken(
      Originals originals,
      Photos photos,
      @Value("${caravel.inbox-settings.look-again-ms}") long againMs) {
    this.originals = originals;
    this.photos = photos;
    this.againNanos = againMs * 1_000_000;
  }

  /**
   * @param root the inbox, or where another file system begins in it
   * @param name below it
   * @param file where it lies now
   * @param look what it was like when its bytes were the ones that were taken
   * @param sha256 of those; null: unknown, for it was rejected, or taken by a former life
   * @param photo that was made of it; null: none, or it was there before
   * @param since of System.nanoTime, as {@code due}
   */
  private record Entry(
      Path root,
      Path name,
      Path file,
      Look look,
      @Nullable String sha256,
      @Nullable Long photo,
      boolean rejected,
      long since,
      long due) {
    Entry seen(Look now, @Nullable String itsSha256, long next) {
      return new Entry(root, name, file, now, itsSha256, photo, rejected, since, next);
    }
  }

  /** Looks at a file from now on, which lies where it was moved to. */
  void watch(Inbox.Claimed claimed, Path file, Outcome outcome) throws IOException {
    Look taken = claimed.look();
    Look now = Look.at(file);
    entries.addLast(
        entry(
            claimed.root(),
            claimed.name(),
            file,
            new Look(true, taken.bytes(), taken.modified(), now.changed()),
            outcome));
  }

  private static Entry entry(
      Path root, Path name, Path file, Look look, @Nullable Outcome outcome) {
    long now = System.nanoTime();
    return new Entry(
        root,
        name,
        file,
        look,
        outcome == null ? null : outcome.sha256(),
        outcome != null && outcome.status().equals("accepted") ? outcome.id() : null,
        outcome != null && outcome.isRejected(),
        now,
        now);
  }

  /** Goes on with what a former life had taken and was looking at. */
  void remember(Path root, Path done) throws IOException {
    if (!Shelf.isFolder(done)) {
      return;
    }
    Instant now = Instant.now();
    Files.walkFileTree(
        done,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Instant modified = attributes.lastModifiedTime().toInstant();
            if (attributes.isRegularFile() && modified.isAfter(now.minus(AWAY))) {
              Look look = Look.at(file);
              boolean writtenLast =
                  look.changed().toInstant().isBefore(modified.plus(WRITTEN_LAST));
              if (writtenLast || modified.isAfter(now.minus(LOOKED_AT))) {
                Look known =
                    writtenLast ? new Look(true, -1, look.modified(), look.changed()) : look;
                entries.addLast(entry(root, done.relativize(file), file, known, null));
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Puts what was written to since it was taken back into the inbox. */
  public void lookAgain() throws IOException {
    while (entries.size() > MOST) {
      entries.pollFirst();
    }
    int all = entries.size();
    for (int each = 0; each < all; each++) {
      Entry entry = entries.pollFirst();
      if (entry == null) {
        return;
      }
      Entry next = entry;
      try {
        next = entry.due() - System.nanoTime() > 0 ? entry : again(entry);
      } finally {
        if (next != null) {
          entries.addLast(next);
        }
      }
    }
  }

  private @Nullable Entry again(Entry entry) throws IOException {
    long age = System.nanoTime() - entry.since();
    if (age > LOOKED_AT.toNanos()) {
      return null;
    }
    long next = System.nanoTime() + Math.max(againNanos, age / 4);
    try {
      Look now = Look.at(entry.file());
      if (!now.regular()) {
        return null;
      }
      if (now.equals(entry.look()) || entry.rejected() && now.sameBytes(entry.look())) {
        return entry.seen(now, entry.sha256(), next);
      }
      if (!entry.rejected()) {
        String sha256 = originals.fingerprint(entry.file());
        if (entry.sha256() == null ? photos.isKnown(sha256) : sha256.equals(entry.sha256())) {
          return entry.seen(now, sha256, next);
        }
      }
      takeBack(entry);
      return null;
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private void takeBack(Entry entry) throws IOException {
    Long half = entry.photo();
    String stored = "";
    if (half != null && isPart(half, entry.file())) {
      photos.replaced(
          half,
          "It was taken from the inbox while %s was still being copied: the whole file is taken in its place."
              .formatted(Filenames.shown(entry.name())));
      stored = " What had been stored of it (photo " + half + ") lies in the trash.";
    } else if (!entry.rejected()) {
      stored = " What had been stored of it is a photo of its own.";
    }
    LOG.warn(
        "inbox file {} was still being written when it was taken; it is taken again once it is whole.{}",
        Filenames.shown(entry.name()),
        stored);
    Shelf.move(entry.file(), Shelf.place(entry.root(), entry.name(), false), "", null, false);
    Files.deleteIfExists(Shelf.reason(entry.file()));
  }

  /** Whether a photo is but a part of a file; one that was edited is not. */
  private boolean isPart(long photo, Path file) throws IOException {
    try {
      return originals.isPart(photos.photo(photo), file);
    } catch (Failure e) {
      return false; // it lies in the trash already, or its disk is away
    }
  }
}
