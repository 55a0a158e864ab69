package io.caravel.route;

import io.caravel.server.MariaDbNode;
import org.jspecify.annotations.Nullable;

/** The database of the tests {@link OnMariaDb}. */
final class MariaDb {
  private static @Nullable String url;

  private MariaDb() {}

  /** Starts the server if need be; the test is skipped where there is none. */
  static synchronized void required() {
    MariaDbNode node = MariaDbNode.shared();
    if (url == null) {
      url = node.createDatabase();
      System.setProperty("test.mariadb", url);
      System.setProperty("test.mariadb-user", node.user());
      System.setProperty("test.mariadb-password", node.password());
    }
  }
}
