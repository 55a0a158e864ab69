package io.caravel.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;

@Timeout(60)
class PlacesTest {
  private static final BigDecimal NORTH = new BigDecimal("48.2085");
  private static final BigDecimal EAST = new BigDecimal("16.3721");
  private static final GeocoderAnswer VIENNA =
      new GeocoderAnswer(true, "Wien 😀", "Österreich", "Wien", "© X", "{}");

  private final JdbcConnectionPool pool =
      JdbcConnectionPool.create(
          "jdbc:h2:mem:places;MODE=MySQL;TIME ZONE=UTC;DB_CLOSE_DELAY=-1", "sa", "");
  private final JdbcClient database = JdbcClient.create(pool);
  private final Places places = new Places(database, "en", false);

  @BeforeEach
  void schema() {
    Flyway.configure().dataSource(pool).load().migrate();
  }

  @AfterEach
  void end() {
    database.sql("shutdown").update();
    pool.dispose();
  }

  @Test
  void aPlaceNobodyAskedIsUnknown() {
    assertThat(places.known(NORTH, EAST)).isNull();
  }

  @Test
  void aPlaceIsKnownFromThenOn() {
    Place kept = places.keep(NORTH, EAST, VIENNA);
    assertThat(kept.found()).isTrue();
    assertThat(places.known(NORTH, EAST)).isEqualTo(kept);
    assertThat(places.known(NORTH, EAST.negate())).isNull();
  }

  @Test
  void aSecondAnswerForThePlaceLeavesTheFirst() {
    Place first = places.keep(NORTH, EAST, VIENNA);
    Place second =
        places.keep(NORTH, EAST, new GeocoderAnswer(false, null, null, null, null, "{}"));
    assertThat(second).isEqualTo(first);
  }

  @Test
  void oneWithoutAnAddressIsAskedAgainAfterNinetyDays() {
    Place none = places.keep(NORTH, EAST, new GeocoderAnswer(false, null, null, null, null, "{}"));
    aged(89);
    assertThat(places.known(NORTH, EAST)).isEqualTo(none);
    aged(2);
    assertThat(places.known(NORTH, EAST)).isNull();
    Place found = places.replace(NORTH, EAST, VIENNA);
    assertThat(found).isEqualTo(new Place(none.id(), true));
    aged(1000);
    assertThat(places.known(NORTH, EAST)).isEqualTo(found);
  }

  private void aged(int days) {
    database
        .sql("update places set created_at = timestampadd(day, :days, created_at)")
        .param("days", -days)
        .update();
  }

  @Test
  void manyKeepingOnePlaceAtOnceGetTheSameOne() throws Exception {
    int many = 8;
    CyclicBarrier start = new CyclicBarrier(many);
    ExecutorService threads = Executors.newFixedThreadPool(many);
    try {
      List<Future<Place>> work = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        work.add(
            threads.submit(
                () -> {
                  start.await();
                  return places.keep(NORTH, EAST, VIENNA);
                }));
      }
      Set<Place> kept = new HashSet<>();
      for (Future<Place> each : work) {
        kept.add(each.get());
      }
      assertThat(kept).hasSize(1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void eachLanguageHasPlacesOfItsOwn() {
    Places german = new Places(database, "de,en", true);
    Place asked = places.keep(NORTH, EAST, VIENNA);
    assertThat(german.known(NORTH, EAST)).isNull();
    Place inGerman = german.keep(NORTH, EAST, VIENNA);
    assertThat(inGerman.id()).isNotEqualTo(asked.id());
    assertThat(german.known(NORTH, EAST)).isEqualTo(inGerman);
    assertThat(places.known(NORTH, EAST)).isEqualTo(asked);
  }

  @Test
  void whatWasKeptBeforeThereWereLanguagesCountsUntilOneIsSet() {
    Place former = places.keep(NORTH, EAST, VIENNA);
    database.sql("update places set language = ''").update();
    assertThat(places.known(NORTH, EAST)).isEqualTo(former);
    assertThat(new Places(database, "de", true).known(NORTH, EAST)).isNull();
  }

  @Test
  void namesAreFoundWithoutCaseAndAccentsAndAsLongAsTheirColumn() {
    places.keep(NORTH, EAST, new GeocoderAnswer(true, "Wien, ÖSTERREICH", null, null, "© X", "{}"));
    assertThat(folded()).isEqualTo("wien, osterreich");
    // A ligature is one letter, and three when it is folded.
    String longer = "\uFB03".repeat(1024);
    places.replace(NORTH, EAST, new GeocoderAnswer(true, longer, null, null, "© X", "{}"));
    assertThat(folded()).isEqualTo("ffi".repeat(683).substring(0, 2048));
  }

  private String folded() {
    return database.sql("select folded from places").query(String.class).single();
  }

  @Test
  void aJobThatAsksAnewIsContentWithWhatWasAskedSinceItWasQueued() {
    Place place = places.keep(NORTH, EAST, VIENNA);
    database
        .sql(
            """
            insert into images (id, sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)
            values (1, 'x', 'a.jpg', 'image/jpeg', 1, 'private', '', 'a')
            """)
        .update();
    database
        .sql(
            """
            insert into jobs (id, image_id, queue, job_key, data, state, created_at)
            values (1, 1, 'geolocation', 'x', '{}', 'queued', timestampadd(hour, -1, current_timestamp(3)))
            """)
        .update();
    assertThat(places.since(1, NORTH, EAST)).isEqualTo(place);
    assertThat(places.since(1, NORTH, EAST.negate())).isNull();
    assertThat(new Places(database, "de", true).since(1, NORTH, EAST)).isNull();
    aged(1);
    assertThat(places.since(1, NORTH, EAST)).isNull();
    assertThat(places.known(NORTH, EAST)).isEqualTo(place);
  }
}
