package io.caravel.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;

class PhotoPlaceTest {
  private static final NominatimSettings SETTINGS = new NominatimSettings(3, 1, 1, 1, 1, 1, 1, 1);

  private final JdbcConnectionPool pool =
      JdbcConnectionPool.create(
          "jdbc:h2:mem:photo-place;MODE=MySQL;TIME ZONE=UTC;DB_CLOSE_DELAY=-1", "sa", "");
  private final JdbcClient database = JdbcClient.create(pool);
  private final PhotoPlace photoPlace =
      new PhotoPlace(database, new Places(database, "en", false), SETTINGS, true);

  @BeforeEach
  void schema() {
    Flyway.configure().dataSource(pool).load().migrate();
  }

  @AfterEach
  void end() {
    database.sql("shutdown").update();
    pool.dispose();
  }

  private void photo(
      long id, String position, @Nullable Double latitude, @Nullable Double longitude) {
    database
        .sql(
            """
            insert into images (id, sha256, filename, mime_type, bytes, source_disk, source_path, source_filename,
                                position, latitude, longitude)
            values (?, ?, 'a.jpg', 'image/jpeg', 1, 'private', '', 'a', ?, ?, ?)
            """)
        .params(id, "%064d".formatted(id), position, latitude, longitude)
        .update();
  }

  @Test
  void aValidPositionIsRoundedToTheDecimalsThatAreAsked() {
    photo(1, "valid", 48.20849, 16.37208);
    assertThat(photoPlace.position(1))
        .isEqualTo(new RoundedPosition(new BigDecimal("48.208"), new BigDecimal("16.372")));
  }

  @ParameterizedTest
  @CsvSource({"invalid, 1, 1", "valid, , 1", "valid, 1,"})
  void anyOtherIsNone(String position, @Nullable Double latitude, @Nullable Double longitude) {
    photo(1, position, latitude, longitude);
    assertThat(photoPlace.position(1)).isNull();
    assertThat(photoPlace.position(2)).isNull();
  }

  @Test
  void thePhotoGetsItsPlaceAndNoOtherPhotoDoes() {
    photo(1, "valid", 1.0, 1.0);
    photo(2, "valid", 1.0, 1.0);
    Place place =
        new Places(database, "en", false)
            .keep(
                BigDecimal.ONE,
                BigDecimal.ONE,
                new GeocoderAnswer(true, "Here", null, null, "© X", "{}"));
    photoPlace.keep(1, photoPlace.at(place));
    assertThat(placeOf(1)).isEqualTo(place.id());
    assertThat(placeOf(2)).isNull();
    photoPlace.keep(1, photoPlace.nowhere());
    assertThat(placeOf(1)).isNull();
  }

  @Test
  void anAddressOfAnotherProgramIsKeptForItsPositionAndThanksOpenStreetMap() {
    photo(1, "valid", 48.20849, 16.37208);
    photoPlace.know(1, 48.20849, 16.37208, "Stephansplatz 3, Wien");
    assertThat(
            database
                .sql("select id, name, attribution, latitude, longitude from places")
                .query()
                .singleRow())
        .containsEntry("id", placeOf(1))
        .containsEntry("name", "Stephansplatz 3, Wien")
        .containsEntry("attribution", "© OpenStreetMap contributors")
        .hasEntrySatisfying(
            "latitude",
            north -> assertThat((BigDecimal) north).isEqualByComparingTo(new BigDecimal("48.208")));
  }

  @Test
  void geocodingThatIsOffLeavesThePlaceThereIs() {
    photo(1, "valid", 1.0, 1.0);
    photoPlace.know(1, 1, 1, "Here");
    Long place = placeOf(1);
    photoPlace.keep(1, photoPlace.off());
    assertThat(placeOf(1)).isEqualTo(place).isNotNull();
  }

  private @Nullable Long placeOf(long id) {
    return (Long)
        database
            .sql("select place_id from images where id = ?")
            .param(id)
            .query()
            .singleRow()
            .get("place_id");
  }

  @Test
  void whatIsSkippedSaysWhy() {
    assertThat(photoPlace.at(new Place(7, true))).isEqualTo(new Geolocation(7L, null, null));
    assertThat(photoPlace.at(new Place(7, false)).placeId()).isNull();
    assertThat(photoPlace.at(new Place(7, false)).skip()).isEqualTo("no-address");
    assertThat(photoPlace.nowhere().skip()).isEqualTo("no-position");
    assertThat(photoPlace.off().skip()).isEqualTo("geocoding-off");
    assertThat(photoPlace.off().sentence()).contains("CARAVEL_GEOCODING=on");
    assertThat(photoPlace.geocodingOff()).isFalse();
    assertThat(
            new PhotoPlace(database, new Places(database, "en", false), SETTINGS, false)
                .geocodingOff())
        .isTrue();
  }
}
