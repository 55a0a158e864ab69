package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.door.Contract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.yaml.snakeyaml.Yaml;

/** The shipped routes are written as the house writes routes, and what they name exists. */
class RouteLintTest extends FlowTest {

  private final List<Map<?, ?>> routes = new ArrayList<>();
  private final Map<String, Path> files = new java.util.TreeMap<>();
  private final List<Map<?, ?>> configurations = new ArrayList<>();
  @Autowired ApplicationContext context;

  RouteLintTest() {
    try (Stream<Path> all = Files.list(Path.of("routes"))) {
      for (Path file : all.sorted().toList()) {
        Iterable<Map<?, ?>> items = new Yaml().load(Files.readString(file));
        for (Map<?, ?> item : items) {
          if (item.get("route") instanceof Map<?, ?> route) {
            routes.add(route);
            files.put(String.valueOf(route.get("id")), file);
          } else if (item.get("routeConfiguration") instanceof Map<?, ?> configuration) {
            configurations.add(configuration);
          } else {
            assertThat(item.keySet()).as(file.toString()).hasToString("[rest]");
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Visits each key with its value, however deep. */
  private static void visit(Object node, BiConsumer<String, Object> visitor) {
    if (node instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> {
            visitor.accept(String.valueOf(key), value);
            visit(value, visitor);
          });
    } else if (node instanceof List<?> list) {
      list.forEach(each -> visit(each, visitor));
    }
  }

  private static List<String> uris(Object node) {
    List<String> uris = new ArrayList<>();
    visit(
        node,
        (key, value) -> {
          if (key.equals("uri")) {
            uris.add(String.valueOf(value));
          }
        });
    return uris;
  }

  private static Map<?, ?> from(Map<?, ?> route) {
    return (Map<?, ?>) Objects.requireNonNull(route.get("from"));
  }

  private List<Object> all() {
    List<Object> all = new ArrayList<>(routes);
    all.addAll(configurations);
    return all;
  }

  @Test
  void everyRouteHasIdDescriptionAndAnErrorHandlingThatExists() {
    Set<String> known = new HashSet<>();
    configurations.forEach(each -> known.add(String.valueOf(each.get("id"))));
    assertThat(routes).hasSizeGreaterThan(30);
    for (Map<?, ?> route : routes) {
      String id = String.valueOf(route.get("id"));
      assertThat(id).matches("[a-z][a-zA-Z-]*");
      assertThat(String.valueOf(route.get("description"))).as(id).hasSizeGreaterThan(20);
      assertThat(route.get("routeConfigurationId")).as(id).isIn(known);
    }
    for (Map<?, ?> configuration : configurations) {
      assertThat(String.valueOf(configuration.get("description"))).hasSizeGreaterThan(20);
      assertThat(routes)
          .as("a route handled by " + configuration.get("id"))
          .anyMatch(r -> Objects.equals(configuration.get("id"), r.get("routeConfigurationId")));
    }
  }

  @Test
  void allErrorHandlingIsInFailure() throws IOException {
    for (Path file : new HashSet<>(files.values())) {
      if (!file.endsWith("failure.camel.yaml")) {
        assertThat(Files.readString(file))
            .as(file.toString())
            .doesNotContain("errorHandler:", "onException:", "redeliveryPolicy:");
      }
    }
  }

  @Test
  void aRouteFileHoldsTheRouteItIsNamedAfter() {
    Set<String> named = new TreeSet<>();
    files.values().forEach(f -> named.add(f.getFileName().toString().replace(".camel.yaml", "")));
    named.removeAll(Set.of("doors", "failure", "upkeep"));
    assertThat(files.keySet()).containsAll(named);
  }

  @Test
  void directEndpointsExistAndAreCalled() throws IOException {
    Set<String> there = new TreeSet<>();
    Set<String> called = new TreeSet<>();
    for (Map<?, ?> route : routes) {
      String from = String.valueOf(from(route).get("uri"));
      if (from.startsWith("direct:")) {
        assertThat(from).isEqualTo("direct:" + route.get("id"));
        there.add(from);
      }
      uris(Objects.requireNonNull(from(route).get("steps"))).stream()
          .filter(uri -> uri.startsWith("direct:"))
          .forEach(called::add);
    }
    configurations.forEach(
        c -> uris(c).stream().filter(u -> u.startsWith("direct:")).forEach(called::add));
    assertThat(there).containsAll(called);
    JsonNode contract = new ObjectMapper().readTree(new Contract().ofRoutes());
    contract.path("paths").findValuesAsText("operationId").forEach(o -> called.add("direct:" + o));
    assertThat(called).containsAll(there);
  }

  @Test
  void everyOperationOfTheContractHasItsRoute() throws IOException {
    JsonNode contract = new ObjectMapper().readTree(new Contract().ofRoutes());
    List<String> operations = contract.path("paths").findValuesAsText("operationId");
    assertThat(operations).hasSizeGreaterThan(15).doesNotHaveDuplicates();
    assertThat(files.keySet()).containsAll(operations);
  }

  @Test
  void idsAreUniqueAndStepsAreNamedAfterTheirRoute() {
    List<String> ids = new ArrayList<>();
    for (Map<?, ?> route : routes) {
      String id = String.valueOf(route.get("id"));
      ids.add(id);
      // keep, make and commit are chapters of one story: their steps may carry its name.
      String story = id.replaceFirst("-(make|keep|commit|one|each)$", "");
      visit(
          from(route),
          (key, value) -> {
            if (key.equals("id")) {
              assertThat(String.valueOf(value)).as(id).startsWith(story + "-");
              ids.add(String.valueOf(value));
            }
          });
    }
    configurations.forEach(
        c ->
            visit(
                c,
                (key, value) -> {
                  if (key.equals("id")) {
                    ids.add(String.valueOf(value));
                  }
                }));
    assertThat(ids).doesNotHaveDuplicates();
  }

  @Test
  void everyStepHasAnIdAndEveryBlockItsSteps() {
    for (Object each : all()) {
      visit(
          each,
          (key, value) -> {
            if (key.equals("steps")) {
              for (Object step : (List<?>) value) {
                Map.Entry<?, ?> only = ((Map<?, ?>) step).entrySet().iterator().next();
                assertThat(only.getValue()).as(String.valueOf(step)).isInstanceOf(Map.class);
                assertThat(((Map<?, ?>) only.getValue()).containsKey("id"))
                    .as("id of " + step)
                    .isTrue();
              }
            }
            if (Set.of("split", "policy", "idempotentConsumer", "doTry", "otherwise")
                .contains(key)) {
              assertThat(((Map<?, ?>) value).containsKey("steps")).as("steps of " + value).isTrue();
            }
          });
    }
  }

  @Test
  void endpointsHoldNoLiteralNumberAddressOrPath() {
    // What a queue's own design fixes, and no owner should turn: the window in front of a worker.
    Set<String> fixed =
        Set.of("size", "repeatCount", "maxMessagesPerPoll", "initialDelay", "delay");
    Pattern number = Pattern.compile("[?&]([A-Za-z.]+)=(\\d+)");
    for (Object each : all()) {
      for (String uri : uris(each)) {
        Matcher numbers = number.matcher(uri);
        while (numbers.find()) {
          assertThat(fixed).as(uri).contains(numbers.group(1));
        }
        assertThat(uri).as("address").doesNotContain("://");
        if (uri.startsWith("file:")) {
          assertThat(uri).startsWith("file:{{");
        }
        if (uri.startsWith("sql:")) {
          assertThat(uri).startsWith("sql:classpath:sql/");
        }
      }
    }
  }

  @Test
  void placeholdersExistAndSayTheirUnit() throws IOException {
    Pattern placeholder = Pattern.compile("\\{\\{([^}]+)}}");
    Set<String> named = new TreeSet<>();
    for (Path file : new HashSet<>(files.values())) {
      Matcher matcher = placeholder.matcher(Files.readString(file));
      while (matcher.find()) {
        named.add(matcher.group(1));
      }
    }
    assertThat(named).isNotEmpty();
    for (String name : named) {
      String value = environment.getProperty(name);
      assertThat(value).as(name).isNotNull();
      if (String.valueOf(value).matches("\\d+")) {
        assertThat(name).matches(".*-(ms|seconds|minutes|days|times|mb|bytes)|.*\\.zoom");
      }
    }
  }

  @Test
  void beansExist() {
    Set<String> beans = new TreeSet<>();
    for (Object each : all()) {
      visit(
          each,
          (key, value) -> {
            if (key.equals("ref")) {
              beans.add(String.valueOf(value));
            } else if (key.equals("beanType")) {
              assertThat(type(String.valueOf(value))).isNotNull();
            } else if (value instanceof String text) {
              Matcher hash = Pattern.compile("#([A-Za-z]+)").matcher(text);
              while (!key.matches("description|note|message") && hash.find()) {
                beans.add(hash.group(1));
              }
            }
          });
    }
    assertThat(beans).contains("jobs", "keepKeys", "exifToolExecutor", "settledFiles");
    for (String bean : beans) {
      assertThat(context.containsBean(bean)).as(bean).isTrue();
    }
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void parametersHaveNoDotsForYamlLosesThem() {
    for (Object each : all()) {
      visit(
          each,
          (key, value) -> {
            if (key.equals("parameters")) {
              ((Map<?, ?>) value)
                  .keySet()
                  .forEach(name -> assertThat(String.valueOf(name)).doesNotContain("."));
            }
          });
    }
  }

  @Test
  void camelsOwnTransactedIsNotUsed() throws IOException {
    // Its error handler marks what failed as dealt with: no caller tries again (see
    // OneTransaction).
    for (Path file : new HashSet<>(files.values())) {
      assertThat(Files.readString(file)).as(file.toString()).doesNotContain("transacted:");
    }
  }
}
