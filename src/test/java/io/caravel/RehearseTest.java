package io.caravel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ./caravel rehearse, against a server that notes what it is asked. */
class RehearseTest {
  private static final String ITEM =
      "{\"photo\":%d,\"state\":\"%s\",\"result\":%s,\"cause\":%s,\"error\":%s,\"ms\":120,\"kept\":%s,\"differs\":%s}";

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Path home;
  private final Path file;
  private HttpServer server;
  private int status = 200;
  private boolean laid;

  RehearseTest(@TempDir Path home) throws IOException {
    this.home = home;
    this.file = Files.writeString(home.resolve("captions.camel.yaml"), "- route: {}\n");
  }

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          asked.add(exchange.getRequestURI() + " " + body);
          laid |= Files.exists(home.resolve("rehearsals/captions.camel.yaml"));
          String text =
              body.isEmpty()
                  ? "{\"items\":[{\"id\":4},{\"id\":3},{\"id\":2},{\"id\":1}],\"total\":4}"
                  : "{\"touches\":7,\"items\":[" + answer(body) + "]}";
          if (status != 200 && !body.isEmpty()) {
            text = "{\"detail\":\"captions.camel.yaml, line 3: it is no YAML.\"}";
          }
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(body.isEmpty() ? 200 : status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  private static String answer(String body) {
    if (body.contains("[4]")) {
      return ITEM.formatted(4, "done", "{\"a\":1}", "null", "null", "{\"a\":1}", "false");
    }
    if (body.contains("[3]")) {
      return ITEM.formatted(3, "done", "{\"a\":2}", "null", "null", "{\"a\":1}", "true");
    }
    if (body.contains("[2]")) {
      return ITEM.formatted(2, "done", "{\"a\":3}", "null", "null", "null", "true");
    }
    return ITEM.formatted(
        1, "failed", "null", "\"captions-failed\"", "\"The sky fell.\"", "null", "false");
  }

  @AfterEach
  void end() {
    server.stop(0);
  }

  private int run(String... arguments) {
    return Rehearse.run(
        List.of(arguments),
        Map.of(
            "CARAVEL_HOME",
            home.toString(),
            "CARAVEL_PORT",
            String.valueOf(server.getAddress().getPort())),
        new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  @Test
  void photoByPhotoItSaysWhatWouldChange() {
    assertThat(run("rehearse", file.toString(), "--photos", "4")).isZero();
    assertThat(said.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines(
            """
            photo 4: done after 120 ms, as it is kept
            photo 3: done after 120 ms
              kept: {"a":1}
              now:  {"a":2}
            photo 2: done after 120 ms, new: {"a":3}
            photo 1: failed after 120 ms, captions-failed: The sky fell.
            4 photos: 1 as they are kept, 1 without a result so far, 1 would change, 1 failed; 120 ms a photo
            7 photos in all have a result that was made otherwise: POST /api/queues/captions/stale does them again, once this file is the step's
            """);
    assertThat(asked.get(0)).isEqualTo("/api/photos?order=added&size=4 ");
    assertThat(asked.get(1)).contains("captions.camel.yaml").contains("[4]");
    assertThat(laid).as("the file lay where the program reads it").isTrue();
    assertThat(home.resolve("rehearsals/captions.camel.yaml")).doesNotExist();
  }

  @Test
  void whatIsWrongWithTheFileIsTold() {
    status = 400;
    assertThat(run("rehearse", file.toString())).isEqualTo(1);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .isEqualToIgnoringNewLines("caravel: captions.camel.yaml, line 3: it is no YAML.");
    assertThat(home.resolve("rehearsals/captions.camel.yaml")).doesNotExist();
  }

  @Test
  void aFileThatIsNotThereAndACommandThatIsNone() {
    assertThat(run("rehearse", "nowhere.camel.yaml")).isEqualTo(1);
    assertThat(said.toString(StandardCharsets.UTF_8)).contains("there is no file nowhere");
    assertThat(run("rehearse")).isEqualTo(2);
    assertThat(run("rehearse", file.toString(), "--photos", "many")).isEqualTo(2);
  }
}
