package io.caravel.metadata;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** ExifTool's JSON as it is kept: without the path and dates of our copy, and of limited size. */
final class StoredJson {
  /** Of UTF-8: 1 MiB. */
  static final int MOST_BYTES = 1 << 20;

  /** Names what was left out, largest first, when it was too much. */
  static final String MARKER = "Caravel:Truncated";

  private static final int MARKER_BYTES = 16_384;
  private static final int NAMED = 50;
  private static final int LONGEST_NAME = 100;

  private StoredJson() {}

  static String of(ObjectNode said) {
    ObjectNode kept = said.deepCopy();
    kept.properties().removeIf(field -> isOurs(field.getKey()));
    String whole = kept.toString();
    return bytes(whole) <= MOST_BYTES ? whole : truncated(kept).toString();
  }

  private static boolean isOurs(String name) {
    return name.equals("SourceFile") || name.startsWith("System:");
  }

  private record Entry(String name, int bytes) {}

  private static ObjectNode truncated(ObjectNode kept) {
    // What was left out before, since it was too long to be heard at all.
    ArrayNode marker = kept.remove(MARKER) instanceof ArrayNode told ? told : kept.arrayNode();
    List<Entry> entries = new ArrayList<>();
    int left = 2;
    for (Map.Entry<String, JsonNode> field : kept.properties()) {
      // The quotes and escapes of the name: measured as JSON, like the value.
      int bytes =
          bytes(kept.textNode(field.getKey()).toString()) + bytes(field.getValue().toString()) + 2;
      entries.add(new Entry(field.getKey(), bytes));
      left += bytes;
    }
    entries.sort(Comparator.comparingInt(Entry::bytes).reversed());
    int out = 0;
    while (left > MOST_BYTES - MARKER_BYTES) {
      Entry largest = entries.get(out++);
      kept.remove(largest.name());
      left -= largest.bytes();
      if (out <= NAMED) {
        marker.add("%s (%d bytes)".formatted(cut(largest.name()), largest.bytes()));
      }
    }
    if (out > NAMED) {
      marker.add("and %d more".formatted(out - NAMED));
    }
    kept.set(MARKER, marker);
    return kept;
  }

  private static String cut(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
