package io.caravel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operator's commands, against a server that notes what it is asked. */
class OperatorTest {
  private static final String QUEUE =
      "{\"queued\":3,\"running\":1,\"done\":40,\"skipped\":0,\"failed\":2,\"per_minute\":1.5,\"eta_seconds\":3725,"
          + "\"oldest_seconds\":9,\"paused\":%s,\"waiting\":%s,\"workers\":2}";

  private final Map<String, String> settings = new HashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private HttpServer server;
  private int status = 200;
  private String answer = QUEUE.formatted("false", "null");

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          asked.add(
              "%s %s %s %s"
                  .formatted(
                      exchange.getRequestMethod(),
                      exchange.getRequestURI(),
                      body,
                      exchange.getRequestHeaders().getFirst("Authorization")));
          String path = exchange.getRequestURI().getPath();
          String text =
              switch (path) {
                case "/api/queues" -> "{\"faces\":" + answer + "}";
                case "/api/nodes" ->
                    "{\"items\":[{\"node\":\"one\",\"since\":\"2026-01-01T00:00:00Z\",\"heard\":\"2026-01-02T00:00:00Z\","
                        + "\"roles\":[],\"version\":\"1.0\",\"clock_ms\":9000,\"gone\":false}]}";
                default -> answer;
              };
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    settings.put("CARAVEL_PORT", String.valueOf(server.getAddress().getPort()));
  }

  @AfterEach
  void end() {
    server.stop(0);
  }

  private int run(String... arguments) {
    return Operator.run(
        List.of(arguments), settings, new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void statusShowsEachQueueAndNode() {
    answer = QUEUE.formatted("false", "\"The models are missing.\"");
    assertThat(run("status")).isZero();
    assertThat(said())
        .containsPattern("faces +3 +1 +40 +0 +2 +2 +1[.,]5 +1:02:05")
        .contains("The models are missing.")
        .contains("node one (1.0): since 2026-01-01T00:00:00Z, its clock is 9 s off");
  }

  @Test
  void aQueueIsPausedAndGoesOnAndHasOtherWorkers() {
    answer = QUEUE.formatted("true", "null");
    assertThat(run("pause", "faces")).isZero();
    assertThat(said()).contains("faces is paused");
    answer = QUEUE.formatted("false", "null");
    assertThat(run("resume", "faces")).isZero();
    assertThat(run("workers", "faces", "2")).isZero();
    assertThat(said()).contains("faces goes on, with 2 workers a node");
    assertThat(asked)
        .containsExactly(
            "POST /api/queues/faces/pause  null",
            "POST /api/queues/faces/resume  null",
            "POST /api/queues/faces/workers {\"workers\":2} null");
  }

  @Test
  void theTokenGoesBeforeUserAndPassword() {
    settings.put("CARAVEL_USER", "me");
    settings.put("CARAVEL_PASSWORD", "secret");
    run("pause", "faces");
    settings.put("CARAVEL_TOKEN", "a-token");
    run("pause", "faces");
    assertThat(asked)
        .containsExactly(
            "POST /api/queues/faces/pause  Basic bWU6c2VjcmV0",
            "POST /api/queues/faces/pause  Bearer a-token");
  }

  @Test
  void whatTheDoorRefusesIsSaidInItsWords() {
    status = 404;
    answer = "{\"detail\":\"There is no queue of that name.\"}";
    assertThat(run("pause", "nobody")).isEqualTo(1);
    assertThat(said()).isEqualToIgnoringNewLines("caravel: There is no queue of that name.");
  }

  @Test
  void somethingElseThatListensThereIsTold() {
    status = 500;
    answer = "<html>";
    assertThat(run("status")).isEqualTo(1);
    assertThat(said()).contains("HTTP 500: is that Caravel?");
  }

  @Test
  void nobodyThereIsTold() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      settings.put("CARAVEL_PORT", String.valueOf(free.getLocalPort()));
    }
    assertThat(run("status")).isEqualTo(1);
    assertThat(said()).contains("no Caravel answers at").contains("CARAVEL_PORT");
  }

  @Test
  void whatIsNoCommandIsRefusedBeforeAnythingIsAsked() {
    assertThat(run("pause")).isEqualTo(2);
    assertThat(run("workers", "faces")).isEqualTo(2);
    assertThat(run("status", "faces")).isEqualTo(2);
    assertThat(run("pause", "../photos")).isEqualTo(1);
    assertThat(asked).isEmpty();
  }
}
