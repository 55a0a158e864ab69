package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Stands before Camel, Spring MVC and the actuator alike. A request for a host that is not ours is
 * refused (421), so no foreign name can be re-bound to our address; a request that a page of
 * another origin makes is refused (403), so such a page can neither read nor act. The name of a
 * reverse proxy is in CARAVEL_HOSTS; it passes the Host header on, or {@link Forwarded} believes
 * it.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class HostGuard extends OncePerRequestFilter {
  private static final Set<String> DOCUMENTS = Set.of("/", "/index.html", "/login");

  private final Set<String> hosts = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));

  HostGuard(
      @Value("${caravel.hosts:}") List<String> hosts,
      @Value("${caravel.address:127.0.0.1}") String address) {
    for (String host : hosts) {
      this.hosts.add(Authority.nameOf(host));
    }
    this.hosts.add(
        Authority.nameOf(
            address.contains(":") && !address.startsWith("[") ? "[" + address + "]" : address));
    this.hosts.remove("");
    // Nobody calls the wildcard addresses by name.
    this.hosts.remove("0.0.0.0");
    this.hosts.remove("[::]");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String host = request.getHeader("Host");
    if (host == null || !ours(Authority.nameOf(host), request.getLocalAddr())) {
      Problem.answer(
          request,
          response,
          Problem.MISDIRECTED,
          "This Caravel does not answer to that host name: use the address it was started with, or"
              + " add the name to CARAVEL_HOSTS.");
    } else if (foreign(request, host) && !opensDocument(request)) {
      Problem.answer(
          request,
          response,
          HttpStatus.FORBIDDEN.value(),
          "A page of another origin asked for this: open Caravel's own page instead. Behind a"
              + " reverse proxy, let it pass the Host header on and add the name to CARAVEL_HOSTS.");
    } else {
      chain.doFilter(request, response);
    }
  }

  /** A literal address that the connection arrived at is ours as well: no name can be re-bound. */
  private boolean ours(String name, @Nullable String localAddress) {
    if (hosts.contains(name)) {
      return true;
    }
    return localAddress != null
        && !localAddress.isEmpty()
        && (name.equals(localAddress) || name.equals("[" + localAddress + "]"));
  }

  private static boolean foreign(HttpServletRequest request, String host) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return true;
    }
    String origin = request.getHeader("Origin");
    return origin != null && !Authority.sameOrigin(origin, host);
  }

  /** A link elsewhere may open our page as a document of its own; what it loads is then ours. */
  private static boolean opensDocument(HttpServletRequest request) {
    return (request.getMethod().equals("GET") || request.getMethod().equals("HEAD"))
        && "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
        && "document".equals(request.getHeader("Sec-Fetch-Dest"))
        && request.getHeader("Origin") == null
        && DOCUMENTS.contains(request.getRequestURI());
  }

  /** Host and port as they stand in the headers Host and Origin. */
  private static final class Authority {
    /** The name without its port, in small letters; IPv6 literals keep their brackets. */
    static String nameOf(String authority) {
      String text = authority.strip().toLowerCase(Locale.ROOT);
      int colon = text.lastIndexOf(':');
      if (colon > text.lastIndexOf(']')) {
        text = text.substring(0, colon);
      }
      return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }

    /**
     * TLS may end at a proxy, so the scheme cannot be compared; its default port is that of both.
     */
    static boolean sameOrigin(String origin, String host) {
      int scheme = origin.indexOf("://");
      if (scheme < 0) {
        return false; // "null": a sandboxed frame, a file, a redirect
      }
      String port = origin.startsWith("https:") ? "443" : "80";
      String authority = origin.substring(scheme + 3);
      return nameOf(authority).equals(nameOf(host))
          && portOf(authority, port).equals(portOf(host, port));
    }

    private static String portOf(String authority, String otherwise) {
      int colon = authority.lastIndexOf(':');
      return colon > authority.lastIndexOf(']') ? authority.substring(colon + 1) : otherwise;
    }
  }
}
