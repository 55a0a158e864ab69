package io.caravel.photo;

import io.caravel.job.Failure;
import io.caravel.job.Journey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** The photos' rows: accepted, put into the trash, restored. */
@Component("photos")
public class Photos {
  private final JdbcClient database;
  private final Journey journey;
  private final List<TrashListener> listeners;
  private final int trashDays;

  Photos(
      JdbcClient database,
      Journey journey,
      List<TrashListener> listeners,
      @Value("${caravel.trash-days}") int trashDays) {
    this.database = database;
    this.journey = journey;
    this.listeners = listeners;
    this.trashDays = trashDays;
  }

  /**
   * Writes the row of a new photo. To be called in the transaction that queues its jobs.
   *
   * @return its id
   */
  public long accept(Original original) {
    KeyHolder key = new GeneratedKeyHolder();
    database
        .sql(
            """
            insert into images (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename,
              stored_width, stored_height, width, height)
            values (:sha256, :filename, :mime, :bytes, :disk, :path, :file, :width, :height, :width, :height)
            """)
        .param("sha256", original.sha256())
        .param("filename", original.filename())
        .param("mime", original.mimeType())
        .param("bytes", original.bytes())
        .param("disk", original.disk())
        .param("path", original.path())
        .param("file", original.file())
        .param("width", original.width())
        .param("height", original.height())
        .update(key, "id");
    Number id = key.getKey();
    if (id == null) {
      throw new IllegalStateException("The database gave no key for a new photo");
    }
    database
        .sql("insert into image_text (image_id, filename) values (:id, :filename)")
        .param("id", id)
        .param("filename", original.filename())
        .update();
    journey.note(id.longValue(), "intake", "accepted", null);
    return id.longValue();
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
    long id =
        database
            .sql("select id from images where sha256 = :sha256")
            .param("sha256", original.sha256())
            .query(Long.class)
            .single();
    if (restored(id)) {
      journey.note(id, "intake", "restored", "The same bytes came in again.");
    }
    return id;
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
        .query(Photos::photo)
        .optional()
        .orElseThrow(() -> unknown(id));
  }

  private static Photo photo(ResultSet row, int number) throws SQLException {
    return new Photo(
        row.getLong("id"),
        row.getString("sha256"),
        row.getString("filename"),
        row.getString("mime_type"),
        row.getLong("bytes"),
        row.getString("source_disk"),
        row.getString("source_path"),
        row.getString("source_filename"),
        row.getObject("latitude", Double.class),
        row.getObject("longitude", Double.class));
  }

  static Failure unknown(long id) {
    return Failure.lasting(
        "no-such-photo",
        "There is no photo " + id + ", or it lies in the trash: restore it first.");
  }

  /** Puts a photo into the trash: invisible everywhere, its files untouched for 30 days. */
  @Transactional
  public void trash(long id) {
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
    journey.note(id, "trash", "trashed", "Kept for " + trashDays + " days, then deleted.");
    listeners.forEach(listener -> listener.trashed(id));
  }

  /** Takes a photo out of the trash. One that does not lie there is left as it is. */
  @Transactional
  public void restore(long id) {
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
      listeners.forEach(listener -> listener.restored(id));
    }
    return restored == 1;
  }

  /** The photos whose time in the trash is over, at most 100. */
  public List<Photo> expired() {
    return database
        .sql(
            """
            select * from images where deleted_at < timestampadd(day, :days, current_timestamp(3)) order by deleted_at, id limit 100
            """)
        .param("days", -trashDays)
        .query(Photos::photo)
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
                select id from images where id = :id and deleted_at < timestampadd(day, :days, current_timestamp(3))
                for update
                """)
            .param("id", photo.id())
            .param("days", -trashDays)
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
    return database.sql("delete from images where id = :id").param("id", photo.id()).update() == 1;
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
