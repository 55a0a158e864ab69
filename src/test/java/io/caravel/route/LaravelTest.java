package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.change.Signed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code examples/laravel}: the site's job classes, run by PHP where it is there. */
@Timeout(300)
class LaravelTest extends FlowTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path PHP = Path.of("/usr/bin/php");
  private static final AtomicLong NUMBERS = new AtomicLong(7_000_000_000L);

  private final long number = NUMBERS.getAndIncrement();
  private String data = "";

  @BeforeEach
  void photo() throws IOException {
    Assumptions.assumeTrue(
        Files.isExecutable(PHP), "PHP is not installed: apt-get install php-cli");
    Path images = Files.createDirectories(originals().resolve("laravel"));
    Files.write(images.resolve(number + ".jpg"), Picture.tiny().bytes());
    data =
        "{\"image_id\":%d,\"source_disk\":\"private\",\"source_path\":\"laravel\",\"source_filename\":\"%d.jpg\"}"
            .formatted(number, number);
  }

  private JsonNode php(String... arguments) throws Exception {
    return run("http://localhost:" + port, arguments);
  }

  private static JsonNode run(String url, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(PHP.toString(), "examples/laravel/tests/run.php"));
    command.addAll(List.of(arguments));
    ProcessBuilder php = new ProcessBuilder(command).redirectErrorStream(true);
    php.environment().put("CARAVEL_URL", url);
    php.environment().put("CARAVEL_TRIES", "1");
    php.environment().put("CARAVEL_PAUSE_MS", "10");
    Process process = php.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    return JSON.readTree(said);
  }

  @ParameterizedTest
  @CsvSource({
    "ThumbnailProcessJob, Thumbnail",
    "MetadataProcessJob, Metadata",
    "GeolocationProcessJob, Geolocation",
    "FaceProcessJob, Face",
    "ImageProcessJob, Image"
  })
  void aJobIsQueuedAndAnsweredAsTheOldTraitDid(String job, String name) throws Exception {
    JsonNode answer = php("enqueue", job, data);

    assertThat(answer.path("status").asText()).as(answer.toString()).isEqualTo("success");
    assertThat(answer.path("message").asText()).isEqualTo(name + " added to processing queue");
    assertThat(answer.path("data")).isEqualTo(JSON.readTree(data));
    settled(number);
    JsonNode photo = php("photo", String.valueOf(number));
    assertThat(photo.path("id").asLong()).isEqualTo(number);
    assertThat(photo.at("/jobs/thumbnails/state").asText()).isEqualTo("done");
  }

  @Test
  void oneThumbnailIsLaidWhereTheSiteLooksForIt() throws Exception {
    String target = "laravel/thumbs/{stem}.{format}";
    JsonNode answer =
        php(
            "enqueue",
            "ThumbnailProcessJob",
            data.substring(0, data.length() - 1)
                + ",\"method\":\"cover\",\"width\":40,\"height\":30,\"target\":\""
                + target
                + "\"}");
    assertThat(answer.path("status").asText()).as(answer.toString()).isEqualTo("success");
    Path laid = originals().resolve("laravel/thumbs/" + number + ".jpg");
    eventually("it is laid", () -> Files.exists(laid));
  }

  @Test
  void aRefusalIsAnExceptionWithItsSentence() throws Exception {
    JsonNode refused =
        php("enqueue", "MetadataProcessJob", data.replace(number + ".jpg", "no.jpg"));
    assertThat(refused.path("code").asInt()).isEqualTo(404);
    assertThat(refused.path("passes").asBoolean()).isFalse();
    assertThat(refused.path("refused").asText()).contains("There is no file");
  }

  @Test
  void aCaravelThatIsAwayIsOneThatPasses() throws Exception {
    JsonNode refused = run("http://127.0.0.1:1", "enqueue", "MetadataProcessJob", data);
    assertThat(refused.path("code").asInt()).isZero();
    assertThat(refused.path("passes").asBoolean()).isTrue();
  }

  @Test
  void whatStillLiesInTheOldQueueIsHandedOver() throws Exception {
    assertThat(php("handle", "FaceProcessJob", data)).isEmpty();
    settled(number);
    JsonNode reported = php("handle", "FaceProcessJob", data.replace(number + ".jpg", "no.jpg"));
    assertThat(reported.path(0).asText()).contains("There is no file");
  }

  @Test
  void aSignatureOfCaravelIsVerifiedAndAnyOtherIsNot() throws Exception {
    String body = "{\"seq\":1,\"kind\":\"accepted\",\"who\":\"Ünä\"}";
    String secret = "a secret that both know";
    long now = 1_800_000_000L;
    String header = Signed.at(now, secret, body);

    assertThat(verified(header, body, secret, now).asBoolean()).isTrue();
    assertThat(verified(header, body, secret, now + 299).asBoolean()).isTrue();
    assertThat(verified(header, body, secret, now + 301).asBoolean()).isFalse();
    assertThat(verified(header, body + " ", secret, now).asBoolean()).isFalse();
    assertThat(verified(header, body, "another one", now).asBoolean()).isFalse();
    assertThat(verified(header.replace("t=18", "t=19"), body, secret, now).asBoolean()).isFalse();
    assertThat(verified("", body, secret, now).asBoolean()).isFalse();
  }

  private static JsonNode verified(String header, String body, String secret, long now)
      throws Exception {
    return run("", "verify", header, body, secret, String.valueOf(now));
  }
}
