package io.caravel.photo;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.caravel.job.Failure;
import io.caravel.job.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The photos as the REST API shows them. */
@Component("photoViews")
public class PhotoViews {
  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss[.SSS]", Locale.ROOT);
  private static final int MOST = 500;
  private static final String PHOTOS = "from images i left join places p on p.id = i.place_id";

  private static final String OF_THE_NAMED =
      """
      exists (select 1 from faces f where f.image_id = i.id and f.status = 'ok' and f.deleted_at is null
        and (f.id in (:named) or f.parent_id in (:named)))
      """;

  /** The photos in which a confirmed face of the named parameter's people is. */
  private static final String IN_PHOTOS =
      """
      (select image_id from faces where id in (:%1$s) and status = 'ok' and deleted_at is null
       union
       select image_id from faces where parent_id in (:%1$s) and status = 'ok' and deleted_at is null)
      """;

  private final JdbcClient database;

  PhotoViews(JdbcClient database) {
    this.database = database;
  }

  /**
   * A photo.
   *
   * @param width pixels, upright
   * @param takenAt ISO 8601 local time, with its offset where that is known
   * @param takenZoneFrom where the offset comes from: offset-tag, position or setting
   * @param position valid, invalid or none; null until the metadata has been read
   * @param placeAttribution to be shown wherever the place is
   * @param faces how many were found, without those that a person called no face
   * @param people of whom a confirmed face is in the photo
   * @param jobs the photo's own job of each queue
   * @param extraThumbnails thumbnails that callers asked for beside those of every photo
   */
  public record View(
      long id,
      String filename,
      String sha256,
      String mimeType,
      long bytes,
      @Nullable Integer width,
      @Nullable Integer height,
      @Nullable Integer orientation,
      @Nullable String takenAt,
      @Nullable String takenZone,
      @Nullable String takenZoneFrom,
      @Nullable String cameraMake,
      @Nullable String cameraModel,
      @Nullable String lens,
      @Nullable Double exposureSeconds,
      @Nullable Double aperture,
      @Nullable Integer iso,
      @Nullable Double focalLengthMm,
      @Nullable Double latitude,
      @Nullable Double longitude,
      @Nullable String position,
      @Nullable String place,
      @Nullable String country,
      @Nullable String city,
      @Nullable String placeAttribution,
      boolean damaged,
      @Nullable String damage,
      @Nullable Instant createdAt,
      long faces,
      List<PersonView> people,
      Map<String, JobView> jobs,
      List<JobView> extraThumbnails) {}

  /** A person as a photo shows it: the face that stands for it, and its name. */
  public record PersonView(long id, @Nullable String name) {}

  /**
   * A job as a photo shows it. Times are UTC.
   *
   * @param target of an extra thumbnail, such as {@code cover:300x300}
   * @param format of an extra thumbnail, jpeg or webp
   */
  public record JobView(
      long id,
      @Nullable String target,
      @Nullable String format,
      String state,
      int attempts,
      @Nullable String cause,
      @Nullable String error,
      @Nullable Instant queuedAt,
      @Nullable Instant startedAt,
      @Nullable Instant endedAt) {}

  /** One page of photos, and how many there are in all. */
  public record Page(List<View> items, long total) {}

  /** What ExifTool said of a photo. */
  public record Metadata(@JsonRawValue String json) {}

  /** The photo, or a failure {@code no-such-photo}. */
  public View view(long id) {
    List<View> views = views(PHOTOS, "i.id = :id and i.deleted_at is null", Map.of("id", id));
    if (views.isEmpty()) {
      throw Photos.unknown(id);
    }
    return views.get(0);
  }

