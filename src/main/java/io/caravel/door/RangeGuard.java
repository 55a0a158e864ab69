package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * A Range that is none, of another unit, of many pieces or that ends before it begins is as if it
 * were not there, as RFC 9110, 14.2, allows: Spring MVC answers 416 to it, with the whole picture.
 * So is one that {@link Delivery} has forgotten.
 */
@Component
@Order(30)
class RangeGuard extends OncePerRequestFilter {
  private static final Pattern ONE =
      Pattern.compile("bytes=(?:(\\d{1,15})-(\\d{0,15})|-\\d{1,15})");

  private static final String FORGOTTEN = RangeGuard.class.getName() + ".forgotten";

  /** The request is one for all of the file from now on. */
  static void forget(HttpServletRequest request) {
    request.setAttribute(FORGOTTEN, true);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String range = request.getHeader("Range");
    if (range != null && !isOne(range)) {
      forget(request);
    }
    chain.doFilter(range == null ? request : new Guarded(request), response);
  }

  private static boolean isOne(String range) {
    var parts = ONE.matcher(range.strip());
    if (!parts.matches()) {
      return false;
    }
    String first = parts.group(1);
    String last = parts.group(2);
    return first == null
        || last == null
        || last.isEmpty()
        || Long.parseLong(first) <= Long.parseLong(last);
  }

  private static final class Guarded extends HttpServletRequestWrapper {
    Guarded(HttpServletRequest request) {
      super(request);
    }

    private boolean isForgotten(String name) {
      return name.toLowerCase(Locale.ROOT).equals("range") && getAttribute(FORGOTTEN) != null;
    }

    @Override
    public @Nullable String getHeader(String name) {
      return isForgotten(name) ? null : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
      return isForgotten(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
    }

    @Override
    public Enumeration<String> getHeaderNames() {
      return Collections.enumeration(
          Collections.list(super.getHeaderNames()).stream()
              .filter(name -> !isForgotten(name))
              .toList());
    }
  }
}
