package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.door.Contract;
import io.caravel.job.ShippedSteps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.yaml.snakeyaml.Yaml;

/** The shipped routes are written as the house writes routes, and what they name exists. */
class RouteLintTest extends FlowTest {

  private final List<Map<?, ?>> routes = new ArrayList<>();
  private final Map<String, Path> files = new TreeMap<>();
  private final List<Map<?, ?>> configurations = new ArrayList<>();
  @Autowired ApplicationContext context;

  RouteLintTest() {
    Map<String, Map<?, ?>> templates = new TreeMap<>();
    try (Stream<Path> all = Files.list(Path.of("routes"))) {
      for (Path file : all.sorted().toList()) {
        Iterable<Map<?, ?>> items = new Yaml().load(Files.readString(file));
        for (Map<?, ?> item : items) {
          if (item.get("route") instanceof Map<?, ?> route) {
            routes.add(route);
            files.put(String.valueOf(route.get("id")), file);
          } else if (item.get("routeConfiguration") instanceof Map<?, ?> configuration) {
            configurations.add(configuration);
          } else if (item.get("routeTemplate") instanceof Map<?, ?> template) {
            assertThat(String.valueOf(template.get("description"))).hasSizeGreaterThan(20);
            templates.put(String.valueOf(template.get("id")), template);
          } else if (item.get("templatedRoute") instanceof Map<?, ?> wanted) {
            Map<?, ?> route =
                made(
                    Objects.requireNonNull(
                        templates.get(String.valueOf(wanted.get("routeTemplateRef")))),
                    wanted);
            routes.add(route);
            files.put(String.valueOf(route.get("id")), file);
          } else {
            assertThat(item.keySet()).as(file.toString()).hasToString("[rest]");
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String step : ShippedSteps.NAMES) {
      ofStep(step, Objects.requireNonNull(templates.get("step")), step);
      ofStep(step + "-commit", Objects.requireNonNull(templates.get("step-commit")), step);
    }
  }

  /** The worker of a step, or its commit, as StepRoutes makes it. */
  private void ofStep(String id, Map<?, ?> template, String step) {
    List<Map<String, String>> parameters = new ArrayList<>();
    parameters.add(Map.of("name", "step", "value", step));
    parameters.add(Map.of("name", "queue", "value", "{{caravel.queue." + step + ".in}}"));
    parameters.add(Map.of("name", "work", "value", "{{caravel.role." + step + "}}"));
    for (String chapter : List.of("before", "lay", "keep", "after")) {
      if (files.containsKey(step + "-" + chapter)) {
        parameters.add(Map.of("name", chapter, "value", step + "-" + chapter));
      }
    }
    routes.add(
        made(template, Map.of("routeId", id, "prefixId", id + "-", "parameters", parameters)));
    files.put(id, Path.of("routes", "step.camel.yaml"));
  }

  /** The route that Camel makes of a template; its description is the contract's. */
  private static Map<?, ?> made(Map<?, ?> template, Map<?, ?> wanted) {
    Map<String, String> values = new TreeMap<>();
    for (Object each : (List<?>) Objects.requireNonNull(template.get("parameters"))) {
      Map<?, ?> parameter = (Map<?, ?>) each;
      if (parameter.containsKey("defaultValue")) {
        values.put(
            String.valueOf(parameter.get("name")), String.valueOf(parameter.get("defaultValue")));
      }
    }
    for (Object each : (List<?>) Objects.requireNonNull(wanted.get("parameters"))) {
      Map<?, ?> parameter = (Map<?, ?>) each;
      values.put(String.valueOf(parameter.get("name")), String.valueOf(parameter.get("value")));
    }
    String id = String.valueOf(wanted.get("routeId"));
    String prefix = String.valueOf(wanted.get("prefixId"));
    Map<String, Object> route = new TreeMap<>();
    ((Map<?, ?>) filled(template.get("route"), values, prefix))
        .forEach((key, value) -> route.put(String.valueOf(key), value));
    route.put("id", id);
    String summary = new Contract().summary(id);
    route.put("description", summary == null ? template.get("description") : summary);
    return route;
  }

  private static Object filled(@Nullable Object node, Map<String, String> values, String prefix) {
    if (node instanceof Map<?, ?> map) {
      Map<String, Object> filled = new TreeMap<>();
      map.forEach(
          (key, value) ->
              filled.put(
                  String.valueOf(key),
                  key.equals("id") ? prefix + value : filled(value, values, prefix)));
      return filled;
    }
    if (node instanceof List<?> list) {
      return list.stream().map(each -> filled(each, values, prefix)).toList();
    }
    String text = String.valueOf(node);
    for (var value : values.entrySet()) {
      text = text.replace("{{" + value.getKey() + "}}", value.getValue());
    }
    return text;
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

  /**
   * Camel's logger is no level of its own for each message: of two threads that fail at the same
   * moment one told its attempt, which is for debugging, at the other's ERROR.
   */
  @Test
  void noFailureIsToldByCamelBesideItsRoute() {
    List<String> told = new ArrayList<>();
    visit(
        configurations,
        (key, value) -> {
          if (key.equals("onException") && value instanceof Map<?, ?> handler) {
            Object policy = handler.get("redeliveryPolicy");
            if (!(policy instanceof Map<?, ?> set)
                || !Boolean.FALSE.equals(set.get("logRetryAttempted"))) {
              told.add(String.valueOf(handler.get("id")));
            }
          }
        });
    assertThat(told).isEmpty();
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
    named.removeAll(Set.of("doors", "failure", "upkeep", "step"));
    assertThat(files.keySet()).containsAll(named);
    for (String step : ShippedSteps.NAMES) {
      assertThat(files.get(step + "-make")).isEqualTo(Path.of("routes", step + ".camel.yaml"));
    }
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
          .flatMap(RouteLintTest::ofEachQueue)
          .forEach(called::add);
    }
    configurations.forEach(
        c -> uris(c).stream().filter(u -> u.startsWith("direct:")).forEach(called::add));
    assertThat(there).containsAll(called);
    JsonNode contract = new ObjectMapper().readTree(new Contract().ofRoutes());
    contract.path("paths").findValuesAsText("operationId").forEach(o -> called.add("direct:" + o));
    called.add("direct:keep-result"); // by steps of the user's
    assertThat(called).containsAll(there);
  }

  private static Stream<String> ofEachQueue(String uri) {
    String queue = "${variable.job.queue}";
    return uri.contains(queue)
        ? ShippedSteps.NAMES.stream().map(name -> uri.replace(queue, name))
        : Stream.of(uri);
  }

  @Test
  void everyOperationOfTheContractHasItsRoute() throws IOException {
    JsonNode contract = new ObjectMapper().readTree(new Contract().ofRoutes());
    List<String> operations = contract.path("paths").findValuesAsText("operationId");
    assertThat(operations).hasSizeGreaterThan(15).doesNotHaveDuplicates();
    assertThat(files.keySet()).containsAll(operations);
  }

  @Test
  void everyDoorAnswersByTheRouteThatSyncsWhatItWrote() throws IOException {
    JsonNode contract = new ObjectMapper().readTree(new Contract().json());
    List<String> writers = new ArrayList<>();
    contract
        .path("paths")
        .forEach(
            path ->
                path.properties().stream()
                    .filter(verb -> verb.getValue().has("operationId"))
                    .filter(verb -> !Set.of("get", "head").contains(verb.getKey()))
                    .forEach(verb -> writers.add(verb.getValue().path("operationId").asText())));
    assertThat(writers).hasSizeGreaterThan(12).doesNotContain("");
    for (String door : writers) {
      assertThat(route(door)).as("%s writes, so a route serves it", door).isNotEmpty();
      assertThat(passed(door))
          .as("%s answers by answer, answer-queued or answer-nothing, which sync first", door)
          .contains("promise", "settle");
    }
    for (String answer : List.of("answer", "answer-nothing")) {
      List<?> steps = (List<?>) Objects.requireNonNull(from(route(answer)).get("steps"));
      assertThat(uris(steps.get(0))).as("first of %s", answer).containsExactly("direct:promise");
    }
  }

  @Test
  void noDoorBesideTheRoutesWrites() {
    context
        .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
        .getHandlerMethods()
        .forEach(
            (mapping, method) -> {
              if (!mapping.getPatternValues().contains("/error")) {
                assertThat(mapping.getMethodsCondition().getMethods())
                    .as("%s: a door that writes is a route, for the routes sync", mapping)
                    .isNotEmpty()
                    .isSubsetOf(RequestMethod.GET, RequestMethod.HEAD);
              }
            });
  }

  private Map<?, ?> route(String id) {
    return routes.stream()
        .filter(each -> id.equals(each.get("id")))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no route " + id));
  }

  /** The routes that a message of this route can pass. */
  private Set<String> passed(String id) {
    Set<String> passed = new TreeSet<>();
    Deque<String> next = new ArrayDeque<>(List.of(id));
    while (!next.isEmpty()) {
      String each = next.pop();
      if (passed.add(each)) {
        uris(Objects.requireNonNull(from(route(each)).get("steps"))).stream()
            .filter(uri -> uri.startsWith("direct:"))
            .forEach(uri -> next.add(uri.substring("direct:".length())));
      }
    }
    return passed;
  }

  @Test
  void idsAreUniqueAndStepsAreNamedAfterTheirRoute() {
    List<String> ids = new ArrayList<>();
    for (Map<?, ?> route : routes) {
      String id = String.valueOf(route.get("id"));
      ids.add(id);
      // keep, make and commit are chapters of one story: their steps may carry its name.
      String story = id.replaceFirst("-(before|make|lay|keep|after|commit|one|each)$", "");
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
            if (Set.of("split", "filter", "policy", "idempotentConsumer", "doTry", "otherwise")
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
  void nothingIsTimedByAClockThatMayBeSet() {
    for (Map<?, ?> route : routes) {
      // java.util.Timer, behind timer:, goes by the time of day: set back, it stands; set ahead,
      // all that is "late" runs at
      // once. The throttle's period too.
      assertThat(uris(from(route))).noneMatch(uri -> uri.startsWith("timer:"));
      visit(route, (key, value) -> assertThat(key).isNotEqualTo("timePeriodMillis"));
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
    // the templates' own
    named.removeAll(Set.of("door", "ask", "what", "answer"));
    named.removeAll(Set.of("step", "queue", "work", "before", "lay", "keep", "after"));
    for (String name : named) {
      String value = environment.getProperty(name);
      assertThat(value).as(name).isNotNull();
      if (String.valueOf(value).matches("\\d+")) {
        assertThat(name).matches(".*-(ms|seconds|minutes|days|times|mb|bytes)|.*\\.zoom");
      }
    }
  }

  /** The text of a parameter is read by Camel once more: null, quotation marks and dollars. */
  @Test
  void noTextOfACallerIsPutIntoTheTextOfABeansParameters() {
    for (Object each : all()) {
      visit(
          each,
          (key, value) -> {
            if (key.equals("method") && value instanceof String text) {
              assertThat(text)
                  .doesNotContain("${header.id}", "${header.queue}", "${header.q}", "asked[")
                  .doesNotContainPattern("asked\\.(?!id\\})");
            }
          });
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
