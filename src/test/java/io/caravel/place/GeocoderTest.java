package io.caravel.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.caravel.ground.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

class GeocoderTest {
  private static final byte[] NOWHERE =
      "{\"error\":\"Unable to geocode\"}".getBytes(StandardCharsets.UTF_8);
  private static final NominatimSettings SETTINGS =
      new NominatimSettings(4, 1, 20_000, 1000, 60_000, 600_000, 3_600_000, 65_536);

  private final JdbcConnectionPool pool =
      JdbcConnectionPool.create(
          "jdbc:h2:mem:geocoder;MODE=MySQL;TIME ZONE=UTC;DB_CLOSE_DELAY=-1", "sa", "");
  private final JdbcClient database = JdbcClient.create(pool);
  private final GeocoderSlot slot = new GeocoderSlot(database, SETTINGS, () -> {});
  private final Geocoder geocoder = new Geocoder(slot, SETTINGS);
  private final GeocoderTrouble told = new GeocoderTrouble(geocoder, slot);

  @BeforeEach
  void ask() {
    Flyway.configure().dataSource(pool).load().migrate();
    slot.await();
  }

  @AfterEach
  void end() {
    slot.stop();
    database.sql("shutdown").update();
    pool.dispose();
  }

  private Failure refusal(int status, @Nullable String retryAfter) {
    return catchThrowableOfType(Failure.class, () -> geocoder.read(NOWHERE, status, retryAfter));
  }

  @ParameterizedTest
  @CsvSource({"429, , 60", "429, 7, 7", "503, 9, 9", "401, , 600", "403, , 600", "403, 5, 5"})
  void whoAsksForAPauseGetsItOnAllNodes(int status, @Nullable String retryAfter, long seconds) {
    Failure failure = refusal(status, retryAfter);
    assertThat(failure.cause()).isEqualTo("geocoder-refused");
    assertThat(failure.lasting()).isFalse();
    assertThat(failure.pause()).isEqualTo(Duration.ofSeconds(seconds));
    // When it is asked again is told behind it, as it is at that moment.
    assertThat(failure)
        .hasMessageContaining("HTTP " + status)
        .hasMessageNotContaining("asked again")
        .hasMessageNotContaining(seconds + " s");
    assertThat(slot.pause()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(seconds));
    assertThat(told.of("geolocation"))
        .contains("HTTP " + status)
        .matches(".* It is asked again in about \\d+ s\\.");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 499})
  void whatItRefusesMayLieInItsAddressAndNotInThePhoto(int status) {
    Failure failure = refusal(status, null);
    assertThat(failure.cause()).isEqualTo("geocoder-refused");
    assertThat(failure.weather()).isTrue();
    assertThat(slot.pause()).isZero();
    assertThat(told.of("geolocation")).isEqualTo(failure.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "301, does not follow",
    "300, does not follow",
    "399, does not follow",
    "408, out of order",
    "500, out of order",
    "503, out of order",
    "204, out of order"
  })
  void whatIsNoAnswerMayPass(int status, String sentence) {
    Failure failure = refusal(status, null);
    assertThat(failure.cause()).isEqualTo("geocoder-unreachable");
    assertThat(failure.lasting()).isFalse();
    assertThat(failure)
        .hasMessageContaining(sentence)
        .hasMessageContaining("HTTP " + status)
        .hasNoCause(); // of the network: the route would tell it as such
    assertThat(told.of("geolocation")).isEqualTo(failure.getMessage());
  }

  @Test
  void theTroubleIsOverWithTheNextAnswer() {
    Failure failure =
        catchThrowableOfType(
            Failure.class,
            () -> geocoder.read("<html>".getBytes(StandardCharsets.UTF_8), 200, null));
    assertThat(failure).hasMessageContaining("not Nominatim's JSON").hasNoCause();
    assertThat(told.of("geolocation")).isEqualTo(failure.getMessage());
    assertThat(told.of("metadata")).isNull();
    assertThat(told.whileIdle()).isFalse();
    assertThat(geocoder.read(NOWHERE, 200, null).found()).isFalse();
    assertThat(told.of("geolocation")).isNull();
  }

  @Test
  void noResponseAtAllIsToldWithItsReason() {
    IOException reset = new IOException("Connection reset");
    Failure failure = catchThrowableOfType(Failure.class, () -> geocoder.unreachable(reset));
    assertThat(failure.cause()).isEqualTo("geocoder-unreachable");
    assertThat(failure).hasMessageContaining("Connection reset").hasCause(reset);
    assertThat(told.of("geolocation")).isEqualTo(failure.getMessage());
  }

  @Test
  void whatBecameOfTheQuestionsIsCounted() {
    assertThat(geocoder.read(NOWHERE, 200, null).found()).isFalse();
    for (int status : new int[] {404, 429, 301, 500, 502}) {
      assertThat(refusal(status, null)).isNotNull();
    }
    assertThatThrownBy(() -> geocoder.unreachable(new IOException())).isInstanceOf(Failure.class);
    assertThat(geocoder.answers()).isEqualTo(told.answers()).isEqualTo(1);
    assertThat(geocoder.refusals()).isEqualTo(2);
    assertThat(geocoder.failures()).isEqualTo(4);
  }

  @Test
  void theQueueThatRestsIsItsOwnAndItIsNotAskedBeforeTheTimeThatIsSaid() {
    slot.answered();
    told.rest(Duration.ofHours(1));
    String sentence = told.of(told.queue());
    assertThat(sentence).matches("The geocoder is away, .* again in about \\d+ s\\.");
    long said = Long.parseLong(String.valueOf(sentence).replaceAll("\\D", ""));
    assertThat(Duration.ofSeconds(said)).isBetween(slot.pause(), Duration.ofHours(1));
  }

  /** What this node did not hear itself. */
  @Test
  void aPauseOfAnotherNodeIsToldToo() {
    slot.postpone(Duration.ofMinutes(1));
    assertThat(told.of("geolocation")).contains("has asked a node of Caravel to pause.");
  }
}
