package io.caravel.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/**
 * The contract of the HTTP doors, {@code openapi.yaml} in the jar: one document for readers, for
 * the routes and for what may pass the doors. Immutable, so safe to share.
 */
@Component("contract")
public class Contract {
  private static final String SERVED_BY = "x-served-by";

  private final ObjectMapper mapper = new ObjectMapper();
  private final String yaml;
  private final ObjectNode tree;

  public Contract() {
    try {
      yaml = new ClassPathResource("openapi.yaml").getContentAsString(StandardCharsets.UTF_8);
      tree = (ObjectNode) new YAMLMapper().readTree(yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The document as it was written. */
  public String yaml() {
    return yaml;
  }

  /** The same document as JSON. */
  public String json() {
    return write(tree);
  }

  /**
   * The part of the document that Camel routes serve, JSON: files, events and health, marked {@code
   * x-served-by: mvc}, are left out, so that an operation without a route can stop the start.
   */
  public String ofRoutes() {
    return ofRoutes(Set.of());
  }

  /** The same without some operations, by their operationId. */
  public String ofRoutes(Set<String> leftOut) {
    ObjectNode routes = tree.deepCopy();
    for (JsonNode path : routes.path("paths")) {
      ((ObjectNode) path)
          .properties()
          .removeIf(
              verb ->
                  verb.getValue().has(SERVED_BY)
                      || leftOut.contains(verb.getValue().path("operationId").asText()));
    }
    ((ObjectNode) routes.path("paths"))
        .properties()
        .removeIf(path -> path.getValue().findValue("operationId") == null);
    return write(routes);
  }

  /** The operations that routes serve, by their operationId. */
  public List<String> operations() {
    return tree.path("paths").findParents("operationId").stream()
        .filter(operation -> !operation.has(SERVED_BY))
        .map(operation -> operation.path("operationId").asText())
        .toList();
  }

  /** An operation's verb, path and summary in a line; null: there is no such operation. */
  public @Nullable String summary(@Nullable String operationId) {
    for (var path : tree.path("paths").properties()) {
      for (var verb : path.getValue().properties()) {
        if (verb.getValue().path("operationId").asText().equals(operationId)) {
          return "%s %s: %s"
              .formatted(
                  verb.getKey().toUpperCase(Locale.ROOT),
                  path.getKey(),
                  verb.getValue().path("summary").asText());
        }
      }
    }
    return null;
  }

  private String write(JsonNode node) {
    try {
      return mapper.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
