package io.caravel.photo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The names that filters of photos are completed to. */
@Component("completion")
public class Completion {
  private static final int CAMERAS = 500;
  private static final int PLACES = 20;

  private final JdbcClient database;

  Completion(JdbcClient database) {
    this.database = database;
  }

  /** A name, and how many photos have exactly it. */
  public record Name(String name, long photos) {}

  /** Those with the most photos first. */
  public record Names(List<Name> items) {}

  /** The cameras of all photos, at most 500. */
  public Names cameras() {
    Map<String, Long> photos = new HashMap<>();
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
              photos.merge(
                  camera(row.getString("camera_make"), row.getString("camera_model")),
                  row.getLong("photos"),
                  Long::sum);
            });
    return most(photos, CAMERAS);
  }

  /** Make and model; the model alone where it begins like its make. */
  static String camera(@Nullable String make, @Nullable String model) {
    if (make == null || model == null) {
      return make == null ? String.valueOf(model) : make;
    }
    return first(make).equals(first(model)) ? model : make + " " + model;
  }

  private static String first(String words) {
    return words.strip().toLowerCase(Locale.ROOT).split("[ ,]", 2)[0];
  }

  /**
   * The places of all photos, at most 20.
   *
   * @param q part of the name, in any case; null: any
   */
  public Names places(@Nullable String q) {
    Map<Long, Long> photos = new HashMap<>();
    database
        .sql(
            """
            select i.place_id, count(*) as photos from images i use index (images_listed)
            where i.deleted_at is null and i.place_id is not null group by i.place_id
            """)
        .query(
            row -> {
              photos.put(row.getLong("place_id"), row.getLong("photos"));
            });
    Map<String, Long> named = new HashMap<>();
    database
        .sql("select id, name from places where lower(name) like :q escape '!'")
        .param("q", PhotoSearch.pattern(q == null ? "" : q))
        .query(
            row -> {
              Long there = photos.get(row.getLong("id"));
              if (there != null) {
                named.merge(row.getString("name"), there, Long::sum);
              }
            });
    return most(named, PLACES);
  }

  private static Names most(Map<String, Long> photos, int most) {
    List<Name> names = new ArrayList<>();
    photos.forEach((name, count) -> names.add(new Name(name, count)));
    names.sort(Comparator.comparingLong(Name::photos).reversed().thenComparing(Name::name));
    return new Names(names.subList(0, Math.min(most, names.size())));
  }
}
