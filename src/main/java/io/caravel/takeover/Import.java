package io.caravel.takeover;

import io.caravel.ground.Failure;
import java.io.PrintStream;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the old tables or several: images, then faces, in batches of one transaction each.
 * What came over is known by its old id, so a pass that was interrupted is gone on with by the
 * next.
 */
final class Import {
  private static final int BATCH = 500;

  /** The columns of the old table queues that are read. */
  private static final List<String> KEYS = List.of("id", "queue_key");

  private final Rooms rooms;
  private final OldTables old;
  private final OldColumns columns;
  private final Map<String, String> disks;
  private final boolean allSearched;
  private final ExecutorService readers;
  private final PrintStream out;
  private final Progress progress;
  private final BooleanSupplier stopped;
  private long highestImage;
  private long highestFace;

  Import(
      Rooms rooms,
      OldTables old,
      OldColumns columns,
      Map<String, String> disks,
      boolean allSearched,
      ExecutorService readers,
      PrintStream out,
      BooleanSupplier stopped) {
    this.rooms = rooms;
    this.old = old;
    this.columns = columns;
    this.disks = disks;
    this.allSearched = allSearched;
    this.readers = readers;
    this.out = out;
    this.progress = new Progress(out);
    this.stopped = stopped;
  }

  /** It was asked to end: what is whole stays. */
  static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Brings over what is not there yet.
   *
   * @param since only rows that were written since then are looked at; null: all
   */
  void pass(@Nullable LocalDateTime since) {
    OldPeople people = people();
    Map<String, Long> open = open(since);
    ImageImport images =
        new ImageImport(rooms, columns, disks, people.images(), allSearched, open, readers);
    if (since != null) {
      old.read(OldTables.IMAGES, List.of("id", "deleted_at"), null, images::see);
    }
    batches(OldTables.IMAGES, columns.read(), since, images::take);
    if (since == null) {
      open.forEach(
          (key, id) ->
              rooms
                  .remarks()
                  .tell(
                      OldTables.QUEUES,
                      id,
                      "No job of any image has its key %s: its image did not come over, or it is a thumbnail's of a size that is not known."
                          .formatted(key)));
    }
    people.place(images.here()::containsKey, rooms.remarks());
    FaceImport faces = new FaceImport(rooms, people, images.here());
    faces.putBack();
    batches(OldTables.FACES, faceColumns(), since, rows -> faces.take(rows, true));
    batches(OldTables.FACES, faceColumns(), since, rows -> faces.take(rows, false));
    faces.deleteGone();
    images.settleTrash();
    highestImage = images.highest();
    highestFace = people.highest();
  }

  /** So that what comes here from now on has numbers that mean nothing else there. */
  void raiseCounters() {
    Counters counters = new Counters(rooms.batches());
    counters.raise(OldTables.IMAGES, highestImage);
    counters.raise(OldTables.FACES, highestFace);
  }

  private List<String> faceColumns() {
    return FaceImport.COLUMNS.stream().filter(old.columns(OldTables.FACES)::contains).toList();
  }

  private OldPeople people() {
    OldPeople people = new OldPeople();
    List<String> there = old.columns(OldTables.FACES);
    List<String> wanted = FaceImport.STRUCTURE.stream().filter(there::contains).toList();
    if (!there.isEmpty()) {
      old.read(
          OldTables.FACES,
          wanted,
          null,
          row -> {
            OldFace face = FaceImport.structure(row, rooms.remarks());
            if (face != null) {
              people.add(face);
            }
          });
    }
    return people;
  }

  /** The rows of the queue table that did not come over yet, by key. */
  private Map<String, Long> open(@Nullable LocalDateTime since) {
    Map<String, Long> open = new HashMap<>();
    if (since == null && old.columns(OldTables.QUEUES).containsAll(KEYS)) {
      Set<Long> known = new HashSet<>(rooms.ids().all(ImportIds.QUEUES).keySet());
      old.read(
          OldTables.QUEUES,
          KEYS,
          null,
          row -> {
            Long id = row.number("id");
            String key = row.text("queue_key");
            if (id != null && key != null && !known.contains(id)) {
              open.put(key.toLowerCase(Locale.ROOT), id);
            }
          });
    }
    return open;
  }

  private void batches(
      String table,
      List<String> wanted,
      @Nullable LocalDateTime since,
      Consumer<List<OldRow>> batch) {
    if (wanted.isEmpty()) {
      return;
    }
    progress.begin(table, since == null ? old.count(table) : 0);
    List<OldRow> rows = new ArrayList<>();
    Consumer<List<OldRow>> whole =
        some -> {
          if (stopped.getAsBoolean()) {
            throw new Stopped();
          }
          batch.accept(some);
          progress.add(some.size());
        };
    old.read(
        table,
        wanted,
        since,
        row -> {
          rows.add(row);
          if (rows.size() == BATCH) {
            whole.accept(List.copyOf(rows));
            rows.clear();
          }
        });
    if (!rows.isEmpty()) {
      whole.accept(rows);
    }
  }

  /** As {@link #pass} of all, but nothing of it stays. */
  void dryRun() {
    rooms
        .transaction()
        .executeWithoutResult(
            status -> {
              status.setRollbackOnly();
              pass(null);
            });
  }

  /** Says in a few lines what came of it. */
  void sum(boolean dry) {
    Counts counts = rooms.counts();
    String would = dry ? "would be " : "";
    say(
        "%,d photos %staken by reference, %,d of them under another number than there",
        counts.photos, would, counts.renumbered);
    say("%,d images %sanother number of a photo of the same bytes", counts.joined, would);
    say(
        "%,d faces %staken, %,d were one with another of the same bytes",
        counts.faces, would, counts.facesJoined);
    say("%,d open rows of the queue table %staken", counts.wishes, would);
    say(
        "%,d photos %sput into the trash, %,d faces changed as there",
        counts.trashed, would, counts.changed);
    say("%,d images and %,d faces exist already", counts.existing, counts.facesExisting);
    say(
        "%,d images and %,d faces left out; %,d remarks in all, above",
        counts.left, counts.facesLeft, rooms.remarks().count());
  }

  private void say(String format, Object... values) {
    out.println("caravel: " + String.format(Locale.ROOT, format, values) + ".");
  }

  /** The old database, to be followed. */
  OldDatabase followed() {
    if (old instanceof OldDatabase database) {
      return database;
    }
    throw Failure.lasting(
        "bad-request", "--follow goes with the address of a database, not with a dump.");
  }

  /** The columns that nothing is taken of, as a sentence; null: there are none. */
  @Nullable String left() {
    List<String> left = columns.left();
    return left.isEmpty()
        ? null
        : "Of the table images nothing is taken of the columns %s."
            .formatted(String.join(", ", Objects.requireNonNull(left)));
  }
}