  /**
   * Photos by date, newest first.
   *
   * @param size at most 500
   * @param from first day, {@code to} last day (ISO dates, or date-times)
   * @param q text in the file name, the place, the camera or the name of a person
   * @param person any confirmed face of one: photos with a confirmed face of it; suggestions do not
   *     count
   */
  public Page page(
      @Nullable Integer page,
      @Nullable Integer size,
      @Nullable String place,
      @Nullable String camera,
      @Nullable String from,
      @Nullable String to,
      @Nullable Boolean damaged,
      @Nullable Boolean placed,
      @Nullable String state,
      @Nullable String q,
      @Nullable Long person) {
    List<String> where = new ArrayList<>();
    Map<String, Object> parameters = new HashMap<>();
    where.add("i.deleted_at is null");
    like(where, parameters, "place", place, "p.name");
    like(where, parameters, "camera", camera, "i.camera_make", "i.camera_model");
    String photos = PHOTOS;
    if (person != null) {
      photos += " join " + IN_PHOTOS.formatted("person") + " f on f.image_id = i.id";
      parameters.put("person", List.of(standingFor(person)));
    }
    List<Long> named = peopleNamed(q);
    if (!named.isEmpty()) {
      parameters.put("named", named);
    }
    like(
        where,
        parameters,
        "q",
        q,
        named.isEmpty() ? List.of() : List.of(OF_THE_NAMED),
        "i.filename",
        "p.name",
        "i.camera_make",
        "i.camera_model");
    date(where, parameters, "from", from, "i.taken_at >= :from", 0);
    date(where, parameters, "to", to, "i.taken_at < :to", 1);
    if (damaged != null) {
      where.add("i.damaged = :damaged");
      parameters.put("damaged", damaged);
    }
    if (placed != null) {
      where.add(placed ? "i.place_id is not null" : "i.place_id is null");
    }
    if (state != null && !state.isBlank()) {
      where.add("exists (select 1 from jobs j where j.image_id = i.id and j.state = :state)");
      parameters.put("state", state);
    }
    String condition = String.join(" and ", where);
    int limit = Math.max(1, Math.min(MOST, size == null ? 50 : size));
    long offset = (long) limit * Math.max(0, page == null ? 0 : page);
    Map<String, Object> paged = new HashMap<>(parameters);
    paged.put("limit", limit);
    paged.put("offset", offset);
    return new Page(
        views(
            photos,
            condition + " order by i.dated_at desc, i.id desc limit :limit offset :offset",
            paged),
        database
            .sql("select count(*) " + photos + " where " + condition)
            .params(parameters)
            .query(Long.class)
            .single());
  }

  /** All that ExifTool said of a photo, as the JSON object it wrote. */
  public Metadata metadata(long id) {
    return database
        .sql(
            """
            select m.json from image_metadata m join images i on i.id = m.image_id
            where m.image_id = :id and i.deleted_at is null
            """)
        .param("id", id)
        .query(String.class)
        .optional()
        .map(Metadata::new)
        .orElseThrow(
            () ->
                Failure.lasting(
                    "no-metadata",
                    "There is no metadata of photo "
                        + id
                        + " yet: see its job in /api/photos/"
                        + id
                        + "."));
  }

  private static void like(
      List<String> where,
      Map<String, Object> parameters,
      String name,
      @Nullable String text,
      String... columns) {
    like(where, parameters, name, text, List.of(), columns);
  }

  private static void like(
      List<String> where,
      Map<String, Object> parameters,
      String name,
      @Nullable String text,
      List<String> others,
      String... columns) {
    if (text == null || text.isBlank()) {
      return;
    }
    List<String> any = new ArrayList<>(others);
    for (String column : columns) {
      any.add("lower(" + column + ") like :" + name + " escape '!'");
    }
    where.add("(" + String.join(" or ", any) + ")");
    parameters.put(name, pattern(text));
  }

  private static String pattern(String text) {
    return "%" + text.strip().toLowerCase(Locale.ROOT).replaceAll("([!%_])", "!$1") + "%";
  }

  private static void date(
      List<String> where,
      Map<String, Object> parameters,
      String name,
      @Nullable String text,
      String condition,
      int daysAfter) {
    if (text == null || text.isBlank()) {
      return;
    }
    try {
      LocalDateTime time =
          text.contains("T")
              ? LocalDateTime.parse(text)
              : LocalDate.parse(text).plusDays(daysAfter).atStartOfDay();
      parameters.put(name, time);
      where.add(condition);
    } catch (DateTimeParseException e) {
      throw Failure.lasting(
          "bad-request",
          "\"" + name + "\" takes a date such as 2024-12-31, or 2024-12-31T18:00:00.",
          e);
    }
  }

  private List<View> views(String photos, String condition, Map<String, Object> parameters) {
    List<View> views =
        database
            .sql(
                """
                select i.*, p.name as place_name, p.country as place_country, p.city as place_city,
                  p.attribution as place_attribution,
                  (select count(*) from faces f
                    where f.image_id = i.id and f.deleted_at is null and f.status <> 'not_face') as faces
                """
                    + photos
                    + " where "
                    + condition)
            .params(parameters)
            .query(PhotoViews::view)
            .list();
    if (!views.isEmpty()) {
      addJobs(views);
      addPeople(views);
    }
    return views;
  }

