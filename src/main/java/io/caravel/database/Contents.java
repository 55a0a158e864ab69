package io.caravel.database;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * What a copy of the database holds.
 *
 * @param photos outside the trash
 * @param people that have a name
 */
record Contents(long photos, long people) {
  private static final String ENDING = ".mv.db";

  /**
   * Opens a database file as it is, without a change to it.
   *
   * @throws SQLException it is no database of Caravel's, or not whole
   */
  static Contents of(Path file, String user, String password) throws SQLException {
    String name = file.toAbsolutePath().toString();
    Properties login = new Properties();
    login.put("user", user);
    login.put("password", password);
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:h2:"
                    + name.substring(0, name.length() - ENDING.length())
                    + ";IFEXISTS=TRUE;ACCESS_MODE_DATA=r;MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC",
                login);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select (select count(*) from images where deleted_at is null),
                  (select count(distinct name) from faces where status = 'ok' and deleted_at is null)
                """)) {
      row.next();
      return new Contents(row.getLong(1), row.getLong(2));
    }
  }

  @Override
  public String toString() {
    return "%,d photos, %,d people".formatted(photos, people);
  }
}
