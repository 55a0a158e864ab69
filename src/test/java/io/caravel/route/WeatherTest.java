package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.place.StubGeocoder;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Weather: what keeps all jobs of a queue from being done and lies in none of their photos. The
 * queue rests with its reason, and no photo loses a try. {@link WeatherOnMariaDbTest} runs the same
 * on a server.
 */
class WeatherTest extends FlowTest {
  @BeforeEach
  void quickly() {
    set("caravel.queue.rest-seconds", 1);
    set("caravel.queue.rest-longest-seconds", 1);
    set("caravel.queue.geolocation.backoff-seconds", 0);
    set("caravel.queue.geolocation.tries", 2);
  }

  private List<Long> photos(int count, double latitude) {
    return IntStream.range(0, count)
        .mapToObj(
            each -> api.accepted("a.jpg", Picture.tiny().at(latitude, 10 + each / 10.0).bytes()))
        .toList();
  }

  private String waiting(String queue) {
    return api.get("/api/queues").json().path(queue).path("waiting").asText("");
  }

  private long tries(long photo) {
    return count(
        "select coalesce(sum(attempts - interrupted - excused), 0) from jobs"
            + " where queue = 'geolocation' and image_id = "
            + photo);
  }

  private static String asked(StubGeocoder geocoder) {
    List<StubGeocoder.Arrival> arrivals = geocoder.arrivals();
    return arrivals.get(arrivals.size() - 1).requestLine();
  }

  /**
   * Was: 43 minutes without a geocoder (503), or one photo after the other while the address was
   * wrong (404), parked each photo that waited for its place.
   */
  @ParameterizedTest
  @ValueSource(ints = {503, 404})
  void aGeocoderThatIsAwayUsesUpNoTryOfAnyPhoto(int status) {
    GEOCODER.usually(StubGeocoder.status(status, null));
    List<Long> photos = photos(4, status / 10.0);
    eventually("asked more often than there are tries", () -> GEOCODER.arrivals().size() >= 10);
    assertThat(waiting("geolocation")).contains("HTTP " + status).contains("asked again");
    assertThat(waiting("thumbnails")).isEmpty();
    for (long photo : photos) {
      assertThat(job(photo, "geolocation").path("state").asText()).isNotEqualTo("failed");
      assertThat(tries(photo)).isLessThanOrEqualTo(1); // one may be running
    }
    GEOCODER.usually(StubGeocoder.answer());
    for (long photo : photos) {
      assertThat(ended(photo, "geolocation").path("state").asText()).isEqualTo("done");
      assertThat(tries(photo)).isEqualTo(1);
    }
    eventually("over", () -> waiting("geolocation").isEmpty());
  }

  /** A rest is one question, of another photo than the last. */
  @Test
  void afterARestAnotherPhotoIsAskedFirst() {
    GEOCODER.usually(StubGeocoder.status(500, null));
    photos(3, 52);
    eventually("three rests", () -> GEOCODER.arrivals().size() >= 3);
    assertThat(
            GEOCODER.arrivals().stream().limit(3).map(StubGeocoder.Arrival::requestLine).distinct())
        .hasSize(3);
    GEOCODER.usually(StubGeocoder.answer());
    eventually("over", () -> waiting("geolocation").isEmpty());
  }

  /** One position that always gets an error must neither hold the queue nor be asked for ever. */
  @ParameterizedTest
  @CsvSource({"500, geocoder-unreachable", "400, geocoder-refused"})
  void whatOnlyOnePhotoMeetsCountsAsItsTryAndTheOthersGoOn(int status, String cause) {
    StubGeocoder.Reply picky =
        (out, stub) -> {
          boolean evil = asked(stub).contains("lat=%d.0000&lon=10.0000".formatted(status / 10));
          (evil ? StubGeocoder.status(status, null) : StubGeocoder.answer()).send(out, stub);
        };
    GEOCODER.usually(picky);
    long evil = photos(1, status / 10.0).get(0);
    eventually("it is met", () -> waiting("geolocation").contains("HTTP " + status));
    List<Long> innocent = photos(4, status / 10.0 + 1);
    for (long photo : innocent) {
      assertThat(ended(photo, "geolocation").path("state").asText()).isEqualTo("done");
      assertThat(tries(photo)).isEqualTo(1);
    }
    JsonNode parked = ended(evil, "geolocation");
    assertThat(parked.path("state").asText()).isEqualTo("failed");
    assertThat(parked.path("cause").asText()).isEqualTo(cause);
    eventually("nobody waits", () -> waiting("geolocation").isEmpty());
  }
}
