package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * Refuses an address that leads to a servlet only once it is decoded and shortened, such as {@code
 * /actuator//jolokia}: Spring compares it as it was sent, and throws into the log before its
 * firewall has looked at it.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2) // behind KnownMethods, before the log-in
class PlainPath extends OncePerRequestFilter {
  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      ServletRequestPathUtils.parseAndCache(request);
    } catch (IllegalArgumentException e) {
      Problem.answer(request, response, 400, Errors.sentence(400));
      return;
    }
    ServletRequestPathUtils.clearParsedRequestPath(request);
    chain.doFilter(request, response);
  }
}
