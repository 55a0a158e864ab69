package io.caravel.route;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A table with a head line; fields in quotes may hold commas and doubled quotes. */
final class Csv {
  private Csv() {}

  static List<Map<String, String>> read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    List<String> head = fields(lines.get(0));
    List<Map<String, String>> rows = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      List<String> fields = fields(line);
      Map<String, String> row = new HashMap<>();
      for (int column = 0; column < head.size(); column++) {
        row.put(head.get(column), fields.get(column));
      }
      rows.add(row);
    }
    return rows;
  }

  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (char letter : line.toCharArray()) {
      if (letter == '"') {
        quoted = !quoted;
        if (quoted && field.length() > 0) {
          field.append('"');
        }
      } else if (letter == ',' && !quoted) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(letter);
      }
    }
    fields.add(field.toString());
    return fields;
  }
}
