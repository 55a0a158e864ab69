package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

@DoorTest
class HostGuardTest {
  @LocalServerPort int port;
  Caller caller;

  @BeforeEach
  void call() {
    caller = new Caller(port);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/api/photos",
        "/api/photos/1/original",
        "/api/events",
        "/api/changes",
        "/openapi.json",
        "/actuator/health",
        "/actuator/hawtio",
        "/actuator/jolokia/version",
        "/nothing"
      })
  void aForgedHostGetsNothingAnywhere(String path) throws IOException {
    String answer = caller.raw("GET " + path + " HTTP/1.1", "Host: evil.example:" + port);
    assertThat(answer).startsWith("HTTP/1.1 421").contains("application/problem+json");
    assertThat(answer).contains("CARAVEL_HOSTS").doesNotContain("operation");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST:%d", "127.0.0.1:%d", "[::1]:%d", "localhost.:%d"})
  void loopbackNamesAreOurs(String host) throws IOException {
    String answer = caller.raw("GET /api/queues HTTP/1.1", "Host: " + host.formatted(port));
    assertThat(answer).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:localhost",
        "0.0.0.0",
        ""
      })
  void namesThatResembleOursAreNot(String host) throws IOException {
    String answer = caller.raw("GET /api/queues HTTP/1.1", "Host: " + host);
    assertThat(answer).containsPattern("^HTTP/1.1 (421|400)").doesNotContain("listQueues");
  }

  @Test
  void aForwardedHostIsNotBelieved() throws IOException {
    assertThat(
            caller.raw(
                "GET /api/queues HTTP/1.1",
                "Host: evil.example",
                "X-Forwarded-Host: localhost",
                "Forwarded: host=localhost"))
        .startsWith("HTTP/1.1 421");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"})
  void aPageOfAnotherOriginCanNeitherReadNorAct(String method) {
    for (String[] from :
        new String[][] {
          {"Origin", "https://evil.example"},
          {"Origin", "null"},
          {"Origin", "http://localhost:1"},
          {"Origin", "http://localhost.evil.example:" + port},
          {"Sec-Fetch-Site", "cross-site"},
          {"Sec-Fetch-Site", "same-site"}
        }) {
      for (String path :
          new String[] {"/api/photos/1", "/api/photos/1/original", "/actuator/jolokia", "/"}) {
        assertThat(caller.send(method, path, null, from).statusCode())
            .as("%s %s with %s: %s", method, path, from[0], from[1])
            .isEqualTo(403);
      }
    }
  }

  @Test
  void ourOwnPageMayReadAndAct() {
    String[] own = {"Origin", "http://localhost:" + port, "Sec-Fetch-Site", "same-origin"};
    assertThat(caller.get("/api/queues", own).statusCode()).isEqualTo(200);
    assertThat(caller.send("DELETE", "/api/photos/1", null, own).statusCode()).isEqualTo(200);
  }

  @Test
  void aLinkElsewhereMayOpenThePageButNoData() {
    String[] link = {
      "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"
    };
    assertThat(caller.get("/", link).statusCode()).isNotIn(403, 421);
    assertThat(caller.get("/api/photos", link).statusCode()).isEqualTo(403);
    assertThat(caller.get("/actuator/hawtio", link).statusCode()).isEqualTo(403);
    String[] frame = {
      "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"
    };
    assertThat(caller.get("/", frame).statusCode()).isEqualTo(403);
  }
}
