package io.caravel.photo;

import io.caravel.ground.Failure;
import io.caravel.ground.Journey;
import io.caravel.ground.NodeRegister;
import io.caravel.ground.Rest;
import io.caravel.ground.Utc;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Proves the originals: each is read once in CARAVEL_SCRUB_DAYS of Caravel's own life, and its
 * SHA-256 held against the photo's. One that is not what it was is told, and never touched. How far
 * it has come is a row: a round goes on where it was stopped. It reads so many bytes at a time as
 * the period asks for, while no other work waits; what it owes for a day is read beside it.
 */
@Component("scrub")
public class Scrub {
  /** Its name among the queues. */
  public static final String NAME = "scrub";

  private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);
  private static final int SHOWN = 100;

  /** One turn; a stop of the program waits for it. */
  private static final Duration TURN = Duration.ofSeconds(10);

  /** A pause longer than that was no work of ours: the machine slept. */
  private static final Duration LONGEST = Duration.ofMinutes(5);

  /** How long the size of the library counts. */
  private static final Duration MEASURED = Duration.ofHours(1);

  private final JdbcClient database;
  private final Disks disks;
  private final Roots roots;
  private final Journey journey;
  private final TransactionTemplate transaction;
  private final BooleanSupplier rest;
  private final IntSupplier nodes;
  private final int days;
  private double owed; // bytes
  private double bytesADay;
  private @Nullable Long measuredAt; // of System.nanoTime
  private @Nullable Long turnAt; // of System.nanoTime
  private volatile long faults;

  @Autowired
  Scrub(
      JdbcClient database,
      Disks disks,
      Roots roots,
      Journey journey,
      TransactionTemplate transaction,
      Rest work,
      NodeRegister nodes,
      @Value("${caravel.scrub-days}") int days) {
    this(
        database,
        disks,
        roots,
        journey,
        transaction,
        () -> work.atRestBut("geolocation"), // which may last for weeks, and reads no disk
        nodes::living,
        days);
  }

  /**
   * @param rest whether no other work waits
   * @param nodes that share the work
   * @param days for one round; 0: only rounds that are asked for
   */
  Scrub(
      JdbcClient database,
      Disks disks,
      Roots roots,
      Journey journey,
      TransactionTemplate transaction,
      BooleanSupplier rest,
      IntSupplier nodes,
      int days) {
    this.database = database;
    this.disks = disks;
    this.roots = roots;
    this.journey = journey;
    this.transaction = transaction;
    this.rest = rest;
    this.nodes = nodes;
    this.days = days;
  }

  private record Proved(
      long id,
      String sha256,
      String disk,
      String path,
      String file,
      boolean referenced,
      long bytes) {
    private static Proved of(ResultSet row, int number) throws SQLException {
      return new Proved(
          row.getLong("id"),
          row.getString("sha256"),
          row.getString("source_disk"),
          row.getString("source_path"),
          row.getString("source_filename"),
          row.getBoolean("referenced"),
          row.getLong("bytes"));
    }
  }

  private static final String COLUMNS =
      "i.id, i.sha256, i.source_disk, i.source_path, i.source_filename, i.referenced, i.bytes";

  private record Round(long reached, boolean hurry) {}

  /** How many originals are not what they were, as the last turn on this node saw. */
  public long faults() {
    return faults;
  }

  /** One original that is not what it was. */
  public record Fault(
      long photo, String filename, String cause, String sentence, @Nullable Instant foundAt) {}

  /** The latest faults of a cause, at most 100. */
  public List<Fault> of(String cause) {
    return database
        .sql(
            """
            select f.image_id, i.filename, f.cause, f.error, f.found_at
            from original_faults f join images i on i.id = f.image_id
            where f.cause = :cause and i.deleted_at is null order by f.found_at desc, f.image_id desc limit :shown
            """)
        .param("cause", cause)
        .param("shown", SHOWN)
        .query(
            (row, number) ->
                new Fault(
                    row.getLong("image_id"),
                    row.getString("filename"),
                    row.getString("cause"),
                    row.getString("error"),
                    Utc.instant(row, "found_at")))
        .list();
  }

  /** How many faults of a cause there are. */
  public record Counted(String cause, long count) {}

  /** The causes of the faults, the most frequent first. */
  public List<Counted> causes() {
    return database
        .sql(
            """
            select f.cause, count(*) as faults from original_faults f join images i on i.id = f.image_id
            where i.deleted_at is null group by f.cause order by faults desc
            """)
        .query((row, number) -> new Counted(row.getString("cause"), row.getLong("faults")))
        .list();
  }

  /** Has every original proved from the first on, without a pause. Returns how many there are. */
  public int all() {
    database.sql("update scrub set reached = 0, hurry = true where id = 1").update();
    return database
        .sql("select count(*) from images where deleted_at is null")
        .query(Integer.class)
        .single();
  }

  /**
   * Has those that are not what they were proved again.
   *
   * @param cause null: all of them
   */
  public int again(@Nullable String cause) {
    return database
        .sql(
            "update original_faults set stamp = 'asked'"
                + (cause == null ? "" : " where cause = :cause"))
        .param("cause", cause)
        .update();
  }

  /** One turn, every few seconds: what was mended, and so many originals as are due. */
  public synchronized void turn() {
    proveDue(System.nanoTime());
  }

  /**
   * @param now of a clock that is never set, nanoseconds
   */
  synchronized void proveDue(long now) {
    proveFaultsAgain();
    Round round = round();
    if (days > 0 || round.hurry()) {
      owe(now);
      boolean free = rest.getAsBoolean();
      long end = System.nanoTime() + TURN.toNanos();
      while ((round.hurry() || owed > 0 && (free || owed > bytesADay))
          && System.nanoTime() - end < 0
          && !Thread.currentThread().isInterrupted()
          && proveNext(round)) {
        round = round();
      }
    }
    faults = causes().stream().mapToLong(Counted::count).sum();
  }

  private Round round() {
    return database
        .sql("select reached, hurry from scrub where id = 1")
        .query((row, number) -> new Round(row.getLong("reached"), row.getBoolean("hurry")))
        .single();
  }

  /** Adds what this node is to read for the time since the last turn. */
  private void owe(long now) {
    Long measured = measuredAt;
    if (days > 0 && (measured == null || now - measured > MEASURED.toNanos())) {
      bytesADay =
          database
                  .sql("select coalesce(sum(bytes), 0) from images where deleted_at is null")
                  .query(Double.class)
                  .single()
              / days;
      measuredAt = now;
    }
    Long before = turnAt;
    if (before != null && now > before) {
      double part =
          (double) Math.min(now - before, LONGEST.toNanos()) / Duration.ofDays(1).toNanos();
      owed += bytesADay * part / Math.max(1, nodes.getAsInt());
    }
    turnAt = now;
  }

  /** Proves the next one. False: the round has ended. */
  private boolean proveNext(Round round) {
    Optional<Proved> next =
        database
            .sql(
                "select "
                    + COLUMNS
                    + " from images i where i.id > :reached and i.deleted_at is null order by i.deleted_at, i.id limit 1")
            .param("reached", round.reached())
            .query(Proved::of)
            .optional();
    if (next.isEmpty()) {
      database
          .sql(
              """
              update scrub set reached = 0, hurry = false, ended_at = current_timestamp(3)
              where id = 1 and reached = :reached
              """)
          .param("reached", round.reached())
          .update();
      owed = Math.min(owed, 0);
      return false;
    }
    // This node's, unless another, or somebody who asked for all, has moved it meanwhile. What a
    // stop
    // breaks off is read in the next round.
    int mine =
        database
            .sql("update scrub set reached = :id where id = 1 and reached = :reached")
            .param("id", next.get().id())
            .param("reached", round.reached())
            .update();
    if (mine == 1) {
      prove(next.get());
      owed -= next.get().bytes();
    }
    return true;
  }

  private record Known(Proved photo, String stamp) {}

  /** Those whose file is another one by now. */
  private void proveFaultsAgain() {
    List<Known> known =
        database
            .sql(
                "select "
                    + COLUMNS
                    + ", f.stamp from original_faults f join images i on i.id = f.image_id"
                    + " where i.deleted_at is null order by f.found_at desc limit :shown")
            .param("shown", SHOWN)
            .query((row, number) -> new Known(Proved.of(row, number), row.getString("stamp")))
            .list();
    for (Known each : known) {
      if (!roots.isAway(each.photo().disk()) && !stamp(each.photo()).equals(each.stamp())) {
        prove(each.photo());
      }
    }
  }

  /** Which file lies there now; empty: none. */
  private String stamp(Proved photo) {
    try {
      Path file = disks.resolve(photo.disk(), photo.path(), photo.file());
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      String which = file + " " + now.fileKey() + " " + now.size() + " " + now.lastModifiedTime();
      return Originals.fingerprint(which.getBytes(StandardCharsets.UTF_8));
    } catch (IOException | Failure e) {
      return "";
    }
  }

  private record Finding(String cause, String sentence) {}

  private void prove(Proved photo) {
    if (roots.isAway(photo.disk())) {
      return; // its disk is told already; the next round reads it
    }
    String stamp = stamp(photo);
    Finding finding = look(photo);
    if (roots.isAway(photo.disk()) || !stamp(photo).equals(stamp)) {
      return; // it went, or was replaced, while it was read
    }
    if (finding != null) {
      roots.requireThere(
          photo.disk()); // as it is now: no disk that goes away is told as lost photos
    }
    if (finding == null) {
      transaction.executeWithoutResult(status -> forget(photo));
    } else {
      transaction.executeWithoutResult(status -> note(photo, finding, stamp));
    }
  }

  /** What is wrong with an original; null: nothing. */
  private @Nullable Finding look(Proved photo) {
    try {
      Path file = disks.resolve(photo.disk(), photo.path(), photo.file());
      return Originals.fingerprintOf(file).equals(photo.sha256()) ? null : changed(photo);
    } catch (NoSuchFileException e) {
      return missing(photo);
    } catch (ClosedByInterruptException e) {
      throw Originals.unwritable(e); // the program stops: that says nothing of the file
    } catch (IOException e) {
      return new Finding(
          "original-changed",
          "%s cannot be read to its end (%s): look at its disk, and upload a good copy of it, which takes its place."
              .formatted(name(photo), Roots.reason(e)));
    } catch (Failure e) {
      return e.cause().equals("original-missing")
          ? missing(photo)
          : new Finding("original-changed", name(photo) + ": " + e.getMessage());
    }
  }

  private static Finding changed(Proved photo) {
    return new Finding(
        "original-changed",
        name(photo)
            + (photo.referenced()
                ? " was changed in place: name it again if that was meant; if not, put the former file back, or upload it."
                : " does not have the bytes any more that it came with: upload a good copy of it, which takes its place. Caravel leaves the file as it is."));
  }

  private static Finding missing(Proved photo) {
    return new Finding(
        "original-missing",
        name(photo)
            + " is not there any more: put it back from a backup, upload it again, or trash the photo.");
  }

  private static String name(Proved photo) {
    return "The original %s of storage root '%s'"
        .formatted(Path.of(photo.path(), photo.file()), photo.disk());
  }

  /** Unless the photo lies elsewhere by now, or in the trash. */
  private void note(Proved photo, Finding finding, String stamp) {
    boolean still =
        database
            .sql(
                """
                select 1 from images where id = :id and deleted_at is null
                  and source_disk = :disk and source_path = :path and source_filename = :file
                """)
            .param("id", photo.id())
            .param("disk", photo.disk())
            .param("path", photo.path())
            .param("file", photo.file())
            .query(Integer.class)
            .optional()
            .isPresent();
    if (!still) {
      return;
    }
    String before =
        database
            .sql("select error from original_faults where image_id = :id")
            .param("id", photo.id())
            .query(String.class)
            .optional()
            .orElse(null);
    database
        .sql(
            """
            insert into original_faults (image_id, cause, error, stamp) values (:id, :cause, :error, :stamp)
            on duplicate key update cause = :cause, error = :error, stamp = :stamp
            """)
        .param("id", photo.id())
        .param("cause", finding.cause())
        .param("error", finding.sentence())
        .param("stamp", stamp)
        .update();
    if (!Objects.equals(before, finding.sentence())) {
      journey.note(photo.id(), NAME, "failed", finding.sentence());
      LOG.warn("Photo {}: {}", photo.id(), finding.sentence());
    }
  }

  private void forget(Proved photo) {
    int told =
        database
            .sql("delete from original_faults where image_id = :id")
            .param("id", photo.id())
            .update();
    if (told > 0) {
      journey.note(
          photo.id(), NAME, "done", name(photo) + " has the bytes again that it came with.");
      LOG.info("Photo {}: its original has the bytes again that it came with.", photo.id());
    }
  }
}
