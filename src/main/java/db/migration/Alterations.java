package db.migration;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/**
 * What a migration changes, each only if it is not so yet: MySQL knows no {@code if not exists} for
 * columns and indexes, and after a kill a migration runs again.
 */
final class Alterations {
  private final Connection database;

  Alterations(Connection database) {
    this.database = database;
  }

  /**
   * @param columns the table and its columns: {@code jobs (image_id, state)}
   */
  void index(String name, String columns) throws SQLException {
    if (!hasIndex(name, columns.substring(0, columns.indexOf(' ')))) {
      run("create index " + name + " on " + columns);
    }
  }

  void dropIndex(String name, String table) throws SQLException {
    if (hasIndex(name, table)) {
      run("alter table " + table + " drop index " + name);
    }
  }

  void column(String table, String name, String type) throws SQLException {
    if (!hasColumn(table, name)) {
      run("alter table " + table + " add column " + name + " " + type);
    }
  }

  void run(String sql) throws SQLException {
    try (Statement statement = database.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * A constraint that holds a table's rows apart.
   *
   * @param columns that no two rows have alike
   */
  void unique(String table, String name, String columns) throws SQLException {
    if (!hasConstraint(name)) {
      run("alter table " + table + " add constraint " + name + " unique (" + columns + ")");
    }
  }

  void dropUnique(String table, String name) throws SQLException {
    if (hasConstraint(name)) {
      run("alter table " + table + " drop constraint " + name);
    }
  }

  /** Of a server alone. */
  void foreignKey(String table, String name, String definition) throws SQLException {
    if (!hasConstraint(name)) {
      run("alter table " + table + " add constraint " + name + " " + definition);
    }
  }

  /** Of a server alone. */
  void dropForeignKey(String table, String name) throws SQLException {
    if (hasConstraint(name)) {
      run("alter table " + table + " drop foreign key " + name);
    }
  }

  private boolean hasConstraint(String name) throws SQLException {
    try (PreparedStatement asked =
        database.prepareStatement(
            "select 1 from information_schema.table_constraints where lower(constraint_name) = ?"
                + " and lower(table_schema) in (lower(database()), 'public')")) {
      asked.setString(1, name);
      try (ResultSet rows = asked.executeQuery()) {
        return rows.next();
      }
    }
  }

  private boolean hasIndex(String index, String table) throws SQLException {
    DatabaseMetaData about = database.getMetaData();
    for (String name : new String[] {table, table.toUpperCase(Locale.ROOT)}) {
      try (ResultSet rows =
          about.getIndexInfo(database.getCatalog(), database.getSchema(), name, false, true)) {
        if (has(rows, "INDEX_NAME", index)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean hasColumn(String table, String column) throws SQLException {
    DatabaseMetaData about = database.getMetaData();
    for (String name : new String[] {table, table.toUpperCase(Locale.ROOT)}) {
      try (ResultSet rows =
          about.getColumns(database.getCatalog(), database.getSchema(), name, null)) {
        if (has(rows, "COLUMN_NAME", column)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean has(ResultSet rows, String label, String sought) throws SQLException {
    while (rows.next()) {
      if (sought.equalsIgnoreCase(rows.getString(label))) {
        return true;
      }
    }
    return false;
  }
}
