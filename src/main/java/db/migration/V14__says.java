package db.migration;

import io.caravel.photo.Folded;
import io.caravel.photo.SearchedText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * What photos say of themselves: how far and from where their date is known, the order in which
 * they came, and the words that people wrote, searched without case and accents. One without a date
 * stands behind all others, no longer where it came in. In Java since MySQL knows no {@code add
 * column if not exists}; as in V1 each statement may run again.
 */
public final class V14__says extends BaseJavaMigration {
  /** As io.caravel.photo.Photos has it. */
  private static final String UNDATED = "'1000-01-01 00:00:00'";

  @Override
  public void migrate(Context context) throws SQLException {
    Alterations tables = new Alterations(context.getConnection());
    // year | month | day | time: how far taken_at is told; null: time
    tables.column("images", "taken_precision", "varchar(8) null");
    // exif | xmp | iptc | png | gps | name | modified | file
    tables.column("images", "taken_from", "varchar(16) null");
    // when the file was written that came in, as its sender or its folder said; UTC
    tables.column("images", "file_time", "datetime(3) null");
    tables.run(
        "update images set dated_at = %1$s where taken_at is null and dated_at <> %1$s"
            .formatted(UNDATED));
    tables.index(
        "images_added", "images (deleted_at, created_at, id, taken_at, place_id, damaged)");
    tables.run(
        """
        create table if not exists image_words (
          image_id bigint not null primary key,
          title varchar(1024) null,
          headline varchar(1024) null,
          caption longtext null,
          keywords longtext not null,
          creator varchar(1024) null,
          copyright varchar(1024) null,
          rating smallint null,
          label varchar(255) null,
          persons longtext not null,
          constraint image_words_image foreign key (image_id) references images (id) on delete cascade,
          index image_words_rating (rating, image_id)
        ) default charset = utf8mb4
        """);
    // folded: as io.caravel.photo.Folded has it; each part of a hierarchical keyword, too
    tables.run(
        """
        create table if not exists image_keywords (
          keyword varchar(255) not null,
          image_id bigint not null,
          primary key (keyword, image_id),
          constraint image_keywords_image foreign key (image_id) references images (id) on delete cascade
        ) default charset = utf8mb4
        """);
    tables.column("image_text", "words", "varchar(8000) null");
    tables.column("places", "folded", "varchar(2048) null");
    // in which the geocoder was asked; '': before there were languages
    tables.column("places", "language", "varchar(160) not null default ''");
    tables.unique("places", "places_language", "latitude, longitude, language");
    tables.dropUnique("places", "places_position");
    fold(context.getConnection());
    tables.run(
        """
        update jobs set run = run + 1, state = 'queued', attempts = 0, interrupted = 0, excused = 0,
          force_again = false, lane = 3, due_at = current_timestamp(3), sent_at = null, owner = null,
          lease_until = null, cause = null, error = null, created_at = current_timestamp(3),
          started_at = null, ended_at = null
        where queue = 'metadata' and not extra and state in ('done', 'skipped', 'failed')
        """);
  }

  /** What is there already is found until its metadata have been read anew. */
  private static void fold(Connection database) throws SQLException {
    try (Rows texts =
            new Rows(
                database,
                "select image_id, filename, camera_make, camera_model from image_text where words is null",
                "update image_text set words = ? where image_id = ?");
        Rows places =
            new Rows(
                database,
                "select id, name from places where folded is null and name is not null",
                "update places set folded = ? where id = ?")) {
      texts.change(
          row -> {
            String make = row.getString(3);
            String model = row.getString(4);
            String camera = make == null || model == null ? null : make + " " + model;
            return SearchedText.of(Stream.of(row.getString(2), make, model, camera));
          });
      places.change(
          row -> {
            String folded = Folded.of(row.getString(2));
            return folded.length() <= 2048 ? folded : folded.substring(0, 2048);
          });
    }
  }

  /** What a row becomes. */
  private interface Change {
    String of(ResultSet row) throws SQLException;
  }

  /** Rows that are read and changed, by thousands. */
  private static final class Rows implements AutoCloseable {
    private static final int AT_ONCE = 1000;

    private final PreparedStatement read;
    private final PreparedStatement write;

    Rows(Connection database, String read, String write) throws SQLException {
      this.read = database.prepareStatement(read + " limit " + AT_ONCE);
      this.write = database.prepareStatement(write);
    }

    void change(Change change) throws SQLException {
      boolean more = true;
      while (more) {
        more = false;
        try (ResultSet rows = read.executeQuery()) {
          while (rows.next()) {
            write.setString(1, change.of(rows));
            write.setLong(2, rows.getLong(1));
            write.addBatch();
            more = true;
          }
        }
        write.executeBatch();
      }
    }

    @Override
    public void close() throws SQLException {
      read.close();
      write.close();
    }
  }
}
