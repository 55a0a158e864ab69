package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoginTest extends BehindLogin {
  private static final String JOLOKIA_LIST =
      "{\"type\":\"search\",\"mbean\":\"org.apache.camel:type=routes,*\"}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/photos",
        "/api/photos/1/original",
        "/api/events",
        "/api/changes",
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
  void nobodyHasASessionBeforeALogin() {
    for (HttpResponse<String> answer :
        List.of(
            caller.get("/", "Accept", "text/html"),
            caller.get("/openapi.json?a=b", "Accept", "text/html", "Sec-Fetch-Mode", "navigate"),
            caller.get("/login"),
            caller.get("/api/queues", "Authorization", basic("anna", "correct horse")),
            caller.get("/api/queues", "Authorization", basic("nobody", "wrong horse")),
            form("nobody", "wrong horse"))) {
      assertThat(answer.headers().allValues("Set-Cookie"))
          .as(answer.toString())
          .noneMatch(cookie -> cookie.startsWith("JSESSIONID="));
    }
  }

  @Test
  void theLoginLeadsToThePageThatWasOpened() {
    HttpResponse<String> sent = caller.get("/openapi.json?a=b%20c", "Accept", "text/html");
    assertThat(sent.statusCode()).isEqualTo(302);
    String opened = cookie(sent, "caravel-opened");
    assertThat(opened).contains("HttpOnly").contains("SameSite=Strict").contains("Path=/login");
    HttpResponse<String> in = form("anna", "correct horse", "; caravel-opened=" + value(opened));
    assertThat(in.headers().firstValue("Location").orElse("")).endsWith("/openapi.json?a=b%20c");
    assertThat(cookie(in, "caravel-opened")).contains("Max-Age=0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//evil.example",
        "https%3A%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "%2F%0Aa",
        "%"
      })
  void theLoginLeadsNowhereElse(String opened) {
    HttpResponse<String> in = form("anna", "correct horse", "; caravel-opened=" + opened);
    assertThat(in.headers().firstValue("Location").orElse(""))
        .isIn("/", "http://localhost:" + port + "/");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
  void anonymousWritesLackALogin(String method) {
    for (String path : new String[] {"/api/photos", "/api/photos/1", "/encode", "/logout", "/"}) {
      HttpResponse<String> answer =
          caller.send(method, path, "{}", "Content-Type", "application/json");
      assertThat(answer.statusCode()).as("%s %s: %s", method, path, answer.body()).isEqualTo(401);
    }
  }

  /**
   * Nothing but its head is looked at: no file is made, and who asks first is not told to go on.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Basic bm9ib2R5Om5vdGhpbmc=",
        "Authorization: Bearer nothing",
        "Authorization: anything",
        "Cookie: JSESSIONID=0123456789ABCDEF; XSRF-TOKEN=a\r\nX-XSRF-TOKEN: a"
      })
  void ofAnUploadWithoutALoginNoByteIsKept(String sign) throws IOException {
    for (String path : new String[] {"/api/photos", "/encode", "/login"}) {
      try (Socket socket = new Socket("localhost", port)) {
        String head =
            "POST %s HTTP/1.1\r\nHost: localhost\r\n%s\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000000\r\nExpect: 100-continue\r\n\r\n"
                .formatted(path, sign);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        String answer =
            new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        assertThat(answer)
            .as(path)
            .matches(path.equals("/login") ? "HTTP/1.1 (302|401|403)" : "HTTP/1.1 401");
      }
    }
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
