package io.caravel.flow;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What crosses the HTTP doors. In: a handful of headers, and no query parameter (Camel sends both
 * through here): what a caller asks is in variable {@code asked}. Out: what an answer needs. So no
 * {@code Camel*} header comes in from outside (CVE-2025-27636), and no {@code Authorization} or
 * {@code Cookie} of the request goes back with the answer.
 */
@Component("doorHeaders")
class DoorHeaders implements HeaderFilterStrategy {
  private static final Set<String> IN =
      names("Accept", "Content-Type", "If-Match", "If-None-Match");
  private static final Set<String> OUT =
      names("Content-Type", "ETag", "Location", "Cache-Control", "Retry-After", "Allow");

  private static Set<String> names(String... names) {
    Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    set.addAll(List.of(names));
    return set;
  }

  /** Whether the route's header stays inside. */
  @Override
  public boolean applyFilterToCamelHeaders(
      String name, @Nullable Object value, @Nullable Exchange exchange) {
    return !OUT.contains(name);
  }

  /** Whether the caller's header or query parameter stays outside. */
  @Override
  public boolean applyFilterToExternalHeaders(
      String name, @Nullable Object value, @Nullable Exchange exchange) {
    return !IN.contains(name);
  }
}
