package io.caravel.gallery;

import io.caravel.ground.Utc;
import io.caravel.request.Request;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What lies in the trash, and until when. */
@Component("trash")
public class Trash {
  private final JdbcClient database;
  private final Duration kept;

  Trash(JdbcClient database, @Value("${caravel.trash-days}") int days) {
    this.database = database;
    this.kept = Duration.ofDays(days);
  }

  /**
   * A photo in the trash.
   *
   * @param width pixels, upright
   * @param takenAt ISO 8601 local time, with its offset where that is known
   * @param purgeAt when it is deleted for good at the earliest: the days count on which Caravel
   *     runs
   */
  public record Trashed(
      long id,
      String filename,
      String mimeType,
      long bytes,
      @Nullable Integer width,
      @Nullable Integer height,
      @Nullable String takenAt,
      Instant trashedAt,
      Instant purgeAt) {}

  /** One page of trashed photos, and how many there are in all. */
  public record Page(List<Trashed> items, long total) {}

  /** A page of the photos in the trash, the one trashed last first. */
  public Page page(Request request) {
    return new Page(
        database
            .sql(
                """
                select id, filename, mime_type, bytes, width, height, taken_at, taken_precision, taken_offset_minutes, deleted_at
                from images where deleted_at is not null order by deleted_at desc, id desc limit :limit offset :offset
                """)
            .param("limit", request.size())
            .param("offset", request.offset())
            .query(this::trashed)
            .list(),
        database
            .sql("select count(*) from images where deleted_at is not null")
            .query(Long.class)
            .single());
  }

  private Trashed trashed(ResultSet row, int number) throws SQLException {
    Instant trashedAt = Objects.requireNonNull(Utc.instant(row, "deleted_at"));
    return new Trashed(
        row.getLong("id"),
        row.getString("filename"),
        row.getString("mime_type"),
        row.getLong("bytes"),
        row.getObject("width", Integer.class),
        row.getObject("height", Integer.class),
        PhotoViews.takenAt(row),
        trashedAt,
        trashedAt.plus(kept));
  }
}
