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
   * Has H2 take back what nobody had committed when a file was copied under its hands.
   *
   * @throws SQLException it cannot be opened
   */
  static void settle(Path file, String user, String password) throws SQLException {
    open(file, "rw", user, password).close(); // an orderly end, as of the last connection
  }

  /**
   * Opens a database file as it is, without a change to it.
   *
   * @throws SQLException it is no database of Caravel's, or not whole
   */
  static Contents of(Path file, String user, String password) throws SQLException {
    try (Connection connection = open(file, "r", user, password);
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

  private static Connection open(Path file, String access, String user, String password)
      throws SQLException {
    String name = file.toAbsolutePath().toString();
    Properties login = new Properties();
    login.put("user", user);
    login.put("password", password);
    return DriverManager.getConnection(
        "jdbc:h2:"
            + name.substring(0, name.length() - ENDING.length())
            + ";IFEXISTS=TRUE;MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC;ACCESS_MODE_DATA="
            + access,
        login);
  }

  @Override
  public String toString() {
    return "%,d photos, %,d people".formatted(photos, people);
  }
}
