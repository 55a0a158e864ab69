package io.caravel.flow;

import io.caravel.job.Steps;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * The file of a step of the user's, looked at before Camel reads it: what a step may hold, told
 * with file and line. This keeps mistakes out, not malice: whoever writes the file has Caravel do
 * whatever Caravel can do.
 */
final class StepFile {
  private static final Set<String> CHAPTERS = Set.of("before", "make", "lay", "keep", "after");

  /** What a step may do; each ends on its own thread, and ends. */
  private static final Set<String> STEPS =
      Set.of(
          "to",
          "bean",
          "setBody",
          "setHeader",
          "setHeaders",
          "setVariable",
          "setVariables",
          "setProperty",
          "removeHeader",
          "removeHeaders",
          "removeVariable",
          "removeProperty",
          "removeProperties",
          "convertBodyTo",
          "transform",
          "marshal",
          "unmarshal",
          "choice",
          "filter",
          "split",
          "loop",
          "doTry",
          "throwException",
          "throttle",
          "delay",
          "validate",
          "log");

  private static final Set<String> SCHEMES =
      Set.of("direct", "http", "https", "exec", "file", "log", "sql");

  /** By which a mistake runs any Java, or leaves the thread and the limit of the job. */
  private static final Set<String> FORBIDDEN =
      Set.of(
          "beanType",
          "type",
          "commandExecutor",
          "onException",
          "errorHandler",
          "routeConfigurationId",
          "groovy",
          "java",
          "joor",
          "js",
          "language",
          "mvel",
          "ognl",
          "python",
          "spel",
          "csimple",
          "parallelProcessing",
          "executorService",
          "asyncDelayed");

  private static final Pattern CALLS = Pattern.compile("\\$\\{(bean:|camelContext|ref:|type:)");

  private final Path file;
  private final String step;
  private final Duration limit;
  private final Set<String> programs;
  private final Map<String, Integer> routes = new LinkedHashMap<>();
  private final Map<String, Integer> called = new HashMap<>();
  private String about = "";
  private @Nullable SequenceNode document;

  /** What is wrong with a file, as a sentence with file and line. */
  static final class Unfit extends RuntimeException {
    Unfit(String sentence) {
      super(sentence);
    }
  }

  private StepFile(Path file, String step, Duration limit, Set<String> programs) {
    this.file = file;
    this.step = step;
    this.limit = limit;
    this.programs = programs;
  }

