package io.caravel.metadata;

import io.caravel.ground.Failure;
import io.caravel.ground.Journey;
import io.caravel.photo.DisplayTags;
import io.caravel.photo.Photos;
import io.caravel.photo.PictureType;
import io.caravel.photo.SearchedText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        orientation = :orientation, taken_at = :takenAt, taken_precision = :takenPrecision, taken_from = :takenFrom,
        dated_at = :datedAt, taken_offset_minutes = :takenOffsetMinutes,
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

  private final Journey journey;
  private final ImageWords imageWords;

  MetadataStore(JdbcClient database, Journey journey) {
    this.database = database;
    this.journey = journey;
    this.imageWords = new ImageWords(database);
  }

  /**
   * Writes the photo's columns and its JSON in place of what was there. Where Caravel reads the
   * header by itself the size that intake saw there stands, and is turned upright; also where
   * ExifTool knows none, or that of another picture in the file than the one that is shown.
   *
   * @throws Failure {@code no-photo} when the photo is gone
   */
  public void keep(long imageId, PhotoMetadata read) {
    AtIntake atIntake = atIntake(imageId);
    Optional<Size> told = Size.of(whole(read.storedWidth()), whole(read.storedHeight()));
    Optional<Size> stored =
        atIntake.isShown() ? atIntake.size().or(() -> told) : told.or(atIntake::size);
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
        .param("takenPrecision", read.takenPrecision())
        .param("takenFrom", read.takenFrom())
        .param("datedAt", datedAt(read))
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
    requireNoMoreSidecars(imageId, read);
    // No "on duplicate key update": H2 keeps no plan of such a statement and reads its text anew
    // each time. A row that came in between is met as DuplicateKeyException: then it is kept again.
    database
        .sql(
            atIntake.hasText()
                ? """
                update image_text set camera_make = :cameraMake, camera_model = :cameraModel, words = :words
                where image_id = :id
                """
                : """
                insert into image_text (image_id, filename, camera_make, camera_model, words)
                values (:id, :filename, :cameraMake, :cameraModel, :words)
                """)
        .param("id", imageId)
        .param("filename", atIntake.filename())
        .param("words", searched(atIntake.filename(), read))
        .param("cameraMake", read.cameraMake())
        .param("cameraModel", read.cameraModel())
        .update();
    database
        .sql(
            atIntake.hasMetadata()
                ? "update image_metadata set json = :json, created_at = current_timestamp(3) where image_id = :id"
                : "insert into image_metadata (image_id, json) values (:id, :json)")
        .param("id", imageId)
        .param("json", read.json())
        .update();
    imageWords.keep(imageId, read.words(), atIntake.hasWords());
    sayWhatWasPassedOver(imageId, read);
  }

  /** The photo's row is held: what came meanwhile is seen, and what comes now waits. */
  private void requireNoMoreSidecars(long imageId, PhotoMetadata read) {
    Map<String, Long> now = new HashMap<>(); // of each name the last
    database
        .sql(
            """
            select s.filename, s.id from image_sidecars i join sidecars s on s.id = i.sidecar_id
            where i.image_id = :id order by s.id
            """)
        .param("id", imageId)
        .query(
            row -> {
              now.put(row.getString(1), row.getLong(2));
            });
    List<Long> known = read.sidecars();
    if (known != null && !Set.copyOf(known).equals(Set.copyOf(now.values()))) {
      throw Failure.passing(
          "sidecar-came",
          "A file came meanwhile that belongs to this photo: its metadata are read again, with that.");
    }
  }

  /**
   * Its place in the order of lists. One of which only the year is known stands at the end of that
   * year, in a millisecond that no other photo gets: the timeline tells it by that.
   */
  private static String datedAt(PhotoMetadata read) {
    LocalDateTime at = read.takenAt();
    if (at == null) {
      return Photos.UNDATED;
    }
    LocalDateTime last = LocalDateTime.of(at.getYear(), 12, 31, 23, 59, 59, 999_000_000);
    boolean isYear = "year".equals(read.takenPrecision());
    boolean isLast = !at.isBefore(last);
    return MILLISECONDS.format(isYear ? last : isLast ? last.minusNanos(1_000_000) : at);
  }

  private void sayWhatWasPassedOver(long imageId, PhotoMetadata read) {
    if (!read.datesPassedOver().isEmpty()) {
      String sentences = String.join(" ", read.datesPassedOver());
      journey.note(imageId, "metadata", "noted", sentences);
    }
  }

  /** All that is found by text: its names, its words, and its date in words. */
  private static String searched(String filename, PhotoMetadata read) {
    String make = read.cameraMake();
    String model = read.cameraModel();
    String camera = make == null || model == null ? null : make + " " + model;
    return SearchedText.of(
        Stream.of(Stream.of(filename, make, model, camera, dayInWords(read)), read.words().texts())
            .flatMap(texts -> texts));
  }

  /** 14 July 2012 2012-07-14, as far as it is known. */
  private static @Nullable String dayInWords(PhotoMetadata read) {
    LocalDateTime at = read.takenAt();
    if (at == null) {
      return null;
    }
    String precision = String.valueOf(read.takenPrecision());
    String pattern =
        switch (precision) {
          case "year" -> "uuuu";
          case "month" -> "MMMM uuuu uuuu-MM";
          default -> "d MMMM uuuu uuuu-MM-dd";
        };
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(at);
  }

  /** What the photo's row says already, and whether it has those beside it. */
  private record AtIntake(
      String filename,
      String mimeType,
      Optional<Size> size,
      boolean hasText,
      boolean hasMetadata,
      boolean hasWords) {
    private static final Set<String> PICTURES_AMONG_OTHERS =
        Stream.of(PictureType.values())
            .filter(
                type ->
                    type.video()
                        || DisplayTags.decide(type)
                        || Set.of(PictureType.TIFF, PictureType.JXL).contains(type))
            .map(PictureType::mimeType)
            .collect(Collectors.toUnmodifiableSet());

    /** Whether the header's size is that of the one picture in the file which is shown. */
    boolean isShown() {
      return PICTURES_AMONG_OTHERS.contains(mimeType);
    }
  }

  private AtIntake atIntake(long imageId) {
    return database
        .sql(
            """
            select i.stored_width, i.stored_height, i.filename, i.mime_type, t.image_id, m.image_id, w.image_id
            from images i left join image_text t on t.image_id = i.id
              left join image_metadata m on m.image_id = i.id left join image_words w on w.image_id = i.id
            where i.id = :id
            """)
        .param("id", imageId)
        .query(
            (row, number) ->
                new AtIntake(
                    row.getString(3),
                    row.getString(4),
                    Size.of(pixels(row, 1), pixels(row, 2)),
                    row.getObject(5) != null,
                    row.getObject(6) != null,
                    row.getObject(7) != null))
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
