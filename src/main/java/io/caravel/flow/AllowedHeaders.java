package io.caravel.flow;

import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/** Lets only the named headers out, and only the named ones in; names without regard to case. */
final class AllowedHeaders implements HeaderFilterStrategy {
  private final Set<String> out = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
  private final Set<String> in = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  AllowedHeaders(Set<String> out, Set<String> in) {
    this.out.addAll(out);
    this.in.addAll(in);
  }

  @Override
  public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
    return !out.contains(name);
  }

  @Override
  public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
    return !in.contains(name);
  }
}
