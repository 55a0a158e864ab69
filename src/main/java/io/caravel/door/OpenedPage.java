package io.caravel.door;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.security.web.savedrequest.RequestCache;
import org.springframework.security.web.savedrequest.SavedRequest;
import org.springframework.security.web.savedrequest.SimpleSavedRequest;
import org.springframework.web.util.WebUtils;

/**
 * The page a browser was opened for, to which the log-in leads: its path, in a cookie. Nothing is
 * kept here for who is not logged in.
 */
class OpenedPage implements RequestCache {
  private static final String COOKIE = "caravel-opened";
  private static final int LONGEST = 1024;

  @Override
  public void saveRequest(HttpServletRequest request, HttpServletResponse response) {
    String query = request.getQueryString();
    String path = request.getRequestURI() + (query == null ? "" : "?" + query);
    if (DoorSecurity.opensPage(request) && path.length() <= LONGEST && isOurs(path)) {
      set(request, response, URLEncoder.encode(path, StandardCharsets.UTF_8), Duration.ofHours(1));
    }
  }

  @Override
  public @Nullable SavedRequest getRequest(
      HttpServletRequest request, HttpServletResponse response) {
    Cookie cookie = WebUtils.getCookie(request, COOKIE);
    if (cookie == null) {
      return null;
    }
    try {
      String path = URLDecoder.decode(cookie.getValue(), StandardCharsets.UTF_8);
      return isOurs(path) ? new SimpleSavedRequest(path) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** What was asked is asked again by the browser, not taken up here. */
  @Override
  public @Nullable HttpServletRequest getMatchingRequest(
      HttpServletRequest request, HttpServletResponse response) {
    return null;
  }

  @Override
  public void removeRequest(HttpServletRequest request, HttpServletResponse response) {
    if (WebUtils.getCookie(request, COOKIE) != null) {
      set(request, response, "", Duration.ZERO);
    }
  }

  private static void set(
      HttpServletRequest request, HttpServletResponse response, String value, Duration age) {
    response.addHeader(
        HttpHeaders.SET_COOKIE,
        ResponseCookie.from(COOKIE, value)
            .path("/login")
            .maxAge(age)
            .httpOnly(true)
            .secure(request.isSecure())
            .sameSite("Strict")
            .build()
            .toString());
  }

  /** A path, never an address elsewhere. */
  private static boolean isOurs(String path) {
    return path.matches("/(?![/\\\\])[\\x21-\\x7e]*");
  }
}
