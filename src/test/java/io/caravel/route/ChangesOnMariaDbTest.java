package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** What changes is told, on a MariaDB server. */
@OnMariaDb
class ChangesOnMariaDbTest extends ChangesTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
