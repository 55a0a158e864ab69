package io.caravel.photo;

import io.caravel.job.Failure;
import io.caravel.request.Request;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Which photos match a filter. One index holds all that is filtered and sorted by; whatever else is
 * asked for is a set of ids that is found once. No photo's row is read.
 */
@Component
class PhotoSearch {
  /** As the index has it: neither database then sorts. */
  private static final String NEWEST_FIRST =
      " order by i.deleted_at desc, i.dated_at desc, i.id desc";

  private static final String TEXT = "i.id in (select image_id from image_text where %s)";
  private static final String PLACE =
      "i.place_id in (select id from places where lower(name) like :%s escape '!')";
  private static final String OF_PERSON =
      """
      i.id in (select image_id from faces where id %1$s and status = 'ok' and deleted_at is null)
      or i.id in (select image_id from faces %2$s (faces_of_person)
        where parent_id %1$s and status = 'ok' and deleted_at is null)
      """;
  private static final String NAMED =
      """
      in (select id from faces where status = 'ok' and parent_id is null and deleted_at is null
        and lower(name) like :q escape '!')
      """;

  private final JdbcClient database;
  private final String byIndex;

  PhotoSearch(JdbcClient database, @Value("${caravel.db.by-index}") String byIndex) {
    this.database = database;
    this.byIndex = byIndex;
  }

  /**
   * What a photo must have; null: anything.
   *
   * @param camera text in the make, the model or both
   * @param from first day, {@code to} last day (ISO dates, or date-times)
   * @param q text in the file name, the place, the camera or the name of a person
   * @param person any confirmed face of one: photos with a confirmed face of it; suggestions do not
   *     count
   */
  record Filter(
      @Nullable String place,
      @Nullable String camera,
      @Nullable String from,
      @Nullable String to,
      @Nullable Boolean damaged,
      @Nullable Boolean placed,
      @Nullable String state,
      @Nullable String q,
      @Nullable Long person) {
    static Filter of(Request request) {
      return new Filter(
          request.text("place"),
          request.text("camera"),
          request.text("from"),
          request.text("to"),
          request.flag("damaged"),
          request.flag("placed"),
          request.text("state"),
          request.text("q"),
          request.number("person"));
    }
  }

  private record Where(String sql, Map<String, Object> parameters) {}

  /** All that match, newest first. */
  List<Long> ids(Filter filter) {
    Where where = where(filter);
    List<Long> ids = new ArrayList<>();
    database
        .sql("select i.id " + where.sql() + NEWEST_FIRST)
        .params(where.parameters())
        .query(
            row -> {
              ids.add(row.getLong(1));
            });
    return ids;
  }

  /** How many match, by month, newest first. */
  List<PhotoViews.Month> months(Filter filter) {
    Where where = where(filter);
    return database
        .sql(
            "select year(i.dated_at) as y, month(i.dated_at) as m, count(*) as photos "
                + where.sql()
                + " group by year(i.dated_at), month(i.dated_at) order by y desc, m desc")
        .params(where.parameters())
        .query(
            (row, n) ->
                new PhotoViews.Month(
                    "%04d-%02d".formatted(row.getInt("y"), row.getInt("m")), row.getLong("photos")))
        .list();
  }

  private Where where(Filter filter) {
    List<String> all = new ArrayList<>();
    all.add("from images i " + byIndex + " (images_listed) where i.deleted_at is null");
    Map<String, Object> parameters = new HashMap<>();
    if (filter.place() != null) {
      all.add(PLACE.formatted("place"));
      parameters.put("place", pattern(filter.place()));
    }
    if (filter.camera() != null) {
      all.add(
          TEXT.formatted(
              like(
                  "camera",
                  "camera_make",
                  "camera_model",
                  "concat(camera_make, ' ', camera_model)")));
      parameters.put("camera", pattern(filter.camera()));
    }
    if (filter.q() != null) {
      all.add(
          "("
              + String.join(
                  " or ",
                  TEXT.formatted(like("q", "filename", "camera_make", "camera_model")),
                  PLACE.formatted("q"),
                  OF_PERSON.formatted(NAMED, byIndex))
              + ")");
      parameters.put("q", pattern(filter.q()));
    }
    if (filter.person() != null) {
      all.add("(" + OF_PERSON.formatted("= :person", byIndex) + ")");
      parameters.put("person", standingFor(filter.person()));
    }
    if (filter.from() != null) {
      all.add("i.taken_at >= :from");
      parameters.put("from", time("from", filter.from(), 0));
    }
    if (filter.to() != null) {
      all.add("i.taken_at < :to");
      parameters.put("to", time("to", filter.to(), 1));
    }
    if (filter.damaged() != null) {
      all.add("i.damaged = :damaged");
      parameters.put("damaged", filter.damaged());
    }
    if (filter.placed() != null) {
      all.add(filter.placed() ? "i.place_id is not null" : "i.place_id is null");
    }
    if (filter.state() != null) {
      all.add(
          "i.id in (select image_id from jobs " + byIndex + " (jobs_states) where state = :state)");
      parameters.put("state", filter.state());
    }
    return new Where(String.join(" and ", all), parameters);
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

  private static String like(String parameter, String... texts) {
    List<String> any = new ArrayList<>();
    for (String text : texts) {
      any.add("lower(" + text + ") like :" + parameter + " escape '!'");
    }
    return String.join(" or ", any);
  }

  private static String pattern(String text) {
    return "%" + text.strip().toLowerCase(Locale.ROOT).replaceAll("([!%_])", "!$1") + "%";
  }

  private static LocalDateTime time(String name, String text, int daysAfter) {
    try {
      return text.contains("T")
          ? LocalDateTime.parse(text)
          : LocalDate.parse(text).plusDays(daysAfter).atStartOfDay();
    } catch (DateTimeParseException e) {
      throw Failure.lasting(
          "bad-request",
          "\"" + name + "\" takes a date such as 2024-12-31, or 2024-12-31T18:00:00.",
          e);
    }
  }
}
