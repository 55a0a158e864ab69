package io.caravel.gallery;

import io.caravel.ground.Failure;
import io.caravel.photo.Folded;
import io.caravel.photo.Photos;
import io.caravel.request.Request;
import io.caravel.search.TextIndex;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Which photos match a filter. One index holds all that is filtered and sorted by; whatever else is
 * asked for is a set of ids that is found once. No photo's row is read, but where a text is in few
 * photos: then theirs alone.
 */
@Component
class PhotoSearch {
  /** Only the year of the photo is known: the millisecond that MetadataStore keeps for that. */
  private static final String YEAR_ALONE =
      """
      second(i.dated_at) = 59 and minute(i.dated_at) = 59 and hour(i.dated_at) = 23 and day(i.dated_at) = 31
      and month(i.dated_at) = 12 and extract(microsecond from i.dated_at) = 999000
      """;

  /** Of {@link Photos#UNDATED}. */
  private static final int UNDATED_YEAR = 1000;

  private static final String TEXT = "i.id in (select image_id from image_text where %s)";
  private static final String NOWHERE = "1 = 0";

  /** Photos that are asked for by their ids; more are walked through in their order. */
  private static final int FEW = 1000;

  /** In words by which no server takes the index of all that are not deleted. */
  private static final String AMONG =
      "from images i where i.id in (%s) and case when i.deleted_at is null then 1 else 0 end = 1";

  private static final String PLACE =
      "i.place_id in (select id from places where folded like :%s escape '!')";
  private static final String OF_PERSON =
      """
      i.id in (select image_id from faces where id %1$s and status = 'ok' and deleted_at is null)
      or i.id in (select image_id from faces %2$s (faces_of_person)
        where parent_id %1$s and status = 'ok' and deleted_at is null)
      """;

  private static final String PHOTOS_OF =
      """
      select image_id from faces where id in (:people) and status = 'ok' and deleted_at is null
      union
      select image_id from faces %s (faces_of_person)
        where parent_id in (:people) and status = 'ok' and deleted_at is null
      """;

  /** Those who stand for a person. */
  private static final String PEOPLE =
      "select id, name from faces where status = 'ok' and parent_id is null and deleted_at is null and name is not null";

  private final JdbcClient database;
  private final TextIndex texts;
  private final String byIndex;

  PhotoSearch(
      JdbcClient database, TextIndex texts, @Value("${caravel.db.by-index}") String byIndex) {
    this.database = database;
    this.texts = texts;
    this.byIndex = byIndex;
  }

  /** By what the photos are sorted, the newest first. */
  enum Order {
    TAKEN("dated_at", "images_listed"),
    ADDED("created_at", "images_added");

    private final String time;
    private final String index;

    Order(String time, String index) {
      this.time = time;
      this.index = index;
    }

    /** As the index has it: neither database then sorts. */
    private String newestFirst() {
      return " order by i.deleted_at desc, i." + time + " desc, i.id desc";
    }

    /** The month a photo stands in; 0: in its year alone. */
    private String month() {
      String month = "month(i." + time + ")";
      return this == TAKEN ? "case when " + YEAR_ALONE + " then 0 else " + month + " end" : month;
    }
  }

  /**
   * What a photo must have; null: anything.
   *
   * @param dated whether anything tells when it was taken
   * @param city the place's, whole; as country without case and accents
   * @param camera text in the make, the model or both
   * @param from first day, {@code to} last day (ISO dates, or date-times)
   * @param q text in the file name, the place, the camera, the name of a person, the words of the
   *     metadata or the date in words; without case and accents
   * @param keyword one of the photo's, or a part of a hierarchical one; without case and accents
   * @param rating at least
   * @param person any confirmed face of one: photos with a confirmed face of it; suggestions do not
   *     count
   */
  record Filter(
      Order order,
      @Nullable Boolean dated,
      @Nullable String place,
      @Nullable String city,
      @Nullable String country,
      @Nullable String camera,
      @Nullable String from,
      @Nullable String to,
      @Nullable Boolean damaged,
      @Nullable Boolean placed,
      @Nullable String state,
      @Nullable String q,
      @Nullable String keyword,
      @Nullable Long rating,
      @Nullable Long person) {
    static Filter of(Request request) {
      return new Filter(
          "added".equals(request.text("order")) ? Order.ADDED : Order.TAKEN,
          request.flag("dated"),
          request.text("place"),
          request.text("city"),
          request.text("country"),
          request.text("camera"),
          request.text("from"),
          request.text("to"),
          request.flag("damaged"),
          request.flag("placed"),
          request.text("state"),
          request.text("q"),
          request.text("keyword"),
          request.number("rating"),
          request.number("person"));
    }
  }

  private record Where(String sql, Map<String, Object> parameters) {}

  /** All that match, newest first. */
  List<Long> ids(Filter filter) {
    Where where = where(filter);
    List<Long> ids = new ArrayList<>();
    database
        .sql("select i.id " + where.sql() + filter.order().newestFirst())
        .params(where.parameters())
        .query(
            row -> {
              ids.add(row.getLong(1));
            });
    return ids;
  }

