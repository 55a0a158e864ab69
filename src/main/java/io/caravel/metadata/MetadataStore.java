package io.caravel.metadata;

import io.caravel.job.Failure;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Keeps what was read, within the caller's transaction; twice the same is the same. */
@Component("metadataStore")
public class MetadataStore {
  private static final String COLUMNS =
      """
      update images set
        stored_width = :storedWidth, stored_height = :storedHeight, width = :width, height = :height,
        orientation = :orientation, taken_at = :takenAt, dated_at = coalesce(:takenAt, created_at), taken_offset_minutes = :takenOffsetMinutes,
        taken_zone = :takenZone, taken_zone_from = :takenZoneFrom, camera_make = :cameraMake,
        camera_model = :cameraModel, lens = :lens, exposure_seconds = :exposureSeconds,
        aperture = :aperture, iso = :iso, focal_length_mm = :focalLengthMm, latitude = :latitude,
        longitude = :longitude, position = :position, updated_at = current_timestamp(3)
      where id = :id
      """;

  // As text: MySQL's driver takes MariaDB for a MySQL 5.5 and drops the fraction of a bound time.
  private static final DateTimeFormatter MILLISECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);

  private final JdbcClient database;

  MetadataStore(JdbcClient database) {
    this.database = database;
  }

  /**
   * Writes the photo's columns and its JSON in place of what was there. Where ExifTool knows no
   * size, the one that intake saw in the header stands, and is turned upright.
   *
   * @throws Failure {@code no-photo} when the photo is gone
   */
  public void keep(long imageId, PhotoMetadata read) {
    Optional<Size> atIntake = storedSize(imageId);
    Optional<Size> stored =
        Size.of(whole(read.storedWidth()), whole(read.storedHeight())).or(() -> atIntake);
    Optional<Size> upright = stored.map(size -> size.upright(read.orientation()));
    database
        .sql(COLUMNS)
        .param("id", imageId)
        .param("storedWidth", stored.map(Size::width).orElse(null))
        .param("storedHeight", stored.map(Size::height).orElse(null))
        .param("width", upright.map(Size::width).orElse(null))
        .param("height", upright.map(Size::height).orElse(null))
        .param("orientation", read.orientation())
        .param("takenAt", read.takenAt() == null ? null : MILLISECONDS.format(read.takenAt()))
        .param("takenOffsetMinutes", read.takenOffsetMinutes())
        .param("takenZone", read.takenZone())
        .param("takenZoneFrom", read.takenZoneFrom())
        .param("cameraMake", read.cameraMake())
        .param("cameraModel", read.cameraModel())
        .param("lens", read.lens())
        .param("exposureSeconds", read.exposureSeconds())
        .param("aperture", read.aperture())
        .param("iso", read.iso())
        .param("focalLengthMm", read.focalLengthMm())
        .param("latitude", read.latitude())
        .param("longitude", read.longitude())
        .param("position", read.position())
        .update();
    database
        .sql(
            """
            insert into image_text (image_id, filename, camera_make, camera_model)
            select id, filename, camera_make, camera_model from images where id = :id
            on duplicate key update camera_make = :cameraMake, camera_model = :cameraModel
            """)
        .param("id", imageId)
        .param("cameraMake", read.cameraMake())
        .param("cameraModel", read.cameraModel())
        .update();
    database
        .sql(
            """
            insert into image_metadata (image_id, json) values (:id, :json)
            on duplicate key update json = :json, created_at = current_timestamp(3)
            """)
        .param("id", imageId)
        .param("json", read.json())
        .update();
  }

  private Optional<Size> storedSize(long imageId) {
    return database
        .sql("select stored_width, stored_height from images where id = :id")
        .param("id", imageId)
        .query((row, number) -> Size.of(pixels(row, 1), pixels(row, 2)))
        .optional()
        .orElseThrow(
            () -> Failure.lasting("no-photo", "Photo " + imageId + " was deleted meanwhile."));
  }

  private static OptionalInt whole(@Nullable Integer pixels) {
    return pixels == null ? OptionalInt.empty() : OptionalInt.of(pixels);
  }

  private static OptionalInt pixels(ResultSet row, int column) throws SQLException {
    int pixels = row.getInt(column);
    return pixels > 0 ? OptionalInt.of(pixels) : OptionalInt.empty();
  }
}
