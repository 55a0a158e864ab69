package io.caravel.face;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.caravel.job.Failure;
import io.caravel.photo.Photos;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The faces as the REST API shows them; those of trashed photos never appear. */
@Component("faceViews")
public class FaceViews {
  private static final int MOST = 500;

  /** Those of trashed photos are not; a person remains, also when its photo is gone for good. */
  private static final String VISIBLE =
      """
      f.deleted_at is null and (f.image_id is null
        or f.image_id not in (select id from images where deleted_at is not null)
        or f.parent_id is null and f.status = 'ok')
      """;

  /** An index that holds all that lists are filtered and sorted by: no face's row is read. */
  private static final String LISTED = " use index (faces_listed)";

  private static final String PEOPLE =
      """
      (select id from faces use index (faces_of_person)
        where parent_id is null and status = 'ok' and deleted_at is null)
      """;

  private final JdbcClient database;
  private final Photos photos;

  FaceViews(JdbcClient database, Photos photos) {
    this.database = database;
    this.photos = photos;
  }

  /**
   * A face.
   *
   * @param photoId null: its photo is gone for good, the person remains
   * @param left pixels of the upright photo
   * @param distance to the parent, when it was given
   * @param suggestedName of a face to review: the name of the person it is thought to be
   * @param encoding JSON; null: not asked for
   * @param revision counts the changes
   */
  public record View(
      long id,
      @Nullable Long photoId,
      @Nullable Integer faceIndex,
      @Nullable Long parentId,
      @Nullable String name,
      String status,
      @Nullable Integer left,
      @Nullable Integer top,
      @Nullable Integer width,
      @Nullable Integer height,
      @Nullable Double score,
      @Nullable Double distance,
      @Nullable String suggestedName,
      @JsonRawValue @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String encoding,
      @JsonIgnore long revision) {}

  /** One page of faces, and how many there are in all. */
  public record Page(List<View> items, long total) {}

  /**
   * A face.
   *
   * @throws Failure {@code no-such-face}: also when its photo lies in the trash
   */
  public View view(long id, @Nullable Boolean encoding) {
    return views(ids("", List.of("f.id = :id"), "f.id", Map.of("id", id)), encoding).stream()
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
  public Map<String, List<View>> of(long photo, @Nullable Boolean encoding) {
    photos.photo(photo);
    List<Long> ids =
        ids("", List.of("f.image_id = :photo"), "f.face_index, f.id", Map.of("photo", photo));
    return Map.of("items", views(ids, encoding));
  }

  /**
   * Faces, the oldest first.
   *
   * @param size at most 500
   * @param person any face of one: those that are confirmed as it or suggested to be it
   * @param suggested true: faces to review that are thought to be a person; false: the other faces
   *     to review
   * @param after only faces with a greater id
   * @param order {@code id}, or {@code distance}: the nearest to its person first
   */
  public Page page(
      @Nullable Integer page,
      @Nullable Integer size,
      @Nullable String status,
      @Nullable Long photo,
      @Nullable Long person,
      @Nullable Boolean suggested,
      @Nullable Long after,
      @Nullable String order,
      @Nullable Boolean encoding) {
    List<String> which = new ArrayList<>();
    Map<String, Object> parameters = new HashMap<>();
    if (status != null) {
      which.add("f.status = :status");
      parameters.put("status", status);
    } else {
      which.add("f.status in ('process', 'unknown', 'not_face', 'ok')"); // for the index
    }
    if (photo != null) {
      which.add("f.image_id = :photo");
      parameters.put("photo", photo);
    }
    if (person != null) {
      which.add("(f.id = :person or f.parent_id = :person) and f.status in ('process', 'ok')");
      parameters.put("person", standingFor(person));
    }
    if (suggested != null) {
      which.add("f.status = 'process'");
      which.add(
          suggested
              ? "f.parent_id in " + PEOPLE
              : "(f.parent_id is null or f.parent_id not in " + PEOPLE + ")");
    }
    if (after != null) {
      which.add("f.id > :after");
      parameters.put("after", after);
    }
    String sorting =
        "distance".equals(order)
            ? "case when f.distance is null then 1 else 0 end, f.distance, f.id"
            // As the index has them, so that they need not be sorted.
            : status == null ? "f.id" : "f.status, f.deleted_at, f.id";
    List<Long> ids = ids(photo == null ? LISTED : "", which, sorting, parameters);
    int limit = Math.max(1, Math.min(MOST, size == null ? 50 : size));
    int first = (int) Math.min(ids.size(), (long) limit * Math.max(0, page == null ? 0 : page));
    return new Page(
        views(ids.subList(first, Math.min(ids.size(), first + limit)), encoding), ids.size());
  }

  /** The root of any face's person. */
  private long standingFor(long face) {
    return database
        .sql("select coalesce(parent_id, id) from faces where id = :id")
        .param("id", face)
        .query(Long.class)
        .optional()
        .orElse(face);
  }

  private List<Long> ids(
      String hint, List<String> which, String order, Map<String, Object> parameters) {
    List<Long> ids = new ArrayList<>();
    database
        .sql(
            "select f.id from faces f"
                + hint
                + " where "
                + VISIBLE
                + which.stream().map(each -> " and " + each).collect(Collectors.joining())
                + " order by "
                + order)
        .params(parameters)
        .query(
            row -> {
              ids.add(row.getLong(1));
            });
    return ids;
  }

  /** Those of the faces that are there, in this order. */
  private List<View> views(List<Long> ids, @Nullable Boolean encoding) {
    if (ids.isEmpty()) {
      return List.of();
    }
    Map<Long, View> byId = new HashMap<>();
    database
        .sql(
            """
            select f.id, f.image_id, f.face_index, f.parent_id, f.name, f.status, f.box_left, f.box_top, f.box_width,
              f.box_height, f.score, f.distance, f.revision, %s as encoding,
              case when f.status = 'process' then r.name end as suggested_name
            from faces f left join faces r
              on r.id = f.parent_id and r.status = 'ok' and r.parent_id is null and r.deleted_at is null
            where f.id in (:ids)
            """
                .formatted(Boolean.TRUE.equals(encoding) ? "f.encoding" : "null"))
        .param("ids", ids)
        .query(FaceViews::view)
        .list()
        .forEach(view -> byId.put(view.id(), view));
    return ids.stream().flatMap(id -> Stream.ofNullable(byId.get(id))).toList();
  }

  private static View view(ResultSet row, int number) throws SQLException {
    return new View(
        row.getLong("id"),
        row.getObject("image_id", Long.class),
        row.getObject("face_index", Integer.class),
        row.getObject("parent_id", Long.class),
        row.getString("name"),
        row.getString("status"),
        row.getObject("box_left", Integer.class),
        row.getObject("box_top", Integer.class),
        row.getObject("box_width", Integer.class),
        row.getObject("box_height", Integer.class),
        row.getObject("score", Double.class),
        row.getObject("distance", Double.class),
        row.getString("suggested_name"),
        row.getString("encoding"),
        row.getLong("revision"));
  }
}
