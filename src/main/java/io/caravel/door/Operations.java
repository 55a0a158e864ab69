package io.caravel.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;

/** Which operation of the contract a request asks for. Immutable. */
final class Operations {
  private record Operation(String id, String method, String template, Pattern path) {
    long variables() {
      return template.chars().filter(letter -> letter == '{').count();
    }
  }

  private final List<Operation> operations = new ArrayList<>();

  /**
   * @param contract the OpenAPI document, JSON
   */
  Operations(String contract) {
    try {
      new ObjectMapper()
          .readTree(contract)
          .path("paths")
          .properties()
          .forEach(path -> path.getValue().properties().forEach(verb -> add(path.getKey(), verb)));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
    operations.sort(Comparator.comparing(Operation::variables)); // a name before a variable
  }

  private void add(String path, java.util.Map.Entry<String, JsonNode> verb) {
    if (verb.getValue().has("operationId")) {
      operations.add(
          new Operation(
              verb.getValue().path("operationId").asText(),
              verb.getKey().toUpperCase(Locale.ROOT),
              path,
              Pattern.compile(path.replaceAll("\\{[^}]*}", "[^/]+"))));
    }
  }

  /** All operationIds. */
  Set<String> ids() {
    return operations.stream().map(Operation::id).collect(Collectors.toUnmodifiableSet());
  }

  /**
   * The operationId; null: the contract has none for this.
   *
   * @param path as it was sent
   */
  @Nullable String of(String method, String path) {
    String verb = method.equals("HEAD") ? "GET" : method;
    String decoded = UriUtils.decode(path, StandardCharsets.UTF_8);
    return operations.stream()
        .filter(each -> each.method().equals(verb) && each.path().matcher(decoded).matches())
        .map(Operation::id)
        .findFirst()
        .orElse(null);
  }
}
