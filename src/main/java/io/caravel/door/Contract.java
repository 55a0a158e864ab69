package io.caravel.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
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
    ObjectNode routes = tree.deepCopy();
    for (JsonNode path : routes.path("paths")) {
      ((ObjectNode) path).properties().removeIf(verb -> verb.getValue().has(SERVED_BY));
    }
    ((ObjectNode) routes.path("paths"))
        .properties()
        .removeIf(path -> path.getValue().findValue("operationId") == null);
    return write(routes);
  }

  /** The names of all query parameters, as written: what else a query says is nobody's business. */
  public Set<String> queryParameters() {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (JsonNode parameter : tree.findParents("in")) {
      if ("query".equals(parameter.path("in").asText())) {
        names.add(parameter.path("name").asText());
      }
    }
    return names;
  }

  private String write(JsonNode node) {
    try {
      return mapper.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
