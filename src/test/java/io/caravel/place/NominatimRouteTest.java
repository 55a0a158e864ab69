package io.caravel.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.caravel.ground.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The shipped routes, with a geocoder that does what real ones do on bad days. */
@SpringBootTest(
    classes = PlaceFlow.class,
    webEnvironment = SpringBootTest.WebEnvironment.NONE,
    properties = {
      "spring.config.name=none", // the settings below and no others
      "camel.main.routes-include-pattern=classpath:routes/nominatim.camel.yaml,classpath:routes/geolocation.camel.yaml,"
          + "classpath:place/caller-decides.camel.yaml",
      "spring.datasource.url=jdbc:h2:mem:nominatim;MODE=MySQL;TIME ZONE=UTC;DB_CLOSE_DELAY=-1",
      "caravel.db.write-delay-ms=500",
      "caravel.db.retention-ms=2000",
      "caravel.db.close-compact-ms=0",
      "caravel.geocoding=on",
      "caravel.language=de, en",
      "caravel.nominatim.user-agent=Caravel/test (+https://caravel.example/)",
      "caravel.nominatim.decimals=4",
      "caravel.nominatim.zoom=18",
      "caravel.nominatim.period-ms=100",
      "caravel.nominatim.connect-timeout-ms=1000",
      "caravel.nominatim.response-timeout-ms=1000",
      "caravel.nominatim.request-timeout-ms=1500",
      "caravel.nominatim.slot-wait-ms=20000",
      "caravel.nominatim.refused-pause-ms=60000",
      "caravel.nominatim.shut-out-pause-ms=600000",
      "caravel.nominatim.retry-after-max-ms=3600000",
      "caravel.nominatim.answer-max-bytes=65536"
    })
@Timeout(60)
@DirtiesContext // Hawtio would show its routes before the program's
class NominatimRouteTest {
  private static final Duration PERIOD = Duration.ofMillis(100);
  private static final StubGeocoder STUB = new StubGeocoder();

  @Autowired ProducerTemplate camel;
  @Autowired JdbcClient database;
  @Autowired NominatimSettings settings;
  @Autowired GeocoderSlot slot;
  @Autowired PhotoPlace photoPlace;

  @DynamicPropertySource
  static void url(DynamicPropertyRegistry properties) {
    properties.add("caravel.nominatim.url", STUB::url);
  }

  @AfterAll
  static void closeStub() {
    STUB.close();
  }

  @BeforeEach
  void fresh() {
    STUB.forget();
    database.sql("update images set place_id = null").update();
    database.sql("delete from images").update();
    database.sql("delete from places").update();
    database
        .sql("update geocoder_slot set next_at = '2000-01-01 00:00:00', holder = null")
        .update();
  }

  @Test
  void thePlaceIsAskedByCoordinatesWithTheConfiguredDecimals() {
    Exchange answered = ask("48.2085", "16.3721");
    assertThat(failure(answered)).isNull();
    GeocoderAnswer answer =
        Objects.requireNonNull(answered.getMessage().getBody(GeocoderAnswer.class));
    assertThat(answer.found()).isTrue();
    assertThat(answer.name()).isEqualTo("1, Stephansplatz, Wien, Österreich");
    assertThat(answer.city()).isEqualTo("Wien");
    assertThat(answer.country()).isEqualTo("Österreich");
    assertThat(answer.attribution()).startsWith("Data © OpenStreetMap contributors");
    assertThat(STUB.arrivals())
        .singleElement()
        .extracting(StubGeocoder.Arrival::requestLine)
        .isEqualTo(
            "GET /reverse?format=jsonv2&lat=48.2085&lon=16.3721&zoom=18&accept-language=de,en HTTP/1.1");
  }

  @Test
  void nothingIsToldButWhoAsks() {
    STUB.next(StubGeocoder.answer(), StubGeocoder.answer());
    ask("48.2085", "16.3721");
    ask("48.2086", "16.3721");
    assertThat(STUB.arrivals()).hasSize(2);
    assertThat(STUB.arrivals())
        .allSatisfy(
            arrival ->
                assertThat(arrival.headers())
                    .containsExactlyInAnyOrder(
                        "Host: " + STUB.url().substring("http://".length()),
                        "User-Agent: Caravel/test (+https://caravel.example/)",
                        "Accept: application/json",
                        "Connection: keep-alive"));
  }

