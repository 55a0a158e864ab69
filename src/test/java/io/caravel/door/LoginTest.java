package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

@DoorTest
@TestPropertySource(properties = {"caravel.user=anna", "caravel.password=correct horse"})
class LoginTest {
  private static final String JOLOKIA_LIST =
      "{\"type\":\"search\",\"mbean\":\"org.apache.camel:type=routes,*\"}";

  @LocalServerPort int port;
  @Autowired LoginPace pace;
  Caller caller;

  @BeforeEach
  void call() {
    caller = new Caller(port);
    pace.succeeded("127.0.0.1");
  }

  static String basic(String user, String password) {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  static String cookie(HttpResponse<?> answer, String name) {
    return answer.headers().allValues("Set-Cookie").stream()
        .filter(cookie -> cookie.startsWith(name + "="))
        .reduce((earlier, later) -> later)
        .orElseThrow(() -> new AssertionError("no cookie " + name));
  }

  static String value(String cookie) {
    return cookie.substring(cookie.indexOf('=') + 1, cookie.indexOf(';'));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/photos",
        "/api/photos/1/original",
        "/api/events",
        "/openapi.json",
        "/actuator/health",
        "/actuator/prometheus",
        "/actuator/hawtio",
        "/actuator/jolokia/version",
        "/nothing"
      })
  void withoutALoginThereIsNothing(String path) {
    HttpResponse<String> answer = caller.get(path);
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).startsWith("Basic");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("CARAVEL_USER").doesNotContain("correct horse");
  }

  @ParameterizedTest
  @ValueSource(strings = {"liveness", "readiness"})
  void theProbesStayOpenAndSayNoMore(String probe) {
    HttpResponse<String> answer = caller.get("/actuator/health/" + probe);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"status\":\"UP\"}");
  }

  @Test
  void aScriptComesInByBasicAndNeedsNoToken() {
    String known = basic("anna", "correct horse");
    assertThat(caller.get("/api/queues", "Authorization", known).statusCode()).isEqualTo(200);
    HttpResponse<String> act =
        caller.post("/api/queues/metadata/pause", "", "Authorization", known);
    assertThat(act.statusCode()).as(act.body()).isEqualTo(200);
    assertThat(act.body() + act.headers().map()).doesNotContain(known.substring(6));
    assertThat(caller.get("/actuator/health", "Authorization", known).body())
        .contains("exiftool")
        .contains("storage");
    assertThat(
            caller.get("/api/queues", "Authorization", basic("anna", "wrong horse")).statusCode())
        .isEqualTo(401);
  }

  @Test
  void aBrowserIsShownTheFormNotABox() {
    HttpResponse<String> page =
        caller.get("/", "Accept", "text/html", "Sec-Fetch-Mode", "navigate");
    assertThat(page.statusCode()).isEqualTo(302);
    assertThat(page.headers().firstValue("Location").orElse("")).endsWith("/login");
    HttpResponse<String> data = caller.get("/api/queues", "Sec-Fetch-Mode", "cors");
    assertThat(data.statusCode()).isEqualTo(401);
    assertThat(data.headers().firstValue("WWW-Authenticate")).isEmpty();
  }

  @Test
  void theFormLoadsNothingFromElsewhereAndRunsNothing() {
    HttpResponse<String> form = caller.get("/login");
    assertThat(form.statusCode()).isEqualTo(200);
    assertThat(form.body())
        .doesNotContain("<script")
        .doesNotContain("http")
        .doesNotContain("style=");
    assertThat(caller.get("/page/login.css").statusCode()).isEqualTo(200);
    assertThat(form.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(form.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(form.headers().firstValue("Referrer-Policy")).hasValue("same-origin");
  }

  /** Logs in by the form; returns the Cookie header of the session. */
  String loggedIn() {
    HttpResponse<String> form = caller.get("/login");
    String token = value(cookie(form, "XSRF-TOKEN"));
    Matcher field = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"").matcher(form.body());
    assertThat(field.find()).isTrue();
    assertThat(field.group(1)).isEqualTo(token);
    HttpResponse<String> answer =
        caller.post(
            "/login",
            "username=anna&password=correct+horse&_csrf=" + token,
            "Content-Type",
            "application/x-www-form-urlencoded",
            "Cookie",
            "XSRF-TOKEN=" + token);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
    assertThat(answer.headers().firstValue("Location").orElse("")).endsWith("/");
    String session = cookie(answer, "JSESSIONID");
    assertThat(session).contains("HttpOnly").contains("SameSite=Strict");
    return "JSESSIONID=" + value(session);
  }

  @Test
  void aBrowsersSessionReadsButActsOnlyWithTheToken() {
    String session = loggedIn();
    HttpResponse<String> read = caller.get("/api/queues", "Cookie", session);
    assertThat(read.statusCode()).isEqualTo(200);
    assertThat(read.body()).doesNotContain(session);
    String token = value(cookie(read, "XSRF-TOKEN"));

    HttpResponse<String> without = caller.post("/api/queues/metadata/pause", "", "Cookie", session);
    assertThat(without.statusCode()).isEqualTo(403);
    assertThat(without.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(without.body()).contains("X-XSRF-TOKEN");
    String both = session + "; XSRF-TOKEN=" + token;
    assertThat(
            caller
                .post("/api/queues/metadata/pause", "", "Cookie", both, "X-XSRF-TOKEN", token)
                .statusCode())
        .isEqualTo(200);
    assertThat(
            caller
                .post("/api/queues/metadata/pause", "", "Cookie", both, "X-XSRF-TOKEN", "other")
                .statusCode())
        .isEqualTo(403);
  }

  /** A cached Basic log-in beside a session must not do without the token. */
  @Test
  void aSessionWithBasicNeedsTheTokenAsWell() {
    HttpResponse<String> answer =
        caller.post(
            "/api/queues/metadata/pause",
            "",
            "Cookie",
            loggedIn(),
            "Authorization",
            basic("anna", "correct horse"));
    assertThat(answer.statusCode()).isEqualTo(403);
  }

  @Test
  void hawtioAsksJolokiaWithTheCookiesToken() {
    String session = loggedIn();
    String token = value(cookie(caller.get("/api/queues", "Cookie", session), "XSRF-TOKEN"));
    HttpResponse<String> answer =
        caller.post(
            "/actuator/hawtio/jolokia",
            JOLOKIA_LIST,
            "Content-Type",
            "application/json",
            "Cookie",
            session + "; XSRF-TOKEN=" + token,
            "X-XSRF-TOKEN",
            token);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("listQueues");
  }

  @Test
  void eventsAreHeardWithALogin() throws Exception {
    try (var body =
        caller.open("/api/events", "Authorization", basic("anna", "correct horse")).body()) {
      assertThat(body.read()).isEqualTo(':');
    }
  }

  @Test
  void guessingIsSlowedAndTheSessionLivesOn() {
    String session = loggedIn();
    for (int i = 0; i < 6; i++) {
      caller.get("/api/queues", "Authorization", basic("anna", "guess " + i));
    }
    HttpResponse<String> right =
        caller.get("/api/queues", "Authorization", basic("anna", "correct horse"));
    assertThat(right.statusCode()).isEqualTo(429);
    assertThat(right.headers().firstValue("Retry-After")).isPresent();
    assertThat(caller.get("/api/queues", "Cookie", session).statusCode()).isEqualTo(200);
  }

  @Test
  void aForeignPageIsRefusedBeforeTheLoginIsLookedAt() {
    assertThat(
            caller
                .post(
                    "/api/queues/metadata/pause",
                    "",
                    "Authorization",
                    basic("anna", "correct horse"),
                    "Origin",
                    "https://evil.example")
                .statusCode())
        .isEqualTo(403);
  }
}
