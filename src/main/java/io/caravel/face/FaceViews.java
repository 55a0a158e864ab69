package io.caravel.face;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.caravel.ground.Failure;
import io.caravel.photo.Photos;
import io.caravel.request.Request;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The faces as the REST API shows them; those of trashed photos never appear. */
@Component("faceViews")
public class FaceViews {
  private static final List<String> STATUSES = List.of("process", "unknown", "not_face", "ok");

  /**
   * A person remains while its photo lies in the trash, and when it is gone. The trash is small
   * beside the photos, so it is found once; of no photo a row is read.
   */
  private static final String VISIBLE =
      """
      where f.deleted_at is null and f.status <> 'undrawn' and (f.image_id is null
        or f.image_id not in (select id from images where deleted_at is not null)
        or f.parent_id is null and f.status = 'ok')
      """;

  private final JdbcClient database;
  private final Photos photos;
  private final People people;

  /** By the index that holds all that lists are filtered and sorted by: no face's row is read. */
  private final String listed;

  FaceViews(
      JdbcClient database,
      Photos photos,
      People people,
      @Value("${caravel.db.by-index}") String byIndex) {
    this.database = database;
    this.listed = "from faces f " + byIndex + " (faces_listed) " + VISIBLE;
    this.people = people;
    this.photos = photos;
  }

  /**
   * A face.
   *
   * @param photoId null: its photo is gone for good, the person remains
   * @param suggestedName of the person whom a face to review is thought to be; null: of nobody, or
   *     of one without a name
   * @param left pixels of the upright photo
   * @param distance to the parent, when it was given
   * @param engine by which it was found and encoded; null: of the time before there were several
   * @param encoding JSON; null: not asked for
   * @param revision counts the changes
   */
  public record View(
      long id,
      @Nullable Long photoId,
      @Nullable Integer faceIndex,
      @Nullable Long parentId,
      @Nullable String name,
      @Nullable String suggestedName,
      String status,
      @Nullable Integer left,
      @Nullable Integer top,
      @Nullable Integer width,
      @Nullable Integer height,
      @Nullable Double score,
      @Nullable Double distance,
      @Nullable String engine,
      @JsonRawValue @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String encoding,
      @JsonIgnore long revision) {}

  /** One page of faces, and how many there are in all. */
  public record Page(List<View> items, long total) {}

  /**
   * A face.
   *
   * @throws Failure {@code no-such-face}: also when its photo lies in the trash
   */
  public View view(Request request) {
    return view(request.id(), request.is("encoding"));
  }

  View view(long id, boolean encoding) {
    return views("f.id = :id", Map.of("id", id), encoding).stream()
        .findFirst()
        .orElseThrow(
            () ->
                Failure.lasting(
                    "no-such-face",
                    "There is no face " + id + ", or its photo lies in the trash."));
  }

  /**
   * The faces of a photo, in their order.
   *
   * @throws Failure {@code no-such-photo}
   */
  public Map<String, List<View>> of(Request request) {
    long photo = photos.photo(request.id()).id();
    return Map.of(
        "items",
        views(
            "f.image_id = :photo order by f.face_index, f.id",
            Map.of("photo", photo),
            request.is("encoding")));
  }

  /**
   * A page of faces: all, or those with a {@code status}, of a {@code photo}, confirmed as a {@code
   * person} (named by any of its faces) or suggested to be; {@code suggested}: only faces to review
   * that are thought to be a person, or those that are not; only those with an id beyond {@code
   * after}. {@code order}: id, or distance: the nearest first.
   */
  public Page page(Request request) {
    String status = request.text("status");
    Long photo = request.number("photo");
    Long person = request.number("person");
    Boolean suggested = request.flag("suggested");
    Long after = request.number("after");
    StringBuilder which = new StringBuilder(photo == null ? listed : "from faces f " + VISIBLE);
    Map<String, Object> parameters = new HashMap<>();
    // All of them, where none is asked for: without it MariaDB walks the whole index and sorts it.
    which.append(" and f.status in (:statuses)");
    parameters.put("statuses", status == null ? STATUSES : List.of(status));
    if (photo != null) {
      which.append(" and f.image_id = :photo");
      parameters.put("photo", photo);
    }
    if (person != null) {
      which.append(" and (f.id = :person or f.parent_id = :person)");
      parameters.put("person", people.of(person));
    }
    if (suggested != null) {
      which.append(" and f.status = 'process' and (f.parent_id is ");
      which.append(suggested ? "not null and f.parent_id in" : "null or f.parent_id not in");
      which.append(" (" + people.ids() + "))");
    }
    if (after != null) {
      which.append(" and f.id > :after");
      parameters.put("after", after);
    }
    long total =
        database.sql("select count(*) " + which).params(parameters).query(Long.class).single();
    parameters.put("limit", request.size());
    parameters.put("offset", request.offset());
    which.append(" order by ");
    if ("distance".equals(request.text("order"))) {
      which.append("case when f.distance is null then 1 else 0 end, f.distance, ");
    }
    List<Long> ids =
        database
            .sql("select f.id " + which + "f.id limit :limit offset :offset")
            .params(parameters)
            .query(Long.class)
            .list();
    return new Page(inOrder(ids, request.is("encoding")), total);
  }

  private List<View> inOrder(List<Long> ids, boolean encoding) {
    if (ids.isEmpty()) {
      return List.of();
    }
    Map<Long, View> views = new HashMap<>();
    views("f.id in (:ids)", Map.of("ids", ids), encoding)
        .forEach(view -> views.put(view.id(), view));
    return ids.stream().flatMap(id -> Stream.ofNullable(views.get(id))).toList();
  }

  private List<View> views(String which, Map<String, Object> parameters, boolean encoding) {
    return database
        .sql(
            """
            select f.id, f.image_id, f.face_index, f.parent_id, f.name, f.status, f.box_left, f.box_top, f.box_width,
              f.box_height, f.score, f.distance, f.engine, f.revision, %s as encoding,
              (select r.name from faces r where r.id = f.parent_id and f.status = 'process'
                and r.status = 'ok' and r.parent_id is null and r.deleted_at is null) as suggested_name
            from faces f %s and %s
            """
                .formatted(encoding ? "f.encoding" : "null", VISIBLE, which))
        .params(parameters)
        .query(FaceViews::view)
        .list();
  }

  private static View view(ResultSet row, int number) throws SQLException {
    return new View(
        row.getLong("id"),
        row.getObject("image_id", Long.class),
        row.getObject("face_index", Integer.class),
        row.getObject("parent_id", Long.class),
        row.getString("name"),
        row.getString("suggested_name"),
        row.getString("status"),
        row.getObject("box_left", Integer.class),
        row.getObject("box_top", Integer.class),
        row.getObject("box_width", Integer.class),
        row.getObject("box_height", Integer.class),
        row.getObject("score", Double.class),
        row.getObject("distance", Double.class),
        row.getString("engine"),
        row.getString("encoding"),
        row.getLong("revision"));
  }
}
