package io.caravel.door;

import io.caravel.ground.Cause;
import io.caravel.ground.DatabaseWatch;
import io.caravel.ground.Failure;
import io.caravel.photo.Roots;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Answers what the weather does not let be done, before a byte of it is written: 503 to all of the
 * API while the database is away, 507 to uploads while a disk has too little room (503 while it is
 * away), and to all that writes once an embedded database would be hurt. Reading goes on.
 */
@Component
@Order(10) // after the log-in, before a byte of the body is read
class WeatherGuard extends OncePerRequestFilter {
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
  private static final Set<String> UPLOADS = Set.of("/api/photos", "/encode");

  private final DatabaseWatch database;
  private final Roots roots;

  WeatherGuard(DatabaseWatch database, Roots roots) {
    this.database = database;
    this.roots = roots;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Failure failure = hindrance(request);
    if (failure == null) {
      chain.doFilter(request, response);
      return;
    }
    Problem.answer(
        request,
        response,
        Cause.of(failure.cause()).status(),
        String.valueOf(failure.getMessage()));
  }

  private @Nullable Failure hindrance(HttpServletRequest request) {
    String path = request.getRequestURI();
    boolean api = path.startsWith("/api/");
    String away = api ? database.trouble() : null;
    if (away != null) {
      return Failure.passing("database", away);
    }
    if (READING.contains(request.getMethod())) {
      return null;
    }
    Failure closed = UPLOADS.contains(path) ? roots.closed() : null;
    return closed == null && api ? roots.lastRoom() : closed;
  }
}
