package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Has the doors of the routes answer HEAD as they answer GET, for Camel knows no HEAD there; the
 * body is left out by Tomcat. Spring MVC's doors know it themselves.
 */
@Component
@Order(40) // after the log-in
class HeadAsGet extends OncePerRequestFilter {
  private final Operations operations;
  private final Set<String> ofRoutes;

  HeadAsGet(Contract contract) {
    operations = new Operations(contract.json());
    ofRoutes = new HashSet<>(contract.operations());
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    boolean head =
        request.getMethod().equals("HEAD")
            && ofRoutes.contains(operations.of("GET", request.getRequestURI()));
    chain.doFilter(head ? new AsGet(request) : request, response);
  }

  private static final class AsGet extends HttpServletRequestWrapper {
    AsGet(HttpServletRequest request) {
      super(request);
    }

    @Override
    public String getMethod() {
      return "GET";
    }
  }
}