  @Test
  void noHeaderOfTheGeocoderGoesOn() {
    assertThat(ask("48.2085", "16.3721").getMessage().getHeaders()).isEmpty();
  }

  @Test
  void requestsOfManyThreadsAndAnotherNodeAreNeverCloserThanThePeriod() throws Exception {
    GeocoderSlot other = new GeocoderSlot(database, settings, () -> {});
    List<Long> starts = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> work = new ArrayList<>();
      for (int thread = 0; thread < 3; thread++) {
        int latitude = 10 + thread;
        work.add(
            threads.submit(
                () -> {
                  for (int question = 0; question < 6; question++) {
                    ask(latitude + ".0000", question + ".0000");
                  }
                }));
      }
      work.add(
          threads.submit(
              () -> {
                for (int question = 0; question < 6; question++) {
                  other.await();
                  synchronized (starts) {
                    starts.add(System.nanoTime());
                  }
                  other.answered();
                }
              }));
      STUB.next(
          StubGeocoder.answer(),
          StubGeocoder.drop(),
          StubGeocoder.delayed(Duration.ofMillis(150), StubGeocoder.answer()),
          StubGeocoder.status(500, null),
          StubGeocoder.unable(),
          StubGeocoder.drop());
      for (Future<?> each : work) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    STUB.arrivals().forEach(arrival -> starts.add(arrival.nanos()));
    assertThat(starts).hasSize(24);
    starts.sort(null);
    for (int i = 1; i < starts.size(); i++) {
      assertThat(Duration.ofNanos(starts.get(i) - starts.get(i - 1)))
          .isGreaterThanOrEqualTo(PERIOD);
    }
  }

  @Test
  void unableToGeocodeIsAnAnswer() {
    STUB.next(StubGeocoder.unable());
    GeocoderAnswer answer =
        Objects.requireNonNull(ask("0.5000", "0.5000").getMessage().getBody(GeocoderAnswer.class));
    assertThat(answer.found()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 503})
  void retryAfterMovesTheSlotForAllNodes(int status) {
    STUB.next(StubGeocoder.status(status, "600"));
    Failure failure = Objects.requireNonNull(failure(ask("48.2085", "16.3721")));
    assertThat(failure.cause()).isEqualTo("geocoder-refused");
    assertThat(failure.lasting()).isFalse();
    assertThat(failure.pause()).isEqualTo(Duration.ofMinutes(10));
    Throwable refused = catchThrowable(new GeocoderSlot(database, settings, () -> {})::await);
    assertThat(refused).isInstanceOf(Failure.class).hasMessageContaining("pause");
    assertThat(failure(ask("48.2085", "16.3721"))).hasMessageContaining("pause");
    assertThat(STUB.arrivals()).hasSize(1);
  }

