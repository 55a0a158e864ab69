package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.Caravel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What a former life of the program left is gone on with: {@code recover}, {@code inbox-resume}.
 */
class RestartTest {
  private final Path home = FlowTest.home("restart");

  private ConfigurableApplicationContext start() {
    return new SpringApplicationBuilder(Caravel.class)
        .properties("spring.jmx.unique-names=true")
        .run(
            "--caravel.home=" + home,
            "--caravel.node=one",
            "--caravel.port=0",
            "--caravel.nominatim.url=" + FlowTest.GEOCODER.url(),
            "--caravel.queue.interrupted-seconds=0",
            "--caravel.inbox-settings.poll-ms=100",
            "--caravel.inbox-settings.settle-ms=300");
  }

  private static Api api(ConfigurableApplicationContext caravel) {
    return new Api(
        caravel.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
  }

  private static void eventually(String what, Callable<Boolean> holds) {
    Awaitility.await(what).atMost(Duration.ofSeconds(60)).until(holds);
  }

  private static String state(Api api, long photo, String queue) {
    return api.photo(photo).path("jobs").path(queue).path("state").asText();
  }

  @Test
  void whatWasPausedClaimedInterruptedOrUnknownIsGoneOnWith() throws Exception {
    byte[] claimed = Picture.tiny().bytes();
    byte[] orphan = Picture.tiny().bytes();
    byte[] decayed = Picture.tiny().bytes();
    long waiting;
    long interrupted;
    try (ConfigurableApplicationContext first = start()) {
      Api api = api(first);
      interrupted = api.accepted("interrupted.jpg", Picture.tiny().bytes());
      eventually("metadata", () -> state(api, interrupted, "metadata").equals("done"));
      eventually("thumbnails", () -> state(api, interrupted, "thumbnails").equals("done"));
      api.post("/api/queues/metadata/pause");
      waiting = api.accepted("waiting.jpg", Picture.tiny().bytes());
      eventually("thumbnails", () -> state(api, waiting, "thumbnails").equals("done"));
      JdbcClient database = first.getBean(JdbcClient.class);
      database
          .sql(
              """
              update jobs set state = 'running', run = 2, owner = 'one/former', ended_at = null
              where image_id = :id and queue = 'thumbnails'
              """)
          .param("id", interrupted)
          .update();
    }
    Path taking = Files.createDirectories(home.resolve("inbox/.taking/one/trip"));
    Files.write(taking.resolve("claimed.jpg"), claimed);
    Path original = original(orphan);
    Files.createDirectories(original.getParent());
    Files.write(original, orphan);
    Path wrong = original(decayed);
    Files.createDirectories(wrong.getParent());
    Files.write(wrong, Picture.tiny().bytes());
    Path leftover = home.resolve("originals/.incoming/one/half.part");
    Files.write(leftover, new byte[] {1});

    try (ConfigurableApplicationContext second = start()) {
      Api api = api(second);
      assertThat(leftover).doesNotExist();
      eventually("claimed", () -> Files.exists(home.resolve("inbox/.done/trip/claimed.jpg")));
      eventually("its empty folder is gone", () -> Files.notExists(taking));

      eventually("adopted", () -> find(api, sha256(orphan)) != null);
      long adopted = Objects.requireNonNull(find(api, sha256(orphan))).path("id").asLong();
      eventually("thumbnails", () -> state(api, adopted, "thumbnails").equals("done"));
      assertThat(find(api, sha256(decayed))).isNull();

      eventually("thumbnails", () -> state(api, interrupted, "thumbnails").equals("done"));
      assertThat(api.get("/api/photos/" + interrupted + "/journey").text())
          .contains("\"interrupted\"");

      assertThat(api.get("/api/queues").json().at("/metadata/paused").asBoolean()).isTrue();
      assertThat(state(api, waiting, "metadata")).isEqualTo("queued");
      api.post("/api/queues/metadata/resume");
      eventually("metadata", () -> state(api, waiting, "metadata").equals("done"));
    }
  }

  private static @Nullable JsonNode find(Api api, String sha256) {
    for (JsonNode photo : api.get("/api/photos?size=500").json().path("items")) {
      if (photo.path("sha256").asText().equals(sha256)) {
        return photo;
      }
    }
    return null;
  }

  private Path original(byte[] bytes) throws Exception {
    String sha256 = sha256(bytes);
    return home.resolve("originals/" + sha256.substring(0, 2) + "/" + sha256 + ".jpg");
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
