package io.caravel.flow;

import java.util.List;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** What routes do, as a text that stays the same while only what they say of themselves changes. */
final class RouteText {
  private static final Set<String> SAID = Set.of("id", "description", "note");

  private RouteText() {}

  /** Of the chapters of a step that a document holds, in the order in which they are done. */
  static String of(Node document, String step) {
    StringBuilder text = new StringBuilder();
    for (String chapter : List.of("before", "make", "lay", "keep", "after")) {
      text.append(of(document, step, chapter));
    }
    return text.toString();
  }

  /** Of one chapter; empty: the document does not hold it. */
  static String of(Node document, String step, String chapter) {
    StringBuilder text = new StringBuilder();
    if (document instanceof SequenceNode items) {
      for (Node item : items.getValue()) {
        if (value(item, "route") instanceof MappingNode route
            && value(route, "id") instanceof ScalarNode id
            && id.getValue().equals(step + "-" + chapter)) {
          write(route, text);
        }
      }
    }
    return text.toString();
  }

  private static Object value(Node node, String key) {
    if (node instanceof MappingNode map) {
      for (NodeTuple each : map.getValue()) {
        if (each.getKeyNode() instanceof ScalarNode name && name.getValue().equals(key)) {
          return each.getValueNode();
        }
      }
    }
    return "";
  }

  private static void write(Node node, StringBuilder text) {
    if (node instanceof MappingNode map) {
      text.append('{');
      for (NodeTuple each : map.getValue()) {
        if (!(each.getKeyNode() instanceof ScalarNode name && SAID.contains(name.getValue()))) {
          write(each.getKeyNode(), text);
          text.append(':');
          write(each.getValueNode(), text);
        }
      }
      text.append('}');
    } else if (node instanceof SequenceNode list) {
      text.append('[');
      list.getValue().forEach(each -> write(each, text));
      text.append(']');
    } else if (node instanceof ScalarNode scalar) {
      text.append('"').append(scalar.getValue()).append('"');
    }
  }
}
