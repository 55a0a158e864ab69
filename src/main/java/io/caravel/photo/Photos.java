package io.caravel.photo;

import io.caravel.change.Outbox;
import io.caravel.ground.Failure;
import io.caravel.ground.Journey;
import io.caravel.ground.LivedTime;
import io.caravel.ground.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The photos' rows: accepted, put into the trash, restored. */
@Component("photos")
public class Photos {
  private static final int ASKED_AT_ONCE = 1000;

  /** Where photos without a date stand in the order of lists: behind all others. */
  public static final String UNDATED = "1000-01-01 00:00:00.000";

  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);

  /** The highest number of another program's that becomes a photo's id: 2^52, as the contract. */
  public static final long HIGHEST_ID = 1L << 52;

  private final JdbcClient database;
  private final Disks disks;
  private final Journey journey;
  private final Outbox outbox;
  private final LivedTime livedTime;
  private final List<TrashListener> listeners;
  private final TransactionTemplate transaction;
  private final int trashDays;

  Photos(
      JdbcClient database,
      Disks disks,
      Journey journey,
      Outbox outbox,
      LivedTime livedTime,
      List<TrashListener> listeners,
      TransactionTemplate transaction,
      @Value("${caravel.trash-days}") int trashDays) {
    this.database = database;
    this.disks = disks;
    this.journey = journey;
    this.outbox = outbox;
    this.livedTime = livedTime;
    this.listeners = listeners;
    this.transaction = transaction;
    this.trashDays = trashDays;
  }

  /**
   * As {@link #accept(Original, Long)}, where nobody has asked for the former photo.
   *
   * @return its id
   */
  public long accept(Original original) {
    return accept(original, former(original));
  }

  /**
   * Writes the row of a new photo. To be called in the transaction that queues its jobs. Its id is
   * the external one where that is free.
   *
   * @param asked what {@link #former} said in this transaction
   * @return its id
   */
  public long accept(Original original, @Nullable Long asked) {
    Long wanted = original.externalId();
    long id =
        insert(original, wanted != null && wanted <= HIGHEST_ID && isFree(wanted) ? wanted : null);
    database
        .sql("insert into image_text (image_id, filename, words) values (:id, :filename, :words)")
        .param("id", id)
        .param("filename", original.filename())
        .param("words", SearchedText.of(Stream.of(original.filename())))
        .update();
    arrive(id, original);
    outbox.write(id, "accepted");
    // Asked anew of a file that another program may change; Caravel's own lies under its SHA-256.
    Long former = original.referenced() ? former(original) : asked;
    know(id, original, former);
    journey.note(
        id,
        "intake",
        "accepted",
        former == null
            ? null
            : "Its file was photo %d before, and was changed in place.".formatted(former));
    return id;
  }

  /** Notes what it was called and where, for what lies beside it. */
  private void arrive(long id, Original original) {
    if (original.folder() != null) {
      database
          .sql(
              """
              insert ignore into arrivals (image_id, folder, stem, short_stem, filename)
              values (:id, :folder, :stem, :shortStem, :filename)
              """)
          .param("id", id)
          .param("folder", Sidecars.folder(original.folder()))
          .param("stem", SidecarName.stem(original.filename()))
          .param("shortStem", SidecarName.shortStem(original.filename()))
          .param("filename", original.filename())
          .update();
    }
  }

  private boolean isFree(long id) {
    return database
        .sql("select 1 from images where id = :id")
        .param("id", id)
        .query(Integer.class)
        .optional()
        .isEmpty();
  }

  /**
   * @param wanted null: the next of the database
   */
  private long insert(Original original, @Nullable Long wanted) {
    KeyHolder key = new GeneratedKeyHolder();
    database
        .sql(
            """
            insert into images (id, sha256, filename, mime_type, bytes, source_disk, source_path, source_filename,
              referenced, stored_width, stored_height, width, height, dated_at, file_time)
            values (:id, :sha256, :filename, :mime, :bytes, :disk, :path, :file,
              :referenced, :width, :height, :width, :height, :undated, :fileTime)
            """)
        .param("id", wanted)
        .param("sha256", original.sha256())
        .param("filename", original.filename())
        .param("mime", original.mimeType())
        .param("bytes", original.bytes())
        .param("disk", original.disk())
        .param("path", original.path())
        .param("file", original.file())
        .param("referenced", original.referenced())
        .param("width", original.width())
        .param("height", original.height())
        .param("undated", UNDATED)
        .param("fileTime", utc(original.fileTime()))
        .update(key, "id");
    Number id = wanted == null ? key.getKey() : wanted;
    if (id == null) {
      throw new IllegalStateException("The database gave no key for a new photo");
    }
    return id.longValue();
  }

  /**
   * Another program knows this photo by that number from now on, and no other any more. What lay in
   * its place has been changed there, and is put into the trash.
   *
   * @param former the photo that was changed; null: none
   */
  private void know(long id, Original original, @Nullable Long former) {
    if (former != null) {
      trash(former, "Its file was changed in place: it is photo " + id + " now. ");
    }
    Long externalId = original.externalId();
    if (externalId != null) {
      database
          .sql(
              """
              insert into external_ids (external_id, image_id) values (:external, :id)
              on duplicate key update image_id = :id
              """)
          .param("external", externalId)
          .param("id", id)
          .update();
    }
  }

  /**
   * The photo of other bytes that was taken by reference from where an original lies now: its file
   * was changed in place. Null: there is none that is not in the trash.
   */
  public @Nullable Long former(Original original) {
    return database
        .sql(
            """
            select id from images
            where source_filename = :file and source_path = :path and source_disk = :disk
              and sha256 <> :sha256 and referenced and deleted_at is null
            order by id limit 1
            """)
        .param("file", original.file())
        .param("path", original.path())
        .param("disk", original.disk())
        .param("sha256", original.sha256())
        .query(Long.class)
        .optional()
        .orElse(null);
  }

  /**
   * Notes whether a photo is damaged.
   *
   * @param damage a sentence that says what is missing and what to do; null for a whole photo
   */
  public void damage(long id, @Nullable String damage) {
    database
        .sql(
            """
            update images set damaged = :damaged, damage = :damage, updated_at = current_timestamp(3)
            where id = :id and (damaged or :damaged)
            """)
        .param("damaged", damage != null)
        .param("damage", damage)
        .param("id", id)
        .update();
  }

  /** The same bytes came again: the photo's id. One that lay in the trash is restored. */
  public long again(Original original) {
    // Held until it is restored: it may be about to be deleted for good.
    Photo known =
        database
            .sql("select * from images where sha256 = :sha256 for update")
            .param("sha256", original.sha256())
            .query(Photos::ofRow)
            .optional()
            .orElseThrow(() -> new OptimisticLockingFailureException("It was deleted meanwhile."));
    long id = known.id();
    if (known.referenced() && (!original.referenced() || !disks.holds(known))) {
      move(id, original);
    }
    know(id, original, former(original));
    knowTime(id, original);
    arrive(id, original);
    if (restored(id)) {
      journey.note(id, "intake", "restored", "The same bytes came in again.");
    }
    return id;
  }

  /** A photo that came in without the time of its file has come again with it. */
  private void knowTime(long id, Original original) {
    if (original.fileTime() != null) {
      database
          .sql("update images set file_time = :time where id = :id and file_time is null")
          .param("time", utc(original.fileTime()))
          .param("id", id)
          .update();
    }
  }

  /**
   * As text: MySQL's driver takes MariaDB for a MySQL 5.5 and drops the fraction of a bound time.
   */
  private static @Nullable String utc(@Nullable Instant time) {
    OffsetDateTime utc = time == null ? null : time.atOffset(ZoneOffset.UTC);
    boolean fits = utc != null && utc.getYear() >= 1000 && utc.getYear() <= 9999;
    return fits ? UTC.format(utc) : null;
  }

  /** Caravel has a copy of its own now of what it knew by reference, or it lies elsewhere. */
  private void move(long id, Original original) {
    database
        .sql(
            """
            update images set source_disk = :disk, source_path = :path, source_filename = :file,
              referenced = :referenced, updated_at = current_timestamp(3)
            where id = :id
            """)
        .param("disk", original.disk())
        .param("path", original.path())
        .param("file", original.file())
        .param("referenced", original.referenced())
        .param("id", id)
        .update();
  }

  /**
   * A photo that is not in the trash.
   *
   * @throws Failure no-such-photo
   */
  public Photo photo(long id) {
    return database
        .sql("select * from images where id = :id and deleted_at is null")
        .param("id", id)
        .query(Photos::ofRow)
        .optional()
        .orElseThrow(() -> unknown(id));
  }

  private static Photo ofRow(ResultSet row, int number) throws SQLException {
    return photo(row, row.getLong("id"));
  }

  /** The photo of that number, by the columns of {@code images} in a row. */
  public static Photo photo(ResultSet row, long id) throws SQLException {
    return new Photo(
        id,
        row.getString("sha256"),
        row.getString("filename"),
        row.getString("mime_type"),
        row.getLong("bytes"),
        row.getString("source_disk"),
        row.getString("source_path"),
        row.getString("source_filename"),
        row.getBoolean("referenced"),
        row.getObject("latitude", Double.class),
        row.getObject("longitude", Double.class),
        Utc.instant(row, "file_time"));
  }

  /** As {@link #photo}, of those of many that are not in the trash. */
  public List<Photo> photos(Collection<Long> ids) {
    if (ids.isEmpty()) {
      return List.of(); // MariaDB knows no empty list
    }
    return database
        .sql("select * from images where id in (:ids) and deleted_at is null order by id")
        .param("ids", ids)
        .query(Photos::ofRow)
        .list();
  }

  public static Failure unknown(long id) {
    return Failure.lasting(
        "no-such-photo",
        "There is no photo " + id + ", or it lies in the trash: restore it first.");
  }

  /** Those of these SHA-256 that are some photo's, in the trash or not. */
  Set<String> known(List<String> sha256) {
    Set<String> known = new HashSet<>();
    for (int from = 0; from < sha256.size(); from += ASKED_AT_ONCE) {
      known.addAll(
          database
              .sql("select sha256 from images where sha256 in (:some)")
              .param("some", sha256.subList(from, Math.min(sha256.size(), from + ASKED_AT_ONCE)))
              .query(String.class)
              .list());
    }
    return known;
  }

  /** Whether a photo, in the trash or not, or a sidecar has these bytes. */
  boolean isKnown(String sha256) {
    return Stream.of("images", "sidecars")
        .anyMatch(
            table ->
                database
                    .sql("select 1 from %s where sha256 = :sha256 limit 1".formatted(table))
                    .param("sha256", sha256)
                    .query(Integer.class)
                    .optional()
                    .isPresent());
  }

  /** Puts a photo into the trash: invisible everywhere, its files untouched for 30 days. */
  public void trash(long id) {
    transaction.executeWithoutResult(status -> trash(id, ""));
  }

  /**
   * Puts a photo into the trash in whose place another one comes.
   *
   * @param why a sentence
   */
  public void replaced(long id, String why) {
    transaction.executeWithoutResult(status -> trash(id, why + " "));
  }

  private void trash(long id, String why) {
    int trashed =
        database
            .sql(
                """
                update images set deleted_at = current_timestamp(3), updated_at = current_timestamp(3)
                where id = :id and deleted_at is null
                """)
            .param("id", id)
            .update();
    if (trashed == 0) {
      throw unknown(id);
    }
    journey.note(id, "trash", "trashed", why + "Kept for " + trashDays + " days, then deleted.");
    outbox.write(id, "trashed");
    listeners.forEach(listener -> listener.trashed(id));
  }

  /** Takes a photo out of the trash. One that does not lie there is left as it is. */
  public void restore(long id) {
    transaction.executeWithoutResult(status -> restoreInTurn(id));
  }

  private void restoreInTurn(long id) {
    if (restored(id)) {
      journey.note(id, "trash", "restored", null);
    } else {
      photo(id);
    }
  }

  private boolean restored(long id) {
    int restored =
        database
            .sql(
                """
                update images set deleted_at = null, updated_at = current_timestamp(3)
                where id = :id and deleted_at is not null
                """)
            .param("id", id)
            .update();
    if (restored == 1) {
      outbox.write(id, "restored");
      listeners.forEach(listener -> listener.restored(id));
    }
    return restored == 1;
  }

  /**
   * The photos that have lain in the trash for {@code caravel.trash-days} of the time that Caravel
   * lived through, at most 100.
   */
  public List<Photo> expired() {
    return database
        .sql(
            """
            select * from images where deleted_at < :before order by deleted_at, id limit 100
            """)
        .param("before", livedTime.daysAgo(trashDays))
        .query(Photos::ofRow)
        .list();
  }

  /**
   * Deletes the row of an expired photo, with all that hangs on it; in the transaction that deletes
   * its files after it.
   *
   * @return false when it was restored meanwhile: its files stay
   */
  public boolean forget(Photo photo) {
    boolean expired =
        database
            .sql(
                """
                select id from images where id = :id and deleted_at < :before
                for update
                """)
            .param("id", photo.id())
            .param("before", livedTime.daysAgo(trashDays))
            .query(Long.class)
            .optional()
            .isPresent();
    if (!expired) {
      return false;
    }
    listeners.forEach(listener -> listener.forgotten(photo.id()));
    database
        .sql(
            """
            delete from idempotent_keys where processorName = 'enqueue' and messageId in
              (select concat(queue, ':', job_key) from jobs where image_id = :id)
            """)
        .param("id", photo.id())
        .update();
    database
        .sql("delete from idempotent_keys where processorName = 'intake' and messageId = :sha256")
        .param("sha256", photo.sha256())
        .update();
    boolean deleted =
        database.sql("delete from images where id = :id").param("id", photo.id()).update() == 1;
    if (deleted) {
      outbox.write(photo.id(), "deleted");
    }
    return deleted;
  }

  /** The SHA-256 that are known among those that begin with two hexadecimal digits. */
  public List<String> knownFiles(String prefix) {
    return database
        .sql("select source_filename from images where sha256 >= :from and sha256 < :to")
        .param("from", prefix)
        .param("to", prefix + "g")
        .query(String.class)
        .list();
  }
}
