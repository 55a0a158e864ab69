package io.caravel.gallery;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.ground.Failure;
import io.caravel.ground.Utc;
import io.caravel.job.Results;
import io.caravel.job.Waits;
import io.caravel.photo.Photos;
import io.caravel.request.Request;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The photos as the REST API shows them. */
@Component("photoViews")
public class PhotoViews {
  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss[.SSS]", Locale.ROOT);

  private static final Set<String> ENDED = Set.of("done", "skipped", "failed");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final JdbcClient database;
  private final PhotoSearch search;
  private final Waits waits;
  private final Results results;

  PhotoViews(JdbcClient database, PhotoSearch search, Waits waits, Results results) {
    this.results = results;
    this.database = database;
    this.search = search;
    this.waits = waits;
  }

  /**
   * A photo.
   *
   * @param width pixels, upright
   * @param takenAt ISO 8601 local time, with its offset where that is known; 1985, 1985-06 or
   *     1985-06-15 where no more is
   * @param takenFrom what tells it: exif, xmp, iptc, png, gps, name, modified or file
   * @param takenZoneFrom where the offset comes from: offset-tag, gps-time, position or setting
   * @param position valid, invalid or none; null until the metadata has been read
   * @param placeAttribution to be shown wherever the place is
   * @param persons those that its metadata name
   * @param faces how many were found, without those that a person called no face
   * @param people of whom a confirmed face is in the photo
   * @param jobs the photo's own job of each queue
   * @param extraThumbnails thumbnails that callers asked for beside those of every photo
   * @param externalIds by which another program knows it, beside its id
   * @param sidecars the names of the files that lay beside it and belong to it
   * @param results what steps of the user's made of it, by step; empty in lists
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
      @Nullable String takenFrom,
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
      @Nullable String title,
      @Nullable String headline,
      @Nullable String caption,
      List<String> keywords,
      @Nullable String creator,
      @Nullable String copyright,
      @Nullable Integer rating,
      @Nullable String label,
      List<String> persons,
      boolean damaged,
      @Nullable String damage,
      @Nullable Instant createdAt,
      long faces,
      List<PersonView> people,
      Map<String, JobView> jobs,
      List<JobView> extraThumbnails,
      List<Long> externalIds,
      List<String> sidecars,
      Map<String, JsonNode> results) {}

  /** A person as a photo shows it: the face that stands for it, and its name. */
  public record PersonView(long id, @Nullable String name) {}

  /**
   * A job as a photo shows it. Times are UTC.
   *
   * @param target of an extra thumbnail, such as {@code cover:300x300}
   * @param format of an extra thumbnail, jpeg or webp
   * @param waiting why it has not ended yet, a sentence; null in lists, and once it has ended
   * @param expectedAt when it may have ended; null: not known
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
      @Nullable Instant endedAt,
      @Nullable String waiting,
      @Nullable Instant expectedAt) {
    private JobView waits(Waits.Wait wait) {
      return new JobView(
          id,
          target,
          format,
          state,
          attempts,
          cause,
          error,
          queuedAt,
          startedAt,
          endedAt,
          wait.waiting(),
          wait.expectedAt());
    }
  }

  /** One page of photos, and how many there are in all. */
  public record Page(List<View> items, long total) {}

  /**
   * A month of the timeline.
   *
   * @param month such as {@code 2024-07}; the year alone where no more is known; null: no date
   */
  public record Month(@Nullable String month, long photos) {}

  /** The months that have photos, and how many photos there are in all. */
  public record Timeline(List<Month> items, long total) {}

  /** What ExifTool said of a photo. */
  public record Metadata(@JsonValue @JsonRawValue String json) {}

  /** The photo, or a failure {@code no-such-photo}. */
  public View view(long id) {
    View view = views(List.of(id)).stream().findFirst().orElseThrow(() -> Photos.unknown(id));
    Map<Long, Waits.Wait> unended = new HashMap<>();
    waits.of(id).forEach(wait -> unended.put(wait.id(), wait));
    UnaryOperator<JobView> waiting =
        job ->
            unended.containsKey(job.id()) && !ENDED.contains(job.state())
                ? job.waits(Objects.requireNonNull(unended.get(job.id())))
                : job;
    view.jobs().replaceAll((queue, job) -> waiting.apply(job));
    view.extraThumbnails().replaceAll(waiting);
    view.results().putAll(results.of(id));
    return view;
  }

