package io.caravel.door;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/** The log-in form for browsers: one page, no script, nothing loaded from elsewhere. */
@RestController
@ConditionalOnExpression(DoorSecurity.WITH_LOGIN)
class LoginPage {
  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>Log in – Caravel</title>
      <link rel="icon" href="/page/icon.svg" type="image/svg+xml">
      <link rel="stylesheet" href="/page/login.css">
      <main>
        <h1><img src="/page/icon.svg" alt="" width="36" height="36"> Caravel</h1>
        %s
        <form method="post" action="/login">
          <label for="username">User</label>
          <input id="username" name="username" autocomplete="username" required autofocus>
          <label for="password">Password</label>
          <input id="password" name="password" type="password" autocomplete="current-password" required>
          <input type="hidden" name="_csrf" value="%s">
          <button>Log in</button>
        </form>
      </main>
      </html>
      """;

  @GetMapping(path = "/login", produces = MediaType.TEXT_HTML_VALUE)
  ResponseEntity<String> page(HttpServletRequest request) {
    String said = "";
    if (request.getParameter("error") != null) {
      said = "<p role=\"alert\">That user and password do not fit: try again.</p>";
    } else if (request.getParameter("logout") != null) {
      said = "<p role=\"status\">You are logged out.</p>";
    }
    return ResponseEntity.ok()
        .cacheControl(CacheControl.noStore())
        .contentType(MediaType.parseMediaType("text/html;charset=utf-8"))
        .body(page(request, said));
  }

  private static String page(HttpServletRequest request, String said) {
    String token =
        request.getAttribute(CsrfToken.class.getName()) instanceof CsrfToken csrf
            ? csrf.getToken()
            : "";
    return PAGE.formatted(said, HtmlUtils.htmlEscape(token));
  }

  /** 429 to a guess that was not looked at: to a browser the form, with a sentence. */
  static void refuse(
      HttpServletRequest request, HttpServletResponse response, LoginPace.TooMany many)
      throws IOException {
    String accept = request.getHeader("Accept");
    if (accept == null || !accept.contains("text/html")) {
      TokenLogin.refuse(request, response, many);
      return;
    }
    String said = "<p role=\"alert\">%s</p>".formatted(many.getMessage());
    byte[] body = page(request, said).getBytes(StandardCharsets.UTF_8);
    response.setStatus(429);
    response.setHeader("Retry-After", Long.toString(many.seconds()));
    response.setHeader("Cache-Control", "no-store");
    response.setContentType("text/html;charset=utf-8");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
