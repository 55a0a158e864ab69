package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Answers for every door from when the port is open until all of them are there, and again while
 * the program ends: 503 with Retry-After. Without it a door that is not there yet is a 404, which
 * callers take for the truth. Health says how far it is.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5) // behind HostGuard
class Opening extends OncePerRequestFilter {
  private static final String HEALTH = "/actuator/health";
  private static final String RETRY_SECONDS = "2";

  private static final byte[] PAGE =
      """
      <!doctype html>
      <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="refresh" content="%s">
        <title>Caravel is starting</title>
      </head>
      <body>
        <h1>Caravel is starting</h1>
        <p role="status">This page goes on by itself in a few seconds. Nothing is lost meanwhile.</p>
      </body>
      </html>
      """
          .formatted(RETRY_SECONDS)
          .getBytes(StandardCharsets.UTF_8);

  private final ApplicationAvailability availability;

  Opening(ApplicationAvailability availability) {
    this.availability = availability;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (availability.getReadinessState() == ReadinessState.ACCEPTING_TRAFFIC
        || request.getRequestURI().startsWith(HEALTH)) {
      chain.doFilter(request, response);
      return;
    }
    response.setHeader("Retry-After", RETRY_SECONDS);
    if (!DoorSecurity.opensPage(request)) {
      Problem.answer(
          request,
          response,
          503,
          "Caravel is starting or stopping: send this again in some seconds. Nothing of it was taken.");
      return;
    }
    response.setStatus(503);
    response.setContentType("text/html;charset=UTF-8");
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setContentLength(PAGE.length);
    response.getOutputStream().write(PAGE);
  }
}
