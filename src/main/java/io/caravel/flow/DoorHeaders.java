package io.caravel.flow;

import io.caravel.door.Contract;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What crosses the HTTP doors. In: a handful of headers, and the query parameters of the contract
 * (Camel sends both through here; path parameters it sets itself). Out: what an answer needs. So no
 * {@code Camel*} header comes in from outside (CVE-2025-27636), and no {@code Authorization} or
 * {@code Cookie} of the request goes back with the answer.
 */
@Component("doorHeaders")
class DoorHeaders implements HeaderFilterStrategy {
  private final Set<String> in = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
  private final Set<String> out = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  DoorHeaders(Contract contract) {
    in.addAll(Set.of("Accept", "Content-Type", "If-Match", "If-None-Match"));
    in.addAll(contract.queryParameters());
    out.addAll(Set.of("Content-Type", "ETag", "Location", "Cache-Control", "Retry-After"));
  }

  /** Whether the route's header stays inside. */
  @Override
  public boolean applyFilterToCamelHeaders(
      String name, @Nullable Object value, @Nullable Exchange exchange) {
    return !out.contains(name);
  }

  /** Whether the caller's header or query parameter stays outside. */
  @Override
  public boolean applyFilterToExternalHeaders(
      String name, @Nullable Object value, @Nullable Exchange exchange) {
    return !in.contains(name);
  }
}