  private void addPeople(List<View> views) {
    Map<Long, View> byId = new HashMap<>();
    views.forEach(view -> byId.put(view.id(), view));
    database
        .sql(
            """
            select distinct f.image_id, r.id, r.name from faces f
            join faces r on r.id = coalesce(f.parent_id, f.id)
            where f.image_id in (:ids) and f.status = 'ok' and f.deleted_at is null
            order by r.name, r.id
            """)
        .param("ids", byId.keySet())
        .query(
            row -> {
              View view = byId.get(row.getLong("image_id"));
              if (view != null) {
                view.people().add(new PersonView(row.getLong("id"), row.getString("name")));
              }
            });
  }

  /** The face that stands for the person of any of its faces. */
  private long standingFor(long face) {
    return database
        .sql("select coalesce(parent_id, id) from faces where id = :id")
        .param("id", face)
        .query(Long.class)
        .optional()
        .orElse(face);
  }

  private List<Long> peopleNamed(@Nullable String q) {
    if (q == null || q.isBlank()) {
      return List.of();
    }
    return database
        .sql(
            """
            select id from faces where status = 'ok' and parent_id is null and deleted_at is null
              and lower(name) like :q escape '!' order by id limit 1000
            """)
        .param("q", pattern(q))
        .query(Long.class)
        .list();
  }

  private void addJobs(List<View> views) {
    Map<Long, View> byId = new HashMap<>();
    views.forEach(view -> byId.put(view.id(), view));
    database
        .sql(
            """
            select id, image_id, queue, extra, data, state, attempts, cause, error, created_at, started_at, ended_at
            from jobs where image_id in (:ids) order by id
            """)
        .param("ids", byId.keySet())
        .query(
            row -> {
              View view = byId.get(row.getLong("image_id"));
              if (view == null) {
                return;
              }
              if (row.getBoolean("extra")) {
                view.extraThumbnails().add(job(row, row.getString("data")));
              } else {
                view.jobs().put(row.getString("queue"), job(row, null));
              }
            });
  }

  /** A text of a job's canonical data; none of those it is asked for holds a quotation mark. */
  private static @Nullable String text(String data, String name) {
    String begin = "\"" + name + "\":\"";
    int start = data.indexOf(begin);
    return start < 0
        ? null
        : data.substring(start + begin.length(), data.indexOf('"', start + begin.length()));
  }

  private static JobView job(ResultSet row, @Nullable String extra) throws SQLException {
    return new JobView(
        row.getLong("id"),
        extra == null ? null : text(extra, "target"),
        extra == null ? null : Objects.requireNonNullElse(text(extra, "format"), "jpeg"),
        row.getString("state"),
        row.getInt("attempts"),
        row.getString("cause"),
        row.getString("error"),
        Utc.instant(row, "created_at"),
        Utc.instant(row, "started_at"),
        Utc.instant(row, "ended_at"));
  }

  private static View view(ResultSet row, int number) throws SQLException {
    return new View(
        row.getLong("id"),
        row.getString("filename"),
        row.getString("sha256"),
        row.getString("mime_type"),
        row.getLong("bytes"),
        row.getObject("width", Integer.class),
        row.getObject("height", Integer.class),
        row.getObject("orientation", Integer.class),
        takenAt(row),
        row.getString("taken_zone"),
        row.getString("taken_zone_from"),
        row.getString("camera_make"),
        row.getString("camera_model"),
        row.getString("lens"),
        row.getObject("exposure_seconds", Double.class),
        row.getObject("aperture", Double.class),
        row.getObject("iso", Integer.class),
        row.getObject("focal_length_mm", Double.class),
        row.getObject("latitude", Double.class),
        row.getObject("longitude", Double.class),
        row.getString("position"),
        row.getString("place_name"),
        row.getString("place_country"),
        row.getString("place_city"),
        row.getString("place_attribution"),
        row.getBoolean("damaged"),
        row.getString("damage"),
        Utc.instant(row, "created_at"),
        row.getLong("faces"),
        new ArrayList<>(),
        new LinkedHashMap<>(),
        new ArrayList<>());
  }

  /** ISO 8601 local time, with its offset where that is known. */
  static @Nullable String takenAt(ResultSet row) throws SQLException {
    LocalDateTime local = row.getObject("taken_at", LocalDateTime.class);
    Integer offsetMinutes = row.getObject("taken_offset_minutes", Integer.class);
    if (local == null) {
      return null;
    }
    String time = LOCAL.format(local).replaceAll("\\.000$", "");
    return offsetMinutes == null ? time : time + ZoneOffset.ofTotalSeconds(offsetMinutes * 60);
  }
}
