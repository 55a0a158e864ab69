package io.caravel.face;

import io.caravel.request.Request;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The people: the faces that others are grouped under, and that somebody has confirmed. */
@Component("people")
public class People {
  /** The people's ids. */
  private final String ids;

  /** The people as {@code r}. */
  private final String people;

  private final JdbcClient database;
  private final String byIndex;

  /** Whatever is counted or sorted is read from indexes: a face's row is wide. */
  People(JdbcClient database, @Value("${caravel.db.by-index}") String byIndex) {
    this.database = database;
    this.byIndex = byIndex;
    ids =
        """
        select id from faces %s (faces_of_person)
        where parent_id is null and status = 'ok' and deleted_at is null
        """
            .formatted(byIndex);
    people =
        "from faces r %s (faces_people) where r.status = 'ok' and r.parent_id is null and r.id in (%s)"
            .formatted(byIndex, ids);
  }

  /**
   * A person.
   *
   * @param id of the face that stands for it
   * @param confirmed its faces that somebody confirmed, in photos that are not in the trash
   * @param suggested faces to review that are like it
   * @param photos in which a confirmed face of it is
   * @param crop where a picture of its face is; null: none of its photos is there
   */
  public record Person(
      long id,
      @Nullable String name,
      long confirmed,
      long suggested,
      long photos,
      @Nullable String crop) {}

  /** One page of people, and how many there are in all. */
  public record Page(List<Person> items, long total) {}

  /**
   * A page of the people by name: all, or those whose name begins with {@code q}, in any case;
   * {@code suggested}: only those with faces to review, the one with most of them first.
   */
  public Page page(Request request) {
    String q = request.text("q");
    Map<String, Object> parameters = new HashMap<>();
    String which = people;
    if (q != null) {
      which += " and lower(r.name) like :prefix escape '!'";
      parameters.put(
          "prefix", q.strip().toLowerCase(Locale.ROOT).replaceAll("([!%_])", "!$1") + "%");
    }
    Map<Long, @Nullable String> names = new LinkedHashMap<>();
    database
        .sql("select r.id, r.name " + which + " order by r.name, r.id")
        .params(parameters)
        .query(
            row -> {
              names.put(row.getLong("id"), row.getString("name"));
            });
    List<Long> found = new ArrayList<>(names.keySet());
    if (request.is("suggested")) {
      Map<Long, Long> toReview = toReview();
      found.retainAll(toReview.keySet());
      found.sort(Comparator.comparing(toReview::get, Comparator.reverseOrder())); // else by name
    }
    int first = (int) Math.min(found.size(), request.offset());
    Map<Long, @Nullable String> shown = new LinkedHashMap<>();
    found
        .subList(first, Math.min(found.size(), first + request.size()))
        .forEach(id -> shown.put(id, names.get(id)));
    return new Page(counted(shown), found.size());
  }

  /**
   * How many faces to review are thought to be each root. Not joined with the people: H2 would
   * count anew for each of them.
   */
  private Map<Long, Long> toReview() {
    Map<Long, Long> faces = new HashMap<>();
    database
        .sql(
            """
            select parent_id, count(*) as faces from faces %s (faces_listed)
            where status = 'process' and deleted_at is null and parent_id is not null
              and image_id is not null
              and image_id not in (select id from images where deleted_at is not null)
            group by parent_id
            """
                .formatted(byIndex))
        .query(
            row -> {
              faces.put(row.getLong("parent_id"), row.getLong("faces"));
            });
    return faces;
  }

  /** Selects the ids of all people. */
  String ids() {
    return ids;
  }

  /** The person of any of its faces, confirmed or suggested; 0, as whom no face is: of nobody's. */
  long of(long face) {
    return database
        .sql(ids + " and id = (select coalesce(parent_id, id) from faces where id = :face)")
        .param("face", face)
        .query(Long.class)
        .optional()
        .orElse(0L);
  }

  /** What is known of the faces of some people. */
  private record Faces(long confirmed, long suggested, long photos, @Nullable Long best) {}

  private List<Person> counted(Map<Long, @Nullable String> names) {
    Map<Long, Faces> faces = new HashMap<>();
    if (!names.isEmpty()) {
      database
          .sql(
              """
              select person, sum(case when status = 'ok' then 1 else 0 end) as confirmed,
                sum(case when status = 'process' then 1 else 0 end) as suggested,
                count(distinct case when status = 'ok' then image_id end) as photos,
                min(case when status = 'ok' and box_width is not null then id end) as best
              from (
                select f.id as person, f.id, f.status, f.image_id, f.box_width from faces f
                where f.id in (:people) and f.deleted_at is null
                union all
                select f.parent_id as person, f.id, f.status, f.image_id, f.box_width
                from faces f %s (faces_of_person)
                where f.parent_id in (:people) and f.deleted_at is null
              ) seen
              where image_id is not null
                and image_id not in (select id from images where deleted_at is not null)
              group by person
              """
                  .formatted(byIndex))
          .param("people", names.keySet())
          .query(
              row -> {
                faces.put(
                    row.getLong("person"),
                    new Faces(
                        row.getLong("confirmed"),
                        row.getLong("suggested"),
                        row.getLong("photos"),
                        row.getObject("best", Long.class)));
              });
    }
    List<Person> people = new ArrayList<>();
    names.forEach(
        (id, name) -> {
          Faces seen = faces.getOrDefault(id, new Faces(0, 0, 0, null));
          people.add(
              new Person(
                  id,
                  name,
                  seen.confirmed(),
                  seen.suggested(),
                  seen.photos(),
                  seen.best() == null ? null : "/api/faces/" + seen.best() + "/crop"));
        });
    return people;
  }
}
