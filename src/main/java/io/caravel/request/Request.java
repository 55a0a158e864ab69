package io.caravel.request;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks of a door: the parameters that the contract declares for its operation, each
 * from its declared place and of its declared type, and the body. All of it fits the contract.
 * Immutable.
 *
 * @param parameters by name, as String, Long, Double or Boolean; those that were not sent have
 *     their declared default, or are not in it
 * @param body JSON; null: none
 * @param who the log-in's name; {@code local} where there is no log-in
 */
public record Request(Map<String, Object> parameters, @Nullable JsonNode body, String who) {
  public Request {
    parameters = Map.copyOf(parameters);
  }

  /** The path's {@code id}, which is 1 or more. */
  public long id() {
    Long id = number("id");
    if (id == null) {
      throw new IllegalStateException("The contract declares no id for this operation");
    }
    return id;
  }

  /** Of the page that is asked for, from 0. */
  public int page() {
    return count("page");
  }

  /** How many items a page is to have. */
  public int size() {
    return count("size");
  }

  /** How many items there are on the pages before the one that is asked for. */
  public long offset() {
    return (long) page() * size();
  }

  private int count(String name) {
    Long count = number(name);
    if (count == null) {
      throw new IllegalStateException("The contract has no default for " + name);
    }
    return Math.toIntExact(count);
  }

  /** A parameter of type string, exactly as it was sent; null: it was not. */
  public @Nullable String text(String name) {
    return (String) parameters.get(name);
  }

  /** A parameter of type integer; null: it was not sent. */
  public @Nullable Long number(String name) {
    return (Long) parameters.get(name);
  }

  /** A parameter of type boolean; null: it was not sent. */
  public @Nullable Boolean flag(String name) {
    return (Boolean) parameters.get(name);
  }

  /** Whether a parameter of type boolean is true; one that was not sent is not. */
  public boolean is(String name) {
    return Boolean.TRUE.equals(flag(name));
  }
}
