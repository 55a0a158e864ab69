package io.caravel.place;

import io.caravel.photo.Folded;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The places that were asked once: a position that is known is not asked again. One without an
 * address is known for {@value #WITHOUT_ADDRESS_DAYS} days, for maps grow.
 */
@Component("places")
public class Places {
  private static final int LONGEST_FOLDED = 2048;
  static final int WITHOUT_ADDRESS_DAYS = 90;

  private final JdbcClient database;

  private final String language;
  private final List<String> known;

  /**
   * @param language in which the geocoder is asked: part of the key
   * @param asked whether somebody has set it; else those count, too, that were kept before there
   *     were languages
   */
  Places(
      JdbcClient database,
      @Value("${caravel.language}") String language,
      @Value("${caravel.language-asked}") boolean asked) {
    this.database = database;
    this.language = language;
    this.known = asked ? List.of(language) : List.of(language, "");
  }

  /** The place at a rounded position, or null: nobody has asked yet. */
  public @Nullable Place known(BigDecimal latitude, BigDecimal longitude) {
    return database
        .sql(
            """
            select id, found from places
            where latitude = :latitude and longitude = :longitude and language in (:known)
              and (found or created_at > timestampadd(day, :days, current_timestamp(3)))
            order by language desc limit 1
            """)
        .param("days", -WITHOUT_ADDRESS_DAYS)
        .param("known", known)
        .param("latitude", latitude)
        .param("longitude", longitude)
        .query((row, number) -> new Place(row.getLong("id"), row.getBoolean("found")))
        .optional()
        .orElse(null);
  }

  /** As {@link #known}, where it was asked since this job was queued; else null. */
  public @Nullable Place since(long job, BigDecimal latitude, BigDecimal longitude) {
    return database
        .sql(
            """
            select id, found from places
            where latitude = :latitude and longitude = :longitude and language = :language
              and created_at >= (select created_at from jobs where id = :job)
            """)
        .param("latitude", latitude)
        .param("longitude", longitude)
        .param("language", language)
        .param("job", job)
        .query((row, number) -> new Place(row.getLong("id"), row.getBoolean("found")))
        .optional()
        .orElse(null);
  }

  /** As it is searched: without case and accents, cut to the column. */
  private static @Nullable String folded(@Nullable String name) {
    String folded = name == null ? null : Folded.of(name);
    return folded == null || folded.length() <= LONGEST_FOLDED
        ? folded
        : folded.substring(0, LONGEST_FOLDED);
  }

  /**
   * Keeps an answer; where two nodes keep the same place at once, both get the first one's. In
   * place of one without an address that was too old to be known.
   */
  public Place keep(BigDecimal latitude, BigDecimal longitude, GeocoderAnswer answer) {
    Place known = known(latitude, longitude);
    return known == null ? replace(latitude, longitude, answer) : known;
  }

  /** Keeps an answer in place of the one that was there: for all photos of this place. */
  public Place replace(BigDecimal latitude, BigDecimal longitude, GeocoderAnswer answer) {
    database
        .sql(
            """
            insert into places (latitude, longitude, language, found, name, folded, country, city, answer, attribution)
            values (:latitude, :longitude, :language, :found, :name, :folded, :country, :city, :answer, :attribution)
            on duplicate key update found = :found, name = :name, folded = :folded, country = :country, city = :city,
              answer = :answer, attribution = :attribution, created_at = current_timestamp(3)
            """)
        .param("latitude", latitude)
        .param("longitude", longitude)
        .param("language", language)
        .param("found", answer.found())
        .param("name", answer.name())
        .param("folded", folded(answer.name()))
        .param("country", answer.country())
        .param("city", answer.city())
        .param("answer", answer.json())
        .param("attribution", answer.attribution())
        .update();
    Place kept = known(latitude, longitude);
    if (kept == null) {
      throw new IllegalStateException("The place was kept but is not there: " + latitude);
    }
    return kept;
  }
}
