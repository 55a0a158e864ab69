package io.caravel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two services that answer as they are told. */
class ComparisonTest {
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private HttpServer here;
  private HttpServer there;

  private static HttpServer server() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    return server;
  }

  private void answer(HttpServer server, String path, int status, String text) {
    server.createContext(
        path,
        exchange -> {
          bodies.add(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  private static String face(double each) {
    return DoubleStream.generate(() -> each)
        .limit(128)
        .mapToObj(String::valueOf)
        .collect(Collectors.joining(",", "[", "]"));
  }

  @BeforeEach
  void listen() throws IOException {
    here = server();
    there = server();
    answer(here, "/api/photos", 200, "{\"items\":[{\"id\":7,\"filename\":\"a\\u001b.jpg\"}]}");
    answer(here, "/api/photos/7/original", 200, "the photo");
    answer(here, "/encode", 200, "{\"encodings\":[" + face(0.01) + "," + face(0.2) + "]}");
  }

  @AfterEach
  void end() {
    here.stop(0);
    there.stop(0);
  }

  private int run(String... more) {
    List<String> arguments = new java.util.ArrayList<>();
    arguments.add("http://127.0.0.1:" + there.getAddress().getPort() + "/");
    arguments.addAll(List.of(more));
    return Comparison.run(
        arguments,
        Map.of("CARAVEL_PORT", String.valueOf(here.getAddress().getPort())),
        new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void facesAreCountedAndHeldAgainstEachOther() {
    answer(there, "/encode", 200, "{\"encodings\":[" + face(0.02) + "]}");
    assertThat(run("--photos", "1")).isZero();
    assertThat(said())
        .contains("photo 7 (a?.jpg): 1 faces there, 2 here, 1 the same")
        .containsPattern(
            "1 photos: as many faces in 0; 1 faces there, 2 here, 1 the same, apart 0[.,]113 in the middle");
    assertThat(bodies)
        .anyMatch(body -> body.contains("original_disk") && body.contains("the photo"));
  }

  @Test
  void aPhotoThatCannotBeEncodedHereIsToldAndTheNextAreCompared() {
    here.removeContext("/api/photos");
    answer(
        here,
        "/api/photos",
        200,
        "{\"items\":[{\"id\":6,\"filename\":\"film.mp4\"},{\"id\":7,\"filename\":\"a.jpg\"}]}");
    answer(here, "/api/photos/6/original", 404, "The file is gone.");
    answer(there, "/encode", 200, "{\"encodings\":[" + face(0.01) + "," + face(0.2) + "]}");
    assertThat(run("--photos", "2")).as(said()).isZero();
    assertThat(said())
        .contains(
            "photo 6 (film.mp4): Caravel: HTTP 404: The file is gone.",
            "1 photos: as many faces in 1",
            "1 photos could not be encoded here");
  }

  @Test
  void aCaravelThatLetsNobodyInIsTold() {
    here.removeContext("/encode");
    answer(here, "/encode", 401, "Who are you?");
    assertThat(run("--photos", "1")).isEqualTo(1);
    assertThat(said()).contains("could not be asked", "HTTP 401: Who are you?");
  }

  @Test
  void anOldServiceThatFailsIsTold() {
    answer(there, "/encode", 500, "Internal Server Error");
    assertThat(run("--photos", "1")).isEqualTo(1);
    assertThat(said()).contains("the old service: HTTP 500: Internal Server Error");
  }

  @Test
  void whatIsNoAddressOrNumberIsRefused() {
    assertThat(run("--photos", "0")).isEqualTo(2);
    assertThat(
            Comparison.run(
                List.of("file:///etc/passwd"),
                Map.of(),
                new PrintStream(said, true, StandardCharsets.UTF_8)))
        .isEqualTo(2);
    assertThat(bodies).isEmpty();
  }

  /** Each face of one is at most one of the other. */
  @Test
  void theNearestArePairedFirst() {
    assertThat(
            Comparison.paired(
                List.of(new double[] {0}, new double[] {0.3}),
                List.of(new double[] {0.25}, new double[] {5})))
        .hasSize(1)
        .allMatch(distance -> Math.abs(distance - 0.05) < 1e-9);
  }
}
