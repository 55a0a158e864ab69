package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.door.Contract;
import io.caravel.route.Api.Answer;
import io.caravel.route.Api.Part;
import io.caravel.server.MariaDbNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** A database server that is gone is told to everybody at once, and nobody waits for it long. */
@ExtendWith(OutputCaptureExtension.class)
@DirtiesContext
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/away",
      "caravel.db.url=${test.away}",
      "caravel.db.user=${test.away-user}",
      "caravel.db.password=${test.away-password}",
      "caravel.upkeep.count-seconds=1"
    })
class DatabaseAwayTest extends FlowTest {
  private static final MariaDbNode NODE = new MariaDbNode();

  static {
    NODE.start();
    System.setProperty("test.away", NODE.createDatabase());
    System.setProperty("test.away-user", NODE.user());
    System.setProperty("test.away-password", NODE.password());
  }

  @AfterAll
  static void end() {
    NODE.close();
  }

  /** A test that failed leaves the server to the next. */
  @BeforeEach
  void itIsThere() {
    NODE.restart();
    eventually("it answers", () -> api.get("/api/photos").status() == 200);
  }

  private record Door(String method, String path) {}

  /** All doors of the contract that are said to ask the database. */
  private static List<Door> doors() throws Exception {
    List<Door> doors = new ArrayList<>();
    JsonNode paths = new ObjectMapper().readTree(new Contract().json()).path("paths");
    for (var path : paths.properties()) {
      for (var verb : path.getValue().properties()) {
        if (path.getKey().startsWith("/api/") && verb.getValue().has("operationId")) {
          doors.add(
              new Door(
                  verb.getKey().toUpperCase(Locale.ROOT),
                  path.getKey()
                      .replace("{id}", "1")
                      .replace("{queue}", "metadata")
                      .replace("{thumbnail}", "cover-300x300")));
        }
      }
    }
    assertThat(doors).hasSizeGreaterThan(30);
    return doors;
  }

  private Answer knock(Door door) {
    byte[] json = "{\"faces\":[1],\"action\":\"unknown\"}".getBytes(StandardCharsets.UTF_8);
    return switch (door.path()) {
      case "/api/photos" ->
          door.method().equals("POST")
              ? api.upload(Part.file("a.jpg", Picture.tiny().bytes()))
              : api.get(door.path());
      case "/api/decisions" ->
          door.method().equals("POST")
              ? api.send("POST", door.path(), json, "Content-Type", "application/json")
              : api.get(door.path());
      case "/api/photos/1/faces" ->
          door.method().equals("POST")
              ? api.post(door.path(), "{\"left\":0,\"top\":0,\"width\":10,\"height\":10}")
              : api.get(door.path());
      case "/api/photos/actions" -> api.post(door.path(), "{\"photos\":[1],\"action\":\"trash\"}");
      case "/api/people/1/merge" -> api.post(door.path(), "{\"into\":2}");
      case "/api/faces/1" ->
          door.method().equals("PATCH")
              ? api.send(
                  "PATCH",
                  door.path(),
                  "{\"status\":\"ok\"}".getBytes(StandardCharsets.UTF_8),
                  "Content-Type",
                  "application/json")
              : api.get(door.path());
      default -> api.send(door.method(), door.path(), null);
    };
  }

  private String metric(String name) {
    Answer answer = api.get("/actuator/prometheus");
    assertThat(answer.status()).isEqualTo(200);
    return answer.text().lines().filter(line -> line.startsWith(name)).findFirst().orElse("");
  }

  @Test
  void eachDoorSaysSoAndAllGoesOnByItself(CapturedOutput output) throws Exception {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    settled(photo);
    String done = "caravel_queue_jobs{queue=\"metadata\",state=\"done\"}";
    eventually("the metrics know it", () -> metric(done).endsWith(" 1.0"));
    int before = output.getAll().length();
    NODE.kill9();
    // The first of them come before anybody has found out.
    for (Door door : doors()) {
      Answer answer = knock(door);
      assertThat(answer.status())
          .as("%s %s: %s", door.method(), door.path(), answer.text())
          .isEqualTo(503);
      assertThat(answer.header("Retry-After")).as(door.path()).matches("\\d+");
      assertThat(answer.header("Content-Type")).as(door.path()).contains("json");
      assertThat(answer.text()).as(door.path()).doesNotContain("report it");
    }
    assertThat(metric(done)).as("what was known last").endsWith(" 1.0");
    assertThat(api.get("/actuator/health/liveness").status()).isEqualTo(200);
    assertThat(api.get("/actuator/health/readiness").status()).isEqualTo(503);
    assertThat(api.get("/actuator/health").json().at("/components/db/details/reason").asText())
        .contains("does not answer")
        .endsWith(".");
    assertThat(api.get("/").status()).isEqualTo(200);
    for (Door door : doors()) {
      assertThat(knock(door).status()).as(door.path()).isEqualTo(503);
    }
    assertThat(output.getAll().substring(before).lines().toList()).hasSizeLessThan(50);
    NODE.start();
    eventually("it answers again", () -> api.get("/api/photos/" + photo).status() == 200);
    settled(api.accepted("b.jpg", Picture.tiny().bytes()));
    eventually("the metrics go on", () -> metric(done).endsWith(" 2.0"));
  }

  /** A server that stands still takes connections, and says nothing. */
  @Test
  void aServerThatStandsStillIsFoundOut() throws Exception {
    api.accepted("c.jpg", Picture.tiny().bytes());
    NODE.pause();
    try {
      // Not by a door of the API: one that asks in this moment waits with the server.
      eventually("it is found out", () -> api.get("/actuator/health/readiness").status() == 503);
      assertThat(api.get("/api/photos").header("Retry-After")).isNotEmpty();
      assertThat(metric("caravel_queue_jobs")).isNotEmpty();
    } finally {
      NODE.goOn();
    }
    eventually("it answers again", () -> api.get("/api/photos").status() == 200);
  }
}
