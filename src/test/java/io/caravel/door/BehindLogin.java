package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** Caravel with a log-in and tokens, behind a proxy on loopback; all classes share one. */
@DoorTest
@TestPropertySource(
    properties = {
      "caravel.user=anna",
      "caravel.password=correct horse",
      "caravel.proxies=127.0.0.1",
      "caravel.hosts=photos.example.org"
    })
abstract class BehindLogin {
  static final String ALL = "a-token-for-all";
  static final String QUEUES = "a-token-for-queues";
  static final String SLOW = "a-token-by-bcrypt";

  @LocalServerPort int port;
  Caller caller;

  @DynamicPropertySource
  static void tokens(DynamicPropertyRegistry settings) throws IOException {
    Path file = Files.createTempFile("caravel-tokens-", ".txt");
    file.toFile().deleteOnExit();
    Files.writeString(
        file,
        """
        # who  hash  doors
        all    %s  *
        queues %s  listQueues,pauseQueue

        slow   %s  listQueues
        """
            .formatted(sha256(ALL), sha256(QUEUES), new BCryptPasswordEncoder(4).encode(SLOW)));
    settings.add("caravel.tokens", file::toString);
  }

  static String sha256(String text) {
    return Tokens.sha256(text);
  }

  @BeforeEach
  void call() {
    caller = new Caller(port);
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

  /** The answer to the form, as a browser fills it in. */
  HttpResponse<String> form(String user, String password) {
    return form(user, password, "");
  }

  HttpResponse<String> form(String user, String password, String cookies, String... headers) {
    HttpResponse<String> form = caller.get("/login");
    String token = value(cookie(form, "XSRF-TOKEN"));
    Matcher field = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"").matcher(form.body());
    assertThat(field.find()).isTrue();
    assertThat(field.group(1)).isEqualTo(token);
    String[] all = java.util.Arrays.copyOf(headers, headers.length + 4);
    all[headers.length] = "Content-Type";
    all[headers.length + 1] = "application/x-www-form-urlencoded";
    all[headers.length + 2] = "Cookie";
    all[headers.length + 3] = "XSRF-TOKEN=" + token + cookies;
    return caller.post(
        "/login",
        "username=%s&password=%s&_csrf=%s".formatted(user, password.replace(' ', '+'), token),
        all);
  }

  /** Logs in by the form; returns the Cookie header of the session. */
  String loggedIn() {
    HttpResponse<String> answer = form("anna", "correct horse");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
    assertThat(answer.headers().firstValue("Location").orElse("")).endsWith("/");
    String session = cookie(answer, "JSESSIONID");
    assertThat(session).contains("HttpOnly").contains("SameSite=Strict").doesNotContain("Secure");
    return "JSESSIONID=" + value(session);
  }
}
