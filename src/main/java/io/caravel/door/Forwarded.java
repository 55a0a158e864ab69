package io.caravel.door;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.jspecify.annotations.Nullable;

/**
 * Lets a request that one of {@link Proxies} passed on be of the client, by the scheme and to the
 * host that X-Forwarded-For, -Proto and -Host name; nobody else's are believed. Tomcat's own valve
 * knows no networks, and leaves the header Host, by which {@link HostGuard} judges.
 */
class Forwarded extends ValveBase {
  private static final int HTTPS = 443;

  private final Proxies proxies;

  Forwarded(Proxies proxies) {
    super(true);
    this.proxies = proxies;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    String peer = request.getRemoteAddr();
    if (proxies.include(peer)) {
      List<String> hops = Collections.list(request.getHeaders("X-Forwarded-For"));
      String client = proxies.client(peer, hops);
      request.setRemoteAddr(client);
      request.setRemoteHost(client);
      if ("https".equalsIgnoreCase(last(request, "X-Forwarded-Proto"))) {
        request.setSecure(true);
        request.getCoyoteRequest().scheme().setString("https");
        request.setServerPort(HTTPS);
      }
      String host = last(request, "X-Forwarded-Host");
      if (host != null && !host.isEmpty()) {
        request.getCoyoteRequest().getMimeHeaders().setValue("Host").setString(host);
        request.getCoyoteRequest().serverName().setString(host.replaceFirst(":\\d*$", ""));
      }
    }
    getNext().invoke(request, response);
  }

  /** What the last proxy wrote, who is the one we know. */
  private static @Nullable String last(Request request, String name) {
    String found = null;
    for (String line : Collections.list(request.getHeaders(name))) {
      found = line.substring(line.lastIndexOf(',') + 1).strip();
    }
    return found;
  }
}