  /**
   * @param limit that its make has
   * @param programs that it may run
   * @throws Unfit it holds what a step may not
   */
  static StepFile read(Path file, String step, Duration limit, Set<String> programs) {
    StepFile read = new StepFile(file, step, limit, programs);
    try {
      read.check(Files.readString(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new Unfit("%s cannot be read (%s).".formatted(file, e));
    }
    return read;
  }

  /** What its make says of itself; empty: nothing. */
  String about() {
    return about;
  }

  String step() {
    return step;
  }

  /** Its YAML; whoever changes it has it alone. */
  SequenceNode document() {
    return Objects.requireNonNull(document);
  }

  /** The ids of its routes. */
  Set<String> routes() {
    return routes.keySet();
  }

  private void check(String text) {
    Node root;
    try {
      root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine();
      throw unfit(line, "it is no YAML: " + e.getProblem() + ".");
    }
    if (!(root instanceof SequenceNode routes) || routes.getValue().isEmpty()) {
      throw unfit(root == null ? 0 : line(root), "a step's file is a list of routes: - route: …");
    }
    document = routes;
    for (Node each : routes.getValue()) {
      NodeTuple only = only(each);
      if (!text(only.getKeyNode()).equals("route")) {
        throw unfit(
            line(each),
            "a step's file holds routes alone, and this is a %s."
                .formatted(text(only.getKeyNode())));
      }
      route(map(only.getValueNode(), "route"));
    }
    if (!this.routes.containsKey(step + "-make")) {
      throw unfit(0, "the route %s-make is missing: it does the step's work.".formatted(step));
    }
    called.forEach(
        (id, line) -> {
          if (!this.routes.containsKey(id) && !id.equals("keep-result")) {
            throw unfit(
                line,
                "direct:%s is no route of this file: a step calls its own chapters, and keep-result."
                    .formatted(id));
          }
        });
  }

  private void route(MappingNode route) {
    Node id = value(route, "id");
    if (id == null) {
      throw unfit(line(route), "a route has an id: %s-make.".formatted(step));
    }
    String name = text(id);
    if (!name.startsWith(step + "-") || !CHAPTERS.contains(name.substring(step.length() + 1))) {
      throw unfit(
          line(id),
          "the route must be called %1$s-make, -before, -lay, -keep or -after, not %2$s."
              .formatted(step, name));
    }
    if (routes.put(name, line(id)) != null) {
      throw unfit(line(id), "there are two routes %s.".formatted(name));
    }
    for (NodeTuple each : route.getValue()) {
      String key = text(each.getKeyNode());
      if (!Set.of("id", "description", "note", "from").contains(key)) {
        throw unfit(
            line(each.getKeyNode()),
            "a step's route has id, description, note and from, and no %s: what fails is booked by its worker."
                .formatted(key));
      }
    }
    Node description = value(route, "description");
    if (name.endsWith("-make") && description != null) {
      about = text(description);
    }
    Node from = value(route, "from");
    if (from == null) {
      throw unfit(line(route), "the route %s has no from.".formatted(name));
    }
    MappingNode begin = map(from, "from");
    Node uri = value(begin, "uri");
    String starts = uri == null ? "nothing" : whole(text(uri), value(begin, "parameters"));
    if (!starts.equals("direct:" + name)) {
      throw unfit(
          line(uri == null ? begin : uri),
          "the route %1$s begins with direct:%1$s, not with %2$s.".formatted(name, starts));
    }
    Node steps = value(begin, "steps");
    if (steps == null) {
      throw unfit(line(begin), "the route %s has no steps.".formatted(name));
    }
    steps(steps);
  }

  private void steps(Node steps) {
    if (!(steps instanceof SequenceNode list)) {
      throw unfit(line(steps), "steps is a list.");
    }
    for (Node each : list.getValue()) {
      NodeTuple only = only(each);
      String what = text(only.getKeyNode());
      if (!STEPS.contains(what)) {
        throw unfit(
            line(only.getKeyNode()),
            "%s has no place in a step: there are %s."
                .formatted(what, String.join(", ", new TreeSet<>(STEPS))));
      }
      if (what.equals("to")) {
        to(only.getValueNode());
      }
      inside(what, only.getValueNode());
    }
  }

  private void inside(String name, Node node) {
    if (node instanceof MappingNode map) {
      for (NodeTuple each : map.getValue()) {
        String key = text(each.getKeyNode());
        if (FORBIDDEN.contains(key) && !(key.equals("type") && name.equals("convertBodyTo"))) {
          throw unfit(line(each.getKeyNode()), "%s has no place in a step.".formatted(key));
        }
        if (key.equals("steps")) {
          steps(each.getValueNode());
        } else {
          if (key.equals("ref")
              && Set.of("bean", "method").contains(name)
              && !text(each.getValueNode()).equals("fail")) {
            throw unfit(
                line(each.getValueNode()),
                "a step calls no bean of Caravel's but fail, and this is %s."
                    .formatted(text(each.getValueNode())));
          }
          inside(key, each.getValueNode());
        }
      }
    } else if (node instanceof SequenceNode list) {
      list.getValue().forEach(each -> inside(name, each));
    } else {
      Matcher call = CALLS.matcher(text(node));
      if (call.find()) {
        throw unfit(line(node), "%s…} has no place in a step.".formatted(call.group()));
      }
    }
  }

  private void to(Node to) {
    Node uri = to instanceof MappingNode map ? value(map, "uri") : to;
    if (uri == null) {
      throw unfit(line(to), "to has no uri.");
    }
    Node parameters = to instanceof MappingNode map ? value(map, "parameters") : null;
    String whole = whole(text(uri), parameters);
    String scheme = scheme(whole);
    if (!SCHEMES.contains(scheme)) {
      throw unfit(
          line(uri),
          "a step goes to %s, and this is %s."
              .formatted(String.join(", ", new TreeSet<>(SCHEMES)), whole));
    }
    String rest = whole.substring(Math.min(whole.length(), scheme.length() + 1));
    String target = rest.replaceFirst("\\?.*$", "");
    if (scheme.equals("direct")) {
      called.putIfAbsent(target, line(uri));
    } else if (scheme.equals("exec")) {
      program(target, line(uri));
    } else if (scheme.startsWith("http")) {
      requireResponseTimeout(rest, parameters, line(uri));
    }
  }

  /** Of a URI, which may go on over lines. */
  static String scheme(String uri) {
    int colon = uri.indexOf(':');
    return colon < 0 ? uri : uri.substring(0, colon);
  }

  /** A literal program is named here; a computed one when it is to be run. */
  private void program(String program, int line) {
    if (!program.contains("{{") && !program.contains("${") && !programs.contains(program)) {
      throw unfit(
          line,
          "the step runs the program %s, which CARAVEL_PROGRAMS does not name (%s)."
              .formatted(
                  program, programs.isEmpty() ? "it names none" : String.join(", ", programs)));
    }
  }

  /** What reads a socket does not heed the interrupt at its limit: its thread would be lost. */
  private void requireResponseTimeout(String rest, @Nullable Node parameters, int line) {
    Node set = parameters instanceof MappingNode map ? value(map, "responseTimeout") : null;
    Matcher inUri = Pattern.compile("[?&]responseTimeout=([^&]*)").matcher(rest);
    String value = set != null ? text(set) : inUri.find() ? inUri.group(1) : "";
    if (!value.matches("[1-9][0-9]{0,8}") || Long.parseLong(value) >= limit.toMillis()) {
      throw unfit(
          line,
          "give http a responseTimeout in ms, less than the %d s that a job of the step has (%s)."
              .formatted(limit.toSeconds(), Steps.variable(step, "limit-seconds")));
    }
  }

  /** As one URI; Kaoto writes {@code direct} and the name among the parameters. */
  private static String whole(String uri, @Nullable Node parameters) {
    Node name = parameters instanceof MappingNode map ? value(map, "name") : null;
    return uri.equals("direct") && name != null ? "direct:" + text(name) : uri;
  }

  private NodeTuple only(Node node) {
    if (node instanceof MappingNode map && map.getValue().size() == 1) {
      return map.getValue().get(0);
    }
    throw unfit(line(node), "here one thing with its name is wanted: - to: …");
  }

  private MappingNode map(Node node, String what) {
    if (node instanceof MappingNode map) {
      return map;
    }
    throw unfit(line(node), "%s is to have parts of its own.".formatted(what));
  }

  private static @Nullable Node value(MappingNode map, String key) {
    return map.getValue().stream()
        .filter(each -> text(each.getKeyNode()).equals(key))
        .map(NodeTuple::getValueNode)
        .findFirst()
        .orElse(null);
  }

  private static String text(Node node) {
    return node instanceof ScalarNode scalar
        ? Objects.requireNonNullElse(scalar.getValue(), "")
        : "";
  }

  private static int line(Node node) {
    return node.getStartMark().getLine();
  }

  private Unfit unfit(int line, String what) {
    return new Unfit("%s, line %d: %s".formatted(file, line + 1, what));
  }
}
