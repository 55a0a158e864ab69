package io.caravel.takeover;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A dump of mysqldump or mariadb-dump, read as a stream and without a server: the rows of the
 * tables that are asked for are handed on, everything else is read over. It is read through once
 * when it is opened, so that one that is cut off is refused before anything is done.
 */
final class SqlDump implements OldTables {
  private static final Set<String> BEFORE_THE_NAME =
      Set.of("INTO", "IGNORE", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY");
  private static final Set<String> NO_COLUMN =
      Set.of(
          "PRIMARY",
          "UNIQUE",
          "KEY",
          "INDEX",
          "FULLTEXT",
          "SPATIAL",
          "CONSTRAINT",
          "FOREIGN",
          "CHECK",
          "PERIOD");

  private final Path file;
  private final Map<String, List<String>> columns = new HashMap<>();
  private final Map<String, Long> counts = new HashMap<>();
  private boolean utc;
  private boolean completed;

  SqlDump(Path file) {
    this.file = file;
    walk(NAMES, List.of(), (table, row) -> counts.merge(table, 1L, Long::sum));
  }

  @Override
  public List<String> columns(String table) {
    return columns.getOrDefault(table, List.of());
  }

  @Override
  public long count(String table) {
    return counts.getOrDefault(table, 0L);
  }

  @Override
  public void read(
      String table, List<String> wanted, @Nullable LocalDateTime since, Consumer<OldRow> rows) {
    walk(
        Set.of(table),
        wanted,
        (name, row) -> {
          LocalDateTime updated = since == null ? null : row.time("updated_at");
          if (since == null || updated != null && !updated.isBefore(since)) {
            rows.accept(row);
          }
        });
  }

  @Override
  public List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    if (!utc) {
      remarks.add(
          "The dump does not say that its times are UTC (mysqldump does, unless --skip-tz-utc): they are taken for it.");
    }
    if (!completed) {
      remarks.add(
          "The dump does not end with \"Dump completed\": see that it is whole, should it not come from mysqldump.");
    }
    return remarks;
  }

  @Override
  public void close() {}

  /** Takes a row of a table. */
  private interface Rows {
    void take(String table, OldRow row);
  }

  private void walk(Set<String> tables, List<String> wanted, Rows rows) {
    try (InputStream in = open();
        SqlBytes sql = new SqlBytes(in)) {
      for (sql.blank(); sql.peek() >= 0; sql.blank()) {
        statement(sql, tables, wanted, rows);
      }
      completed = sql.lastComment().startsWith("Dump completed");
    } catch (IOException e) {
      throw new OldTrouble(
          "The dump %s cannot be read (%s): look at its name and its rights."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private InputStream open() throws IOException {
    InputStream in = Files.newInputStream(file);
    return file.toString().endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in;
  }

  private void statement(SqlBytes sql, Set<String> tables, List<String> wanted, Rows rows) {
    switch (sql.word().toUpperCase(Locale.ROOT)) {
      case "INSERT", "REPLACE" -> insert(sql, tables, wanted, rows);
      case "CREATE" -> create(sql);
      case "SET" -> set(sql);
      case "DELIMITER" -> program(sql);
      default -> sql.skipStatement();
    }
  }

  /** The body of a trigger or a procedure holds statements that are not the dump's. */
  private static void program(SqlBytes sql) {
    if (sql.restOfLine().strip().equals(";")) {
      return;
    }
    while (sql.peek() >= 0) {
      String line = sql.restOfLine().strip();
      if (line.regionMatches(true, 0, "DELIMITER", 0, "DELIMITER".length())
          && line.substring("DELIMITER".length()).strip().equals(";")) {
        return;
      }
    }
  }

  private void set(SqlBytes sql) {
    String name = sql.word();
    if (name.equalsIgnoreCase("NAMES")) {
      sql.charset(sql.word().toLowerCase(Locale.ROOT));
    } else if (name.equalsIgnoreCase("TIME_ZONE") && sql.accept('=') && sql.peek() == '\'') {
      String zone = sql.value(true);
      utc = utc || zone != null && Set.of("+00:00", "UTC").contains(zone);
    }
    sql.skipStatement();
  }

  private void create(SqlBytes sql) {
    if (!sql.word().equalsIgnoreCase("TABLE")) {
      sql.skipStatement();
      return;
    }
    String name = sql.word();
    if (name.equalsIgnoreCase("IF")) {
      sql.word(); // not
      sql.word(); // exists
      name = sql.word();
    }
    name = unqualified(sql, name);
    if (NAMES.contains(name) && sql.accept('(')) {
      List<String> found = new ArrayList<>();
      do {
        sql.blank();
        boolean named = sql.peek() == '`';
        String column = sql.word();
        if (named || !NO_COLUMN.contains(column.toUpperCase(Locale.ROOT))) {
          found.add(column);
        }
        sql.skipUntil(",)");
      } while (sql.accept(','));
      columns.put(name, found);
    }
    sql.skipStatement();
  }

  private static String unqualified(SqlBytes sql, String name) {
    return sql.accept('.') ? sql.word() : name;
  }

  private void insert(SqlBytes sql, Set<String> tables, List<String> wanted, Rows rows) {
    sql.blank();
    boolean named = sql.peek() == '`';
    String name = sql.word();
    while (!named && BEFORE_THE_NAME.contains(name.toUpperCase(Locale.ROOT))) {
      sql.blank();
      named = sql.peek() == '`';
      name = sql.word();
    }
    name = unqualified(sql, name);
    if (!tables.contains(name)) {
      sql.skipStatement();
      return;
    }
    List<String> order = columns.getOrDefault(name, List.of());
    if (sql.accept('(')) {
      order = new ArrayList<>();
      do {
        order.add(sql.word());
      } while (sql.accept(','));
      sql.expect(')');
      columns.putIfAbsent(name, order);
    }
    if (!sql.word().toUpperCase(Locale.ROOT).startsWith("VALUE") || order.isEmpty()) {
      throw new OldTrouble(
          "The dump does not say in line %d which columns of %s it fills: make it with mysqldump, which writes the tables, too."
              .formatted(sql.line(), name));
    }
    rows(sql, name, order, wanted, rows);
  }

  private static void rows(
      SqlBytes sql, String table, List<String> order, List<String> wanted, Rows rows) {
    List<String> kept = order.stream().filter(wanted::contains).toList();
    do {
      sql.expect('(');
      @Nullable String[] values = new @Nullable String[kept.size()];
      for (int column = 0, index = 0; column < order.size(); column++) {
        if (column > 0) {
          sql.expect(',');
        }
        boolean isWanted = wanted.contains(order.get(column));
        String value = sql.value(isWanted);
        if (isWanted) {
          values[index++] = value;
        }
      }
      sql.expect(')');
      rows.take(table, new OldRow(kept, values));
    } while (sql.accept(','));
    sql.blank();
    if (sql.peek() < 0) {
      throw sql.cutOff();
    }
    sql.skipStatement();
  }
}
