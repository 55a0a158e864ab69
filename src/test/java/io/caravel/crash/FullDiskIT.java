package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.route.Picture;
import io.caravel.server.CaravelProcess;
import io.caravel.server.SmallDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CARAVEL_HOME on a real small disk that another program fills, to the last byte. */
class FullDiskIT {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory = Path.of("");

  private static void eventually(String what, Callable<Boolean> holds) {
    await(what)
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .until(holds);
  }

  private static HttpResponse<String> send(CaravelProcess caravel, String method, String path)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(caravel.baseUri() + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode get(CaravelProcess caravel, String path) throws Exception {
    return JSON.readTree(send(caravel, "GET", path).body());
  }

  private static HttpResponse<String> upload(CaravelProcess caravel) throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(Picture.tiny().bytes());
    body.writeBytes("\r\n--x--\r\n".getBytes(StandardCharsets.US_ASCII));
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(caravel.baseUri() + "api/photos"))
            .header("Content-Type", "multipart/form-data; boundary=x")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static boolean allDone(CaravelProcess caravel, int photos) throws Exception {
    JsonNode queues = get(caravel, "api/queues");
    return queues.at("/thumbnails/done").asInt() == photos
        && queues.at("/metadata/done").asInt() == photos
        && queues.at("/geolocation/skipped").asInt() == photos;
  }

  /** Workers rest and doors say 507 before the database is hurt; with room all goes on. */
  @Test
  void withKeepFreeNothingIsHurt() throws Exception {
    try (SmallDisk disk = SmallDisk.mounted(directory.resolve("disk"), "size=96m");
        CaravelProcess caravel =
            new CaravelProcess(
                Map.of("CARAVEL_HOME", disk.path().toString(), "CARAVEL_KEEP_FREE_MB", "16"))) {
      caravel.start();
      assertThat(upload(caravel).statusCode()).isEqualTo(202);
      eventually("done", () -> allDone(caravel, 1));
      assertThat(send(caravel, "POST", "api/queues/metadata/pause").statusCode()).isEqualTo(200);
      assertThat(upload(caravel).statusCode()).isEqualTo(202);
      assertThat(send(caravel, "POST", "api/queues/metadata/resume").statusCode()).isEqualTo(200);
      Path filling = disk.fill();
      eventually(
          "full",
          () -> {
            HttpResponse<String> answer = upload(caravel);
            return answer.statusCode() == 507 && answer.body().matches("(?s).* [01] MB left.*");
          });
      assertThat(disk.free()).as("the reserve, at most").isLessThanOrEqualTo(2 << 20);
      eventually( // it looks once a second
          "what writes is refused",
          () -> {
            HttpResponse<String> refused = send(caravel, "POST", "api/queues/metadata/pause");
            return refused.statusCode() == 507 && refused.body().contains("make room");
          });
      eventually( // it counts now and then
          "told",
          () ->
              get(caravel, "api/queues").at("/thumbnails/waiting").asText().contains("make room"));
      assertThat(send(caravel, "GET", "api/photos").statusCode()).isEqualTo(200);
      assertThat(get(caravel, "actuator/health").at("/components/storage/status").asText())
          .isEqualTo("DOWN");
      assertThat(caravel.ready()).as("what is there is still shown").isTrue();
      Files.delete(filling);
      eventually(
          "resumed", () -> send(caravel, "POST", "api/queues/metadata/resume").statusCode() == 200);
      eventually("taken again", () -> upload(caravel).statusCode() == 202);
      eventually("done", () -> allDone(caravel, 3));
      assertThat(get(caravel, "api/queues").at("/thumbnails/failed").asInt()).isZero();
    }
  }

  /** Was: closed for good, 5 MB of log in 35 s, health UP. */
  @Test
  void aDatabaseThatCouldNotWriteIsOpenedAgainOnceThereIsRoom() throws Exception {
    try (SmallDisk disk = SmallDisk.mounted(directory.resolve("disk"), "size=96m");
        CaravelProcess caravel =
            new CaravelProcess(
                Map.of("CARAVEL_HOME", disk.path().toString(), "CARAVEL_KEEP_FREE_MB", "0"))) {
      caravel.start();
      assertThat(upload(caravel).statusCode()).isEqualTo(202);
      eventually("done", () -> allDone(caravel, 1));
      int quiet = caravel.log().length();
      Path filling = disk.fill();
      eventually(
          "it closed itself, and readiness says so",
          () -> {
            send(caravel, "POST", "api/queues/metadata/pause");
            send(caravel, "POST", "api/queues/metadata/resume");
            return !caravel.ready();
          });
      for (String door : new String[] {"api/photos", "api/queues", "api/faces", "api/photos/1"}) {
        HttpResponse<String> answer = send(caravel, "GET", door);
        assertThat(answer.statusCode()).as(door + answer.body()).isEqualTo(503);
        assertThat(JSON.readTree(answer.body()).path("detail").asText()).contains("room");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      }
      assertThat(get(caravel, "actuator/health").at("/components/db/status").asText())
          .isEqualTo("DOWN");
      assertThat(send(caravel, "GET", "actuator/health/liveness").statusCode()).isEqualTo(200);
      Files.delete(filling);
      eventually("ready again", caravel::ready);
      assertThat(send(caravel, "POST", "api/queues/metadata/resume").statusCode()).isEqualTo(200);
      assertThat(upload(caravel).statusCode()).isEqualTo(202);
      eventually("done", () -> allDone(caravel, 2));
      assertThat(caravel.log().length() - quiet).as(caravel.tail()).isLessThan(100_000);
    }
  }
}
