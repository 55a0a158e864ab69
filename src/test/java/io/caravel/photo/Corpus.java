package io.caravel.photo;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Real photos, kept beside the project and never in it. Tests skip where they are absent. */
public final class Corpus {
  private Corpus() {}

  /** The corpus's directory, or the end of the test as skipped. */
  public static Path directory() {
    String named =
        Optional.ofNullable(System.getProperty("CARAVEL_CORPUS"))
            .orElse(System.getenv().getOrDefault("CARAVEL_CORPUS", "../shared/corpus"));
    Path directory = Path.of(named);
    assumeTrue(
        Files.isRegularFile(directory.resolve("manifest.csv")),
        "no corpus of photos at "
            + directory.toAbsolutePath()
            + ": CARAVEL_CORPUS names another place");
    return directory;
  }

  /** The manifest's rows: values by column, of all files. */
  public static List<Map<String, String>> manifest() {
    try {
      List<String> lines = Files.readAllLines(directory().resolve("manifest.csv"));
      List<String> columns = cells(lines.get(0));
      List<Map<String, String>> rows = new ArrayList<>();
      for (String line : lines.subList(1, lines.size())) {
        List<String> cells = cells(line);
        Map<String, String> row = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
          row.put(columns.get(i), cells.get(i));
        }
        rows.add(row);
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    char before = ',';
    for (char each : (line + ",").toCharArray()) {
      if (each == '"') {
        quoted = !quoted;
        if (quoted && before == '"') {
          cell.append(each); // a doubled one is one of the text
        }
      } else if (each == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(each);
      }
      before = each;
    }
    return cells;
  }
}
