package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenLoginTest extends BehindLogin {
  private HttpResponse<String> send(String method, String path, String token, String... more) {
    String[] headers = java.util.Arrays.copyOf(more, more.length + 2);
    headers[more.length] = "Authorization";
    headers[more.length + 1] = "Bearer " + token;
    return caller.send(method, path, null, headers);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,  /api/queues,                 200",
    "POST, /api/queues/metadata/pause,  200",
    "POST, /api/queues/metadata/resume, 403",
    "GET,  /api/photos,                 403",
    "GET,  /api/queues/,                403",
    "GET,  /,                           403",
    "GET,  /actuator/prometheus,        403",
    "GET,  /actuator/jolokia/version,   403",
    "GET,  /api/events,                 403",
    "GET,  /api/changes,                403"
  })
  void aTokenOpensItsDoors(String method, String path, int status) {
    HttpResponse<String> answer = send(method, path, QUEUES);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    if (status == 403) {
      assertThat(answer.body()).contains("queues").contains("CARAVEL_TOKENS");
    }
    assertThat(answer.body() + answer.headers().map()).doesNotContain(QUEUES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/api/queues", "/api/photos", "/actuator/prometheus", "/openapi.json", "/"})
  void aTokenForAllOpensAll(String path) {
    assertThat(send("GET", path, ALL).statusCode()).isEqualTo(200);
  }

  @Test
  void aTokenByBcryptIsOneToo() {
    for (int i = 0; i < 20; i++) {
      assertThat(send("GET", "/api/queues", SLOW).statusCode()).isEqualTo(200);
    }
    assertThat(send("GET", "/api/photos", SLOW).statusCode()).isEqualTo(403);
  }

  @Test
  void anotherIsNone() {
    String[] from = {"X-Forwarded-For", "203.0.113.200"};
    HttpResponse<String> answer = send("GET", "/api/queues", sha256(ALL), from);
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
        .contains("invalid_token");
    assertThat(send("GET", "/api/queues", "", from).statusCode()).isEqualTo(401);
    assertThat(send("GET", "/api/queues", "none", "Cookie", loggedIn()).statusCode())
        .as("beside a session")
        .isEqualTo(401);
  }
}
