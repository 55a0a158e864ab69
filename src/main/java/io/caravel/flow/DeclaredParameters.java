package io.caravel.flow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * The parameters that the contract declares for each operation, read from their declared places.
 */
final class DeclaredParameters {
  private record Parameter(String name, String in, String type, @Nullable Object otherwise) {}

  private record Operation(String id, String verb, PathPattern path, List<Parameter> parameters) {}

  /**
   * What was found in a request.
   *
   * @param operation the operationId
   */
  record Found(String operation, Map<String, Object> parameters) {}

  private final List<Operation> operations = new ArrayList<>();

  /**
   * @param contract an OpenAPI document, JSON
   */
  DeclaredParameters(String contract) {
    try {
      JsonNode document = new ObjectMapper().readTree(contract);
      for (var path : document.path("paths").properties()) {
        PathPattern pattern = PathPatternParser.defaultInstance.parse(path.getKey());
        for (var verb : path.getValue().properties()) {
          if (verb.getValue().has("operationId")) {
            List<Parameter> parameters = new ArrayList<>();
            add(document, path.getValue().path("parameters"), parameters);
            add(document, verb.getValue().path("parameters"), parameters);
            operations.add(
                new Operation(
                    verb.getValue().path("operationId").asText(),
                    verb.getKey().toUpperCase(Locale.ROOT),
                    pattern,
                    parameters));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    operations.sort(Comparator.comparing(Operation::path, PathPattern.SPECIFICITY_COMPARATOR));
  }

  private static void add(JsonNode document, JsonNode declared, List<Parameter> parameters) {
    for (JsonNode each : declared) {
      JsonNode parameter = resolved(document, each);
      JsonNode schema = resolved(document, parameter.path("schema"));
      String type = schema.path("type").asText();
      parameters.add(
          new Parameter(
              parameter.path("name").asText(),
              parameter.path("in").asText(),
              type,
              schema.has("default") ? value(type, schema.path("default").asText()) : null));
    }
  }

  private static JsonNode resolved(JsonNode document, JsonNode node) {
    String reference = node.path("$ref").asText();
    return reference.isEmpty() ? node : document.at(reference.substring(1));
  }

  /**
   * The parameters of a request that fits the contract; null: it is of no operation.
   *
   * @param path as it was sent, without the query
   * @param header a header's value by its name, or null
   */
  @Nullable Found read(
      String method,
      String path,
      Map<String, String> query,
      UnaryOperator<@Nullable String> header) {
    PathContainer segments =
        PathContainer.parsePath(path.length() > 1 ? path.replaceFirst("/$", "") : path);
    for (Operation operation : operations) {
      PathPattern.PathMatchInfo match =
          operation.verb().equals(method) ? operation.path().matchAndExtract(segments) : null;
      if (match != null) {
        Map<String, Object> values = new HashMap<>();
        for (Parameter parameter : operation.parameters()) {
          String name = parameter.name();
          String sent =
              switch (parameter.in()) {
                case "path" -> match.getUriVariables().get(name);
                case "query" -> query.get(name);
                default -> header.apply(name);
              };
          Object value = sent == null ? parameter.otherwise() : value(parameter.type(), sent);
          if (value != null) {
            values.put(name, value);
          }
        }
        return new Found(operation.id(), values);
      }
    }
    return null;
  }

  private static Object value(String type, String text) {
    return switch (type) {
      case "integer" -> Long.valueOf(text);
      case "number" -> Double.valueOf(text);
      case "boolean" -> Boolean.valueOf(text);
      default -> text;
    };
  }
}
