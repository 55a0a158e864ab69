package io.caravel.flow;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.ServiceStatus;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The before and the make of a step's file as routes of other names, beside those of the step that
 * works; without what writes. They are there until this is closed.
 */
final class RehearsedRoutes implements AutoCloseable {
  private static final String REHEARSED = "rehearsed-";
  private static final Set<String> WRITES = Set.of("file", "sql");

  private final ModelCamelContext camel;
  private final String step;
  private final boolean hasBefore;
  private final List<String> ids = new ArrayList<>();

  /**
   * @throws Exception Camel cannot use them; nothing is left of them then
   */
  RehearsedRoutes(CamelContext camel, StepFile file) throws Exception {
    this.camel = (ModelCamelContext) camel;
    this.step = file.step();
    this.hasBefore = file.routes().contains(step + "-before");
    ids.add(REHEARSED + step + "-make");
    if (hasBefore) {
      ids.add(REHEARSED + step + "-before");
    }
    Resource text = ResourceHelper.fromString(REHEARSED + step + ".camel.yaml", rehearsed(file));
    try {
      for (RoutesBuilder routes : PluginHelper.getRoutesLoader(camel).findRoutesBuilders(text)) {
        camel.addRoutes(routes);
      }
      for (String id : ids) { // with a broker, routes that come later are not started
        if (camel.getRouteController().getRouteStatus(id) != ServiceStatus.Started) {
          camel.getRouteController().startRoute(id);
        }
      }
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  String make() {
    return "direct:" + REHEARSED + step + "-make";
  }

  Optional<String> before() {
    return hasBefore ? Optional.of("direct:" + REHEARSED + step + "-before") : Optional.empty();
  }

  @Override
  public void close() {
    for (String id : ids) {
      RouteDefinition route = camel.getRouteDefinition(id);
      if (route != null) {
        try {
          camel.removeRouteDefinition(route);
        } catch (Exception e) {
          throw new IllegalStateException("The route " + id + " cannot be removed", e);
        }
      }
    }
  }

  private String rehearsed(StepFile file) {
    SequenceNode routes = file.document();
    routes
        .getValue()
        .removeIf(
            each -> {
              MappingNode route = (MappingNode) value((MappingNode) each, "route");
              String id = ((ScalarNode) value(route, "id")).getValue();
              return !id.endsWith("-make") && !id.endsWith("-before");
            });
    for (Node each : routes.getValue()) {
      MappingNode route = (MappingNode) value((MappingNode) each, "route");
      route.getValue().add(new NodeTuple(scalar("routeConfigurationId"), scalar("caller-decides")));
      rename(route);
    }
    StringWriter text = new StringWriter();
    new Yaml().serialize(routes, text);
    return text.toString();
  }

  private void rename(Node node) {
    if (node instanceof SequenceNode list) {
      list.getValue().forEach(this::rename);
    } else if (node instanceof MappingNode map) {
      List<NodeTuple> renamed = new ArrayList<>();
      for (NodeTuple each : map.getValue()) {
        String key = ((ScalarNode) each.getKeyNode()).getValue();
        if (each.getValueNode() instanceof ScalarNode value
            && List.of("id", "uri", "to", "name").contains(key)) {
          renamed.add(new NodeTuple(each.getKeyNode(), scalar(renamed(key, value.getValue()))));
        } else {
          rename(each.getValueNode());
          renamed.add(each);
        }
      }
      map.setValue(renamed);
    }
  }

  private String renamed(String key, String value) {
    if (key.equals("id")) {
      return REHEARSED + value;
    }
    if (key.equals("name")) {
      return value.startsWith(step + "-") ? REHEARSED + value : value; // Kaoto's direct
    }
    if (WRITES.contains(StepFile.scheme(value))) {
      return "direct:nothing";
    }
    return value.startsWith("direct:" + step + "-")
        ? "direct:" + REHEARSED + value.substring("direct:".length())
        : value;
  }

  private static Node value(MappingNode map, String key) {
    return map.getValue().stream()
        .filter(each -> ((ScalarNode) each.getKeyNode()).getValue().equals(key))
        .map(NodeTuple::getValueNode)
        .findFirst()
        .orElseThrow();
  }

  private static Node scalar(String text) {
    return new ScalarNode(Tag.STR, text, null, null, ScalarStyle.DOUBLE_QUOTED);
  }
}