  @Test
  void aShortRetryAfterIsKept() {
    STUB.next(StubGeocoder.status(429, "1"), StubGeocoder.answer());
    assertThat(failure(ask("48.2085", "16.3721"))).isNotNull();
    assertThat(failure(ask("48.2085", "16.3721"))).isNull();
    List<StubGeocoder.Arrival> arrivals = STUB.arrivals();
    assertThat(Duration.ofNanos(arrivals.get(1).nanos() - arrivals.get(0).nanos()))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void tooManyRequestsWithoutATimePausesAsConfigured() {
    STUB.next(StubGeocoder.status(429, null));
    Failure failure = Objects.requireNonNull(failure(ask("48.2085", "16.3721")));
    assertThat(failure.pause()).isEqualTo(Duration.ofMinutes(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void whoIsShutOutAsksNoMoreForAWhile(int status) {
    STUB.next(StubGeocoder.status(status, null));
    Failure failure = Objects.requireNonNull(failure(ask("48.2085", "16.3721")));
    assertThat(failure.cause()).isEqualTo("geocoder-refused");
    assertThat(failure.lasting()).isFalse();
    assertThat(failure.pause()).isEqualTo(Duration.ofMinutes(10));
    assertThat(failure(ask("41.9", "12.5"))).hasMessageContaining("pause");
    assertThat(STUB.arrivals()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 410})
  void aRefusalOfTheRequestItselfPasses(int status) {
    STUB.next(StubGeocoder.status(status, null));
    Failure failure = Objects.requireNonNull(failure(ask("48.2085", "16.3721")));
    assertThat(failure.cause()).isEqualTo("geocoder-refused");
    assertThat(failure.lasting()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 500, 502, 503, 504, 204})
  void anErrorOfTheServerPasses(int status) {
    STUB.next(StubGeocoder.status(status, null));
    assertThat(unreachable())
        .hasMessageContaining("out of order (HTTP " + status + ")")
        .hasMessageNotContaining("network");
    assertThat(STUB.arrivals()).hasSize(1);
  }

  @Test
  void aDroppedConnectionPassesAndIsNotRetriedBelowTheRoute() {
    STUB.next(StubGeocoder.drop());
    unreachable();
    assertThat(STUB.arrivals()).hasSize(1);
  }

  @Test
  void aSilentServerIsGivenUp() {
    STUB.next(StubGeocoder.silence());
    unreachable();
  }

  @Test
  void redirectsAreNotFollowed() {
    STUB.next(StubGeocoder.redirect(STUB.url() + "/elsewhere"));
    unreachable();
    assertThat(STUB.arrivals()).hasSize(1);
  }

  @Test
  void anAnswerThatIsNoJsonPasses() {
    STUB.next(StubGeocoder.body("<html>maintenance</html>"));
    unreachable();
  }

  @Test
  void anAnswerOfExactlyTheLimitIsTaken() {
    String answer = "{\"display_name\":\"x\"}";
    STUB.next(StubGeocoder.body(answer + " ".repeat(65_536 - answer.length())));
    assertThat(failure(ask("48.2085", "16.3721"))).isNull();
  }

  @Test
  void anAnswerAboveTheLimitIsRefused() {
    String answer = "{\"display_name\":\"x\"}";
    STUB.next(StubGeocoder.body(answer + " ".repeat(65_537 - answer.length())));
    assertThat(unreachable()).hasMessageContaining("65536 bytes");
  }

  @Test
  void anEndlessAnswerIsNotReadOn() {
    STUB.next(StubGeocoder.flood());
    assertThat(unreachable()).hasMessageContaining("65536 bytes");
    Awaitility.await().until(() -> STUB.cutOff() == 1);
    // What the two sockets' buffers hold, at most.
    assertThat(STUB.sent()).isLessThan(32L << 20);
  }

  @Test
  void anAnswerThatAnnouncesItsLengthIsNotReadAtAll() {
    STUB.next(StubGeocoder.huge(1L << 40));
    assertThat(unreachable()).hasMessageContaining("65536 bytes");
    Awaitility.await().until(() -> STUB.cutOff() == 1);
  }

  /** All that is not the body: the client keeps each of it, and has nothing but the heap. */
  @ParameterizedTest
  @MethodSource
  void whatHasNoEndBesideTheAnswerIsNotReadOn(String beginning, String piece) {
    STUB.next(StubGeocoder.endless(beginning, piece));
    assertThat(unreachable()).hasMessageContaining("exceeded");
    Awaitility.await().until(() -> STUB.cutOff() == 1);
    assertThat(STUB.sent()).isLessThan(32L << 20);
    assertThat(failure(ask("48.2085", "16.3721"))).as("the next question").isNull();
  }

  static List<Arguments> whatHasNoEndBesideTheAnswerIsNotReadOn() {
    String ok = "HTTP/1.1 200 OK\r\n";
    String chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    return List.of(
        arguments(named("a status line", "HTTP/1.1 200 "), "x"),
        arguments(named("a header", ok + "X-Long: "), "x"),
        arguments(named("the lines of a header", ok + "X-Long: a\r\n"), " more\r\n"),
        arguments(named("headers", ok), "X-Many: a\r\n"),
        arguments(named("a header of a redirect", "HTTP/1.1 302 Found\r\nLocation: http://"), "x"),
        arguments(named("the extension of a chunk", chunked + "2;a="), "x"),
        arguments(named("the length of a chunk", chunked), "0"),
        arguments(named("a trailer", chunked + "2\r\n{}\r\n0\r\nX-Long: "), "x"),
        arguments(named("trailers", chunked + "2\r\n{}\r\n0\r\n"), "X-Many: a\r\n"));
  }

  /** None of them is kept, so time alone bounds them. */
  @Test
  void announcementsWithoutEndAreEndedByTheDeadline() {
    STUB.next(StubGeocoder.endless("", "HTTP/1.1 102 Wait\r\n\r\n"));
    assertThat(unreachable()).hasMessageContaining("too long");
    Awaitility.await().until(() -> STUB.cutOff() == 1);
  }

  @Test
  void aDrippingAnswerIsEndedByTheDeadline() {
    STUB.next(StubGeocoder.drip());
    assertThat(unreachable()).hasMessageContaining("too long");
    Awaitility.await().until(() -> STUB.cutOff() == 1);
  }

  @Test
  void aDrippingHeadIsEndedByTheDeadline() {
    STUB.next(StubGeocoder.dripHead());
    assertThat(unreachable()).hasMessageContaining("too long");
    Awaitility.await().until(() -> STUB.cutOff() == 1);
  }

  @Test
  void afterAFailureTheSlotIsFreeForTheNext() {
    STUB.next(StubGeocoder.drop());
    unreachable();
    assertThat(slot.left()).isZero();
    assertThat(holder()).isEmpty();
    assertThat(failure(ask("48.2085", "16.3721"))).isNull();
    assertThat(holder()).isEmpty();
  }

  @Test
  void photosOfOnePlaceAskOnce() {
    Exchange first = make(photo(48.20849, 16.37208));
    Exchange second = make(photo(48.20851, 16.37211));
    assertThat(STUB.arrivals()).hasSize(1);
    Geolocation geolocation = geolocation(first);
    assertThat(geolocation.skip()).isNull();
    assertThat(geolocation(second)).isEqualTo(geolocation);
  }

  /** What a job tells of itself. */
  public record Forced(long id, boolean force) {}

  private Exchange force(long photo, long job) {
    return camel.request(
        "direct:geolocation-make",
        exchange -> {
          exchange.setVariable("id", photo);
          exchange.setVariable("job", new Forced(job, true));
        });
  }

  @Test
  void byForceAPlaceIsAskedAgainOnceAndReplaced() {
    Geolocation before = geolocation(make(photo(48.20849, 16.37208)));
    database
        .sql("update places set created_at = timestampadd(hour, -1, created_at), name = 'Old'")
        .update();
    long photo = photo(48.20849, 16.37208);
    long job = job(photo);
    assertThat(geolocation(force(photo, job))).isEqualTo(before);
    assertThat(STUB.arrivals()).hasSize(2);
    assertThat(database.sql("select name from places").query(String.class).single())
        .isEqualTo("1, Stephansplatz, Wien, Österreich");
    assertThat(geolocation(force(photo, job))).isEqualTo(before);
    assertThat(STUB.arrivals()).as("asked since the job was queued").hasSize(2);
  }

  private long job(long photo) {
    database
        .sql(
            "insert into jobs (image_id, queue, job_key, data, created_at) values (:photo, 'geolocation', :key, '{}', timestampadd(minute, -1, current_timestamp(3)))")
        .param("photo", photo)
        .param("key", "%032x".formatted(photo))
        .update();
    return database
        .sql("select id from jobs where image_id = :photo")
        .param("photo", photo)
        .query(Long.class)
        .single();
  }

  @Test
  void thePlaceOfAPhotoIsKeptOnceHoweverOftenItIsKept() {
    long photo = photo(48.20849, 16.37208);
    Geolocation geolocation = geolocation(make(photo));
    photoPlace.keep(photo, geolocation);
    photoPlace.keep(photo, geolocation);
    assertThat(
            database
                .sql(
                    "select p.name, p.city, p.country, p.latitude from images i"
                        + " join places p on p.id = i.place_id where i.id = :id")
                .param("id", photo)
                .query()
                .singleRow())
        .containsEntry("name", "1, Stephansplatz, Wien, Österreich")
        .containsEntry("city", "Wien")
        .containsEntry("country", "Österreich");
  }

  @Test
  void aPlaceWithoutAddressSkipsTheJobAndIsNotAskedAgain() {
    STUB.next(StubGeocoder.unable());
    Geolocation geolocation = geolocation(make(photo(0.5, 0.5)));
    assertThat(geolocation.skip()).isEqualTo("no-address");
    assertThat(geolocation(make(photo(0.5, 0.5))).skip()).isEqualTo("no-address");
    assertThat(STUB.arrivals()).hasSize(1);
    assertThat(database.sql("select found from places").query(Boolean.class).single()).isFalse();
  }

  @Test
  void aPhotoWithoutAValidPositionIsSkipped() {
    long photo = photo(91, 200);
    database.sql("update images set position = 'invalid'").update();
    assertThat(geolocation(make(photo)).skip()).isEqualTo("no-position");
    assertThat(STUB.arrivals()).isEmpty();
  }

  @Test
  void aFailureOfTheGeocoderReachesTheJob() {
    STUB.next(StubGeocoder.status(500, null));
    Failure failure = Objects.requireNonNull(failure(make(photo(1, 1))));
    assertThat(failure.cause()).isEqualTo("geocoder-unreachable");
    assertThat(database.sql("select count(*) from places").query(Long.class).single()).isZero();
  }

  private Failure unreachable() {
    Failure failure = Objects.requireNonNull(failure(ask("48.2085", "16.3721")));
    assertThat(failure.cause()).isEqualTo("geocoder-unreachable");
    assertThat(failure.lasting()).isFalse();
    return failure;
  }

  private Exchange ask(String latitude, String longitude) {
    return camel.request(
        "direct:nominatim",
        exchange -> {
          exchange.setVariable("latitude", latitude);
          exchange.setVariable("longitude", longitude);
          exchange.getMessage().setBody("a secret body");
          exchange.getMessage().setHeader("Cookie", "session=secret");
          exchange.getMessage().setHeader("Authorization", "Basic secret");
          exchange.getMessage().setHeader("X-Photo", "IMG_0001.JPG");
          exchange.getMessage().setHeader("Host", "evil.example");
          exchange.getMessage().setHeader(Exchange.HTTP_URI, "http://127.0.0.1:1/evil");
          exchange.getMessage().setHeader(Exchange.HTTP_PATH, "/evil");
          exchange.getMessage().setHeader(Exchange.HTTP_METHOD, "POST");
        });
  }

  private Exchange make(long photo) {
    return camel.request("direct:geolocation-make", exchange -> exchange.setVariable("id", photo));
  }

  private static Geolocation geolocation(Exchange exchange) {
    assertThat(exchange.getException()).isNull();
    return Objects.requireNonNull(exchange.getMessage().getBody(Geolocation.class));
  }

  private static @Nullable Failure failure(Exchange exchange) {
    return exchange.getException() == null ? null : exchange.getException(Failure.class);
  }

  private List<String> holder() {
    return database
        .sql("select holder from geocoder_slot where holder is not null")
        .query(String.class)
        .list();
  }

  private long photo(double latitude, double longitude) {
    String sha256 = "%064x".formatted(System.nanoTime());
    database
        .sql(
            "insert into images (sha256, filename, mime_type, bytes, source_disk, source_path,"
                + " source_filename, latitude, longitude, position) values"
                + " (:sha256, 'a.jpg', 'image/jpeg', 1, 'private', 'x', 'y', :latitude, :longitude,"
                + " 'valid')")
        .param("sha256", sha256)
        .param("latitude", latitude)
        .param("longitude", longitude)
        .update();
    return database
        .sql("select id from images where sha256 = :sha256")
        .param("sha256", sha256)
        .query(Long.class)
        .single();
  }
}
