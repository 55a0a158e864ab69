package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Holds a node to its roles (CARAVEL_ROLES): without {@code web} it answers nothing but its health
 * and metrics, without {@code intake} it takes no uploads.
 */
@Component
@Order(0) // before a byte of the body is read, after the log-in
class RoleGuard extends OncePerRequestFilter {
  private final boolean web;
  private final boolean intake;

  RoleGuard(
      @Value("${caravel.role.web}") boolean web, @Value("${caravel.role.intake}") boolean intake) {
    this.web = web;
    this.intake = intake;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String path = request.getRequestURI();
    boolean upload = request.getMethod().equals("POST") && path.equals("/api/photos");
    if (upload ? !intake : !web && !path.startsWith("/actuator/")) {
      Problem.answer(
          request,
          response,
          503,
          "This node does not do that (CARAVEL_ROLES): ask a node with the role "
              + (upload ? "intake" : "web")
              + ".");
    } else {
      chain.doFilter(request, response);
    }
  }
}
