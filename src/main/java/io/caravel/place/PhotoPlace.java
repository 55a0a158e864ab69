package io.caravel.place;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The place of a photo. */
@Component("photoPlace")
public class PhotoPlace {
  private static final String OFF = "geocoding-off";

  private final JdbcClient database;
  private final Places places;
  private final NominatimSettings settings;
  private final boolean geocoding;

  PhotoPlace(
      JdbcClient database,
      Places places,
      NominatimSettings settings,
      @Value("${caravel.geocoding}") boolean geocoding) {
    this.database = database;
    this.places = places;
    this.settings = settings;
    this.geocoding = geocoding;
  }

  /**
   * Gives a photo the address that another program has found for its position; the geocoder is not
   * asked for that position any more.
   */
  public void know(long imageId, double latitude, double longitude, String address) {
    RoundedPosition position = RoundedPosition.of(latitude, longitude, settings.decimals());
    GeocoderAnswer answer =
        new GeocoderAnswer(true, address, null, null, NominatimJson.DEFAULT_ATTRIBUTION, "{}");
    keep(
        imageId,
        Geolocation.at(places.keep(position.latitude(), position.longitude(), answer).id()));
  }

  /** Whether no places are looked up: {@code caravel.geocoding}. */
  public boolean geocodingOff() {
    return !geocoding;
  }

  /** Where the photo was taken, rounded; null: it has no valid position. */
  public @Nullable RoundedPosition position(long imageId) {
    return database
        .sql(
            "select latitude, longitude from images where id = :id and position = 'valid'"
                + " and latitude is not null and longitude is not null")
        .param("id", imageId)
        .query(
            (row, number) ->
                RoundedPosition.of(
                    row.getDouble("latitude"), row.getDouble("longitude"), settings.decimals()))
        .optional()
        .orElse(null);
  }

  /** What a job made that found this place. */
  public Geolocation at(Place place) {
    return place.found()
        ? Geolocation.at(place.id())
        : Geolocation.skipped("no-address", "The geocoder knows no address there.");
  }

  /** What a job made for a photo without a valid position. */
  public Geolocation nowhere() {
    return Geolocation.skipped("no-position", "The photo holds no valid position.");
  }

  /** What a job made while geocoding is off. */
  public Geolocation off() {
    return Geolocation.skipped(OFF, "Geocoding is off: set CARAVEL_GEOCODING=on and replay.");
  }

  /**
   * Gives the photo its place, or none; the same again changes nothing. While geocoding is off it
   * keeps the one it has.
   */
  public void keep(long imageId, Geolocation geolocation) {
    if (OFF.equals(geolocation.skip())) {
      return;
    }
    database
        .sql(
            "update images set place_id = :place, updated_at = current_timestamp(3)"
                + " where id = :id")
        .param("place", geolocation.placeId())
        .param("id", imageId)
        .update();
  }
}
