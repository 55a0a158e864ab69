package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Answers methods that no door has: Spring Security's firewall would refuse them with a bare 400,
 * and the answer for that with another.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1) // behind HostGuard
class KnownMethods extends OncePerRequestFilter {
  private static final List<String> KNOWN =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (KNOWN.contains(request.getMethod())) {
      chain.doFilter(request, response);
      return;
    }
    response.setHeader("Allow", String.join(", ", KNOWN));
    Problem.answer(request, response, 405, Errors.sentence(405));
  }
}
