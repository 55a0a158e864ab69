package io.caravel.route;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.Caravel;
import io.caravel.job.Steps;
import io.caravel.place.StubGeocoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;

/**
 * The whole of Caravel on its shipped routes: embedded database and in-process queues below a
 * temporary CARAVEL_HOME, a geocoder on loopback. All classes with the same settings share one.
 */
@Import(TableFinder.class)
@AutoConfigureObservability(tracing = false)
@SpringBootTest(
    classes = Caravel.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "caravel.home=${test.home}/shared",
      "caravel.nominatim.url=${test.geocoder}",
      "caravel.nominatim.period-ms=5",
      "caravel.max-upload-mb=8",
      "caravel.inbox-settings.poll-ms=100",
      "caravel.inbox-settings.settle-ms=300",
      "caravel.inbox-settings.look-again-ms=300",
      "caravel.inbox-settings.unfinished-ms=5000",
      "caravel.inbox-settings.rest-ms=500",
      // Of each step of a route: 25 MB a program, of which a dozen are kept.
      "camel.main.jmx-management-m-beans-level=RoutesOnly",
      "caravel.workers.thumbnails=2",
      "caravel.workers.metadata=2",
      "caravel.scrub-days=0",
      "caravel.scrub-turn-seconds=1"
    })
public abstract class FlowTest {
  protected static final StubGeocoder GEOCODER = new StubGeocoder();
  private static final Path HOMES = homes();

  static {
    System.setProperty("test.home", HOMES.toString());
    System.setProperty("test.geocoder", GEOCODER.url());
  }

  @LocalServerPort protected int port;
  @Autowired protected JdbcClient database;
  @Autowired protected ConfigurableEnvironment environment;
  @Autowired private Steps steps;
  private final Map<String, Object> settings = new HashMap<>();
  protected Api api = new Api(0);

  private static Path homes() {
    try {
      Path homes = Files.createTempDirectory("caravel-flow-").toRealPath();
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> FileSystemUtils.deleteRecursively(homes.toFile()), "tidy-homes"));
      return homes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As if Caravel had lived through the last so many days, to the minute. */
  protected final void lived(int days) {
    database
        .sql(
            """
            insert into lived_time (minutes, shown_at)
            select coalesce(max(minutes), 0) - :minutes, timestampadd(day, :days, current_timestamp(3)) from lived_time
            """)
        .param("minutes", days * 24 * 60)
        .param("days", -days)
        .update();
  }

  /** A directory of this test run, for a CARAVEL_HOME of its own. */
  protected static Path home(String name) {
    return HOMES.resolve(name);
  }

  @BeforeEach
  void meet() {
    api = new Api(port);
    GEOCODER.forget();
    environment.getPropertySources().addFirst(new MapPropertySource("test-settings", settings));
  }

  @AfterEach
  void part() {
    environment.getPropertySources().remove("test-settings");
    steps.readAgain();
  }

  /** Changes a setting of a step, for this test. */
  protected void set(String property, Object value) {
    settings.put(property, value);
    steps.readAgain();
  }

  protected Path inbox() {
    return Path.of(environment.getRequiredProperty("caravel.inbox"));
  }

  protected Path originals() {
    return Path.of(environment.getRequiredProperty("caravel.home"), "originals");
  }

  protected static void eventually(String what, Callable<Boolean> holds) {
    await(what).atMost(Duration.ofMinutes(5)).pollInterval(Duration.ofMillis(50)).until(holds);
  }

  /** Waits until the photo's job of a queue has ended, and answers it. */
  protected JsonNode ended(long photo, String queue) {
    eventually(
        queue + " of photo " + photo + " ended",
        () ->
            switch (job(photo, queue).path("state").asText()) {
              case "done", "skipped", "failed" -> true;
              default -> false;
            });
    return job(photo, queue);
  }

  /** Waits until all that is to be done for a photo has ended, and answers the photo. */
  protected JsonNode settled(long photo) {
    ended(photo, "thumbnails");
    ended(photo, "faces");
    if (ended(photo, "metadata").path("state").asText().equals("done")) {
      ended(photo, "geolocation");
    }
    return api.photo(photo);
  }

  protected JsonNode job(long photo, String queue) {
    return api.photo(photo).path("jobs").path(queue);
  }

  protected long count(String sql) {
    return database.sql(sql).query(Long.class).single();
  }
}
