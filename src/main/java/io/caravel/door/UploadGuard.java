package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses uploads before a byte of them is written to disk: where none are taken, and, with a
 * log-in set, those that come without any sign of one. Spring Security alone would have the body
 * parsed first, to look for a token in it.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class UploadGuard extends OncePerRequestFilter {
  private static final Set<String> TAKEN = Set.of("/api/photos", "/encode");

  private final boolean login;
  private final long maxCompare;

  UploadGuard(
      @Value("${caravel.user}") String user, @Value("${caravel.face.compare-mb}") long compareMb) {
    this.login = !user.isBlank();
    this.maxCompare = compareMb << 20;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String type = request.getContentType();
    long length = request.getContentLengthLong();
    boolean compare =
        request.getMethod().equals("POST") && request.getRequestURI().equals("/compare");
    if (compare && length < 0) {
      Problem.answer(request, response, 411, "Say how long the body is: send Content-Length.");
    } else if (compare && length > maxCompare) {
      Problem.answer(
          request,
          response,
          413,
          "The body is larger than %d MB: compare in several requests."
              .formatted(maxCompare >> 20));
    } else if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
      chain.doFilter(request, response);
    } else if (!TAKEN.contains(request.getRequestURI())) {
      Problem.answer(
          request, response, 415, "Files are taken at POST /api/photos and POST /encode alone.");
    } else if (login
        && request.getHeader("Authorization") == null
        && request.getHeader("X-XSRF-TOKEN") == null) {
      response.setHeader("WWW-Authenticate", "Basic realm=\"Caravel\"");
      Problem.answer(request, response, 401, "Log in first: curl -u user:password.");
    } else {
      chain.doFilter(request, response);
    }
  }
}