  /**
   * A page of photos by the date they were taken, or added, newest first, by the filters of {@link
   * PhotoSearch.Filter}.
   */
  public Page page(Request request) {
    List<Long> ids = search.ids(PhotoSearch.Filter.of(request));
    int first = (int) Math.min(ids.size(), request.offset());
    return new Page(
        views(ids.subList(first, Math.min(ids.size(), first + request.size()))), (long) ids.size());
  }

  /** How many photos each month has, in the order of {@link #page} and by the same filters. */
  public Timeline timeline(Request request) {
    List<Month> months = search.months(PhotoSearch.Filter.of(request));
    return new Timeline(months, months.stream().mapToLong(Month::photos).sum());
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

  /** Those of the photos that are there, in this order. */
  private List<View> views(List<Long> ids) {
    if (ids.isEmpty()) {
      return List.of();
    }
    Map<Long, View> byId = new HashMap<>();
    database
        .sql(
            """
            select i.*, p.name as place_name, p.country as place_country, p.city as place_city,
              p.attribution as place_attribution,
              w.title, w.headline, w.caption, w.keywords, w.creator, w.copyright, w.rating, w.label, w.persons,
              (select count(*) from faces f
                where f.image_id = i.id and f.deleted_at is null and f.status not in ('not_face', 'undrawn')) as faces
            from images i left join places p on p.id = i.place_id left join image_words w on w.image_id = i.id
            where i.id in (:ids) and i.deleted_at is null
            """)
        .param("ids", ids)
        .query(PhotoViews::view)
        .list()
        .forEach(view -> byId.put(view.id(), view));
    if (!byId.isEmpty()) {
      addJobs(byId);
      addPeople(byId);
      addExternalIds(byId);
      addSidecars(byId);
    }
    return ids.stream().flatMap(id -> Stream.ofNullable(byId.get(id))).toList();
  }

  private void addPeople(Map<Long, View> byId) {
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

  private void addExternalIds(Map<Long, View> byId) {
    database
        .sql(
            """
            select image_id, external_id from external_ids
            where image_id in (:ids) and external_id <> image_id order by external_id
            """)
        .param("ids", byId.keySet())
        .query(
            row -> {
              View view = byId.get(row.getLong("image_id"));
              if (view != null) {
                view.externalIds().add(row.getLong("external_id"));
              }
            });
  }

  private void addSidecars(Map<Long, View> byId) {
    database
        .sql(
            """
            select distinct i.image_id, s.filename from image_sidecars i join sidecars s on s.id = i.sidecar_id
            where i.image_id in (:ids) order by s.filename
            """)
        .param("ids", byId.keySet())
        .query(
            row -> {
              View view = byId.get(row.getLong("image_id"));
              if (view != null) {
                view.sidecars().add(row.getString("filename"));
              }
            });
  }

  private void addJobs(Map<Long, View> byId) {
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
        Utc.instant(row, "ended_at"),
        null,
        null);
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
        row.getString("taken_from"),
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
        row.getString("title"),
        row.getString("headline"),
        row.getString("caption"),
        texts(row.getString("keywords")),
        row.getString("creator"),
        row.getString("copyright"),
        row.getObject("rating", Integer.class),
        row.getString("label"),
        texts(row.getString("persons")),
        row.getBoolean("damaged"),
        row.getString("damage"),
        Utc.instant(row, "created_at"),
        row.getLong("faces"),
        new ArrayList<>(),
        new LinkedHashMap<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new LinkedHashMap<>());
  }

  /** A list as MetadataStore keeps it; null: nothing has been read yet. */
  private static List<String> texts(@Nullable String json) {
    try {
      return json == null ? List.of() : List.of(JSON.readValue(json, String[].class));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** ISO 8601 local time, with its offset where that is known, or the year, month or day alone. */
  public static @Nullable String takenAt(ResultSet row) throws SQLException {
    LocalDateTime local = row.getObject("taken_at", LocalDateTime.class);
    Integer offsetMinutes = row.getObject("taken_offset_minutes", Integer.class);
    if (local == null) {
      return null;
    }
    String precision = Objects.requireNonNullElse(row.getString("taken_precision"), "time");
    int known = List.of("year", "month", "day").indexOf(precision);
    if (known >= 0) {
      return local.toLocalDate().toString().substring(0, 4 + 3 * known);
    }
    String time = LOCAL.format(local).replaceAll("\\.000$", "");
    return offsetMinutes == null ? time : time + ZoneOffset.ofTotalSeconds(offsetMinutes * 60);
  }
}
