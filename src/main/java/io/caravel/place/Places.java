package io.caravel.place;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The places that were asked once: a position that is known is not asked again. */
@Component("places")
public class Places {
  private final JdbcClient database;

  Places(JdbcClient database) {
    this.database = database;
  }

  /** The place at a rounded position, or null: nobody has asked yet. */
  public @Nullable Place known(BigDecimal latitude, BigDecimal longitude) {
    return database
        .sql("select id, found from places where latitude = :latitude and longitude = :longitude")
        .param("latitude", latitude)
        .param("longitude", longitude)
        .query((row, number) -> new Place(row.getLong("id"), row.getBoolean("found")))
        .optional()
        .orElse(null);
  }

  /** Keeps an answer; where two nodes keep the same place at once, both get the first one's. */
  public Place keep(BigDecimal latitude, BigDecimal longitude, GeocoderAnswer answer) {
    database
        .sql(
            "insert ignore into places"
                + " (latitude, longitude, found, name, country, city, answer, attribution) values"
                + " (:latitude, :longitude, :found, :name, :country, :city, :answer, :attribution)")
        .param("latitude", latitude)
        .param("longitude", longitude)
        .param("found", answer.found())
        .param("name", answer.name())
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
