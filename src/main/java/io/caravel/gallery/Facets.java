package io.caravel.gallery;

import io.caravel.request.Request;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** By what the photos can be filtered: the cameras they were taken with, and the places. */
@Component("facets")
public class Facets {
  private static final int MOST_CAMERAS = 500;
  private static final int MOST_PLACES = 20;

  /** A filter takes no longer text; it looks for a part of the name, so its beginning will do. */
  private static final int LONGEST = 200;

  private final JdbcClient database;
  private final String byIndex;

  Facets(JdbcClient database, @Value("${caravel.db.by-index}") String byIndex) {
    this.database = database;
    this.byIndex = byIndex;
  }

  /**
   * A filter's value.
   *
   * @param photos that are not in the trash
   */
  public record Facet(String name, long photos) {}

  /** Those with most photos. */
  public record Found(List<Facet> items) {
    /** The first so many of them, by their photos and then by name. */
    private static Found most(List<Facet> facets, int most) {
      return new Found(
          facets.stream()
              .sorted(Comparator.comparingLong(Facet::photos).reversed().thenComparing(Facet::name))
              .limit(most)
              .toList());
    }
  }

  /** The cameras, at most 500, written in different cases one is the same. */
  public Found cameras() {
    Map<String, Facet> byName = new HashMap<>();
    database
        .sql(
            """
            select camera_make, camera_model, count(*) as photos from image_text
            where (camera_make is not null or camera_model is not null)
              and image_id not in (select id from images where deleted_at is not null)
            group by camera_make, camera_model
            """)
        .query(
            row -> {
              String name = camera(row.getString("camera_make"), row.getString("camera_model"));
              byName.merge(
                  name.toLowerCase(Locale.ROOT),
                  new Facet(name, row.getLong("photos")),
                  Facets::together);
            });
    byName.remove("");
    return Found.most(List.copyOf(byName.values()), MOST_CAMERAS);
  }

  /** Make and model; the model alone where it begins with the maker's name, as NIKON D70 does. */
  private static String camera(@Nullable String make, @Nullable String model) {
    String maker = make == null ? "" : make.strip();
    String type = model == null ? "" : model.strip();
    String first = maker.split(" ", 2)[0];
    boolean doubled = type.regionMatches(true, 0, first, 0, first.length());
    return shortened((doubled ? type : maker + " " + type).strip());
  }

  private static Facet together(Facet one, Facet other) {
    String name = one.photos() < other.photos() ? other.name() : one.name();
    return new Facet(name, one.photos() + other.photos());
  }

  /** The places, at most 20: all, or those with text {@code q} in their name, in any case. */
  public Found places(Request request) {
    String q = request.text("q");
    Map<String, Long> byName = new HashMap<>();
    database
        .sql(
            """
            select p.name, i.photos
            from (select place_id, count(*) as photos from images %s (images_listed)
                  where deleted_at is null and place_id is not null group by place_id) i
            join places p on p.id = i.place_id
            where locate(:q, lower(p.name)) > 0
            """
                .formatted(byIndex))
        .param("q", q == null ? "" : q.strip().toLowerCase(Locale.ROOT))
        .query(
            row -> {
              byName.merge(shortened(row.getString("name")), row.getLong("photos"), Long::sum);
            });
    return Found.most(
        byName.entrySet().stream().map(each -> new Facet(each.getKey(), each.getValue())).toList(),
        MOST_PLACES);
  }

  private static String shortened(String name) {
    return name.length() <= LONGEST ? name : name.substring(0, LONGEST).strip();
  }
}
