package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Notes with each request who asks, for the routes. */
@Component
public class Visitor extends OncePerRequestFilter {
  private static final String WHO = Visitor.class.getName();

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    request.setAttribute(WHO, request.getRemoteUser());
    chain.doFilter(request, response);
  }

  /** The log-in's name; {@code local} where there is no log-in. */
  public static String of(@Nullable HttpServletRequest request) {
    return request != null && request.getAttribute(WHO) instanceof String who ? who : "local";
  }
}
