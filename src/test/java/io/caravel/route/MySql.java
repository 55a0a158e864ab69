package io.caravel.route;

import io.caravel.server.MySqlServer;
import org.jspecify.annotations.Nullable;

/** The database of the tests {@link OnMySql}. */
final class MySql {
  private static @Nullable String url;

  private MySql() {}

  /** The test is skipped where CARAVEL_TEST_MYSQL names no server. */
  static synchronized void required() {
    MySqlServer server = MySqlServer.required();
    if (url == null) {
      url = server.createDatabase();
      System.setProperty("test.mysql", url);
      System.setProperty("test.mysql-user", server.user());
      System.setProperty("test.mysql-password", server.password());
    }
  }
}