  /** How many match, by month, as they are sorted; then those without a date. */
  List<PhotoViews.Month> months(Filter filter) {
    Where where = where(filter);
    return database
        .sql(
            "select y, m, count(*) as photos from (select year(i.%s) as y, %s as m "
                    .formatted(filter.order().time, filter.order().month())
                + where.sql()
                + ") months group by y, m order by y desc, case when m = 0 then 13 else m end desc")
        .params(where.parameters())
        .query(
            (row, n) ->
                new PhotoViews.Month(
                    month(row.getInt("y"), row.getInt("m")), row.getLong("photos")))
        .list();
  }

  private static @Nullable String month(int year, int month) {
    if (year == UNDATED_YEAR) {
      return null;
    }
    return month == 0 ? "%04d".formatted(year) : "%04d-%02d".formatted(year, month);
  }

  private Where where(Filter filter) {
    String q = filter.q();
    List<Long> among = q == null || isNowhere(q) ? null : found(Folded.of(q));
    List<String> all = new ArrayList<>();
    Map<String, Object> parameters = new HashMap<>();
    if (among == null) {
      all.add(
          "from images i %s (%s) where i.deleted_at is null"
              .formatted(byIndex, filter.order().index));
    } else {
      all.add(AMONG.formatted(among.isEmpty() ? "null" : ":among"));
      parameters.put("among", among);
    }
    if (filter.place() != null) {
      all.add(isNowhere(filter.place()) ? NOWHERE : PLACE.formatted("place"));
      parameters.put("place", folded(filter.place()));
    }
    in("city", filter.city(), all, parameters);
    in("country", filter.country(), all, parameters);
    if (filter.camera() != null) {
      all.add(
          TEXT.formatted(
              like(
                  "camera",
                  "camera_make",
                  "camera_model",
                  "concat(camera_make, ' ', camera_model)")));
      parameters.put("camera", pattern(filter.camera().strip().toLowerCase(Locale.ROOT)));
    }
    if (q != null && among == null) {
      List<String> any = new ArrayList<>();
      any.add(TEXT.formatted("words like :q escape '!'"));
      any.add(PLACE.formatted("q"));
      List<Long> people = called(Folded.of(q));
      if (!people.isEmpty()) {
        any.add(OF_PERSON.formatted("in (:people)", byIndex));
        parameters.put("people", people);
      }
      all.add(isNowhere(q) ? NOWHERE : "(" + String.join(" or ", any) + ")");
      parameters.put("q", folded(q));
    }
    if (filter.keyword() != null) {
      all.add("i.id in (select image_id from image_keywords where keyword = :keyword)");
      parameters.put("keyword", Folded.of(filter.keyword()));
    }
    if (filter.rating() != null) {
      all.add("i.id in (select image_id from image_words where rating >= :rating)");
      parameters.put("rating", filter.rating());
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
    if (filter.dated() != null) {
      all.add(filter.dated() ? "i.taken_at is not null" : "i.taken_at is null");
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

  /**
   * The photos whose texts, place or people hold a folded part, where they are few and the index of
   * the texts can tell; null: the database is to be asked.
   */
  private @Nullable List<Long> found(String part) {
    List<Long> found = texts.holding(part, FEW).orElse(null);
    if (found == null) {
      return null;
    }
    Set<Long> all = new LinkedHashSet<>(found);
    all.addAll(
        database
            .sql("select i.id from images i where " + PLACE.formatted("q") + " limit " + (FEW + 1))
            .param("q", pattern(part))
            .query(Long.class)
            .list());
    List<Long> people = called(part);
    if (!people.isEmpty()) {
      all.addAll(
          database
              .sql(PHOTOS_OF.formatted(byIndex) + " limit " + (FEW + 1))
              .param("people", people)
              .query(Long.class)
              .list());
    }
    return all.size() > FEW ? null : List.copyOf(all);
  }

  /** There are few cities and countries, and no database folds as is done here. */
  private void in(
      String column, @Nullable String asked, List<String> all, Map<String, Object> parameters) {
    if (asked == null) {
      return;
    }
    String folded = Folded.of(asked);
    List<String> names =
        database
            .sql("select distinct %1$s from places where %1$s is not null".formatted(column))
            .query(String.class)
            .list()
            .stream()
            .filter(name -> Folded.of(name).equals(folded))
            .toList();
    all.add(
        names.isEmpty()
            ? NOWHERE
            : "i.place_id in (select id from places where %1$s in (:%1$s))".formatted(column));
    parameters.put(column, names);
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

  /** The people in whose name it stands: there are few, and no database folds as is done here. */
  private List<Long> called(String folded) {
    List<Long> called = new ArrayList<>();
    database
        .sql(PEOPLE)
        .query(
            row -> {
              if (Folded.of(row.getString("name")).contains(folded)) {
                called.add(row.getLong("id"));
              }
            });
    return called;
  }

  /** Of which nothing is left when it is folded, such as a control character: no text holds it. */
  private static boolean isNowhere(String text) {
    return !text.isBlank() && Folded.of(text).isEmpty();
  }

  private static String folded(String text) {
    return pattern(Folded.of(text));
  }

  private static String pattern(String text) {
    return "%" + text.replaceAll("([!%_])", "!$1") + "%";
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
