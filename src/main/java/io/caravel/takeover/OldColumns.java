package io.caravel.takeover;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of the old table images say what: known by their usual names, or named by {@code
 * --column what=NAME}.
 */
final class OldColumns {
  private static final Map<String, List<String>> USUAL =
      new TreeMap<>(
          Map.of(
              "disk", List.of("source_disk", "disk"),
              "path", List.of("source_path", "path", "directory"),
              "file", List.of("source_filename", "filename", "file_name", "file"),
              "name", List.of("original_name", "original_filename"),
              "metadata", List.of("metadata", "exif"),
              "address", List.of("address")));

  private static final List<String> SELF = List.of("id", "created_at", "updated_at", "deleted_at");

  private final Map<String, String> named = new TreeMap<>();
  private final List<String> there;

  /**
   * @param there the columns that the table has
   * @param asked what and column
   * @throws OldTrouble one that was asked for is not there, or none holds the file's name
   */
  OldColumns(List<String> there, Map<String, String> asked) {
    this.there = there;
    asked.forEach(
        (what, column) -> {
          if (!USUAL.containsKey(what)) {
            throw new OldTrouble(
                "--column knows no \"%s\": it takes %s."
                    .formatted(what, String.join(", ", USUAL.keySet())));
          }
          if (!there.contains(column)) {
            throw new OldTrouble(
                "The table images has no column %s: it has %s."
                    .formatted(column, String.join(", ", there)));
          }
        });
    USUAL.forEach(
        (what, names) -> {
          String column =
              asked.getOrDefault(
                  what, names.stream().filter(there::contains).findFirst().orElse(null));
          if (column != null) {
            named.put(what, column);
          }
        });
    if (!there.contains("id") || !named.containsKey("file")) {
      throw new OldTrouble(
          "The table images has no column known to hold the %s; it has %s%s"
              .formatted(
                  there.contains("id") ? "file's name" : "id",
                  there.isEmpty() ? "none" : String.join(", ", there),
                  there.contains("id") ? ": name it by --column file=NAME." : "."));
    }
  }

  /** All that are read. */
  List<String> read() {
    List<String> all = new ArrayList<>(named.values());
    SELF.stream().filter(there::contains).forEach(all::add);
    return all.stream().distinct().toList();
  }

  /** Those of the table that nothing is taken of. */
  List<String> left() {
    List<String> read = read();
    return there.stream().filter(column -> !read.contains(column)).toList();
  }

  /** The column that says it; null: none does. */
  @Nullable String column(String what) {
    return named.get(what);
  }

  /** The value of a row; null where there is none. */
  @Nullable String of(OldRow row, String what) {
    return row.text(column(what));
  }

  /** As {@link #of}, or this where there is none. */
  String of(OldRow row, String what, String otherwise) {
    return Objects.requireNonNullElse(of(row, what), otherwise);
  }
}
