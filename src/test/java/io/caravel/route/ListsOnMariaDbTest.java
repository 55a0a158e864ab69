package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** The lists on a MariaDB server. */
@OnMariaDb
class ListsOnMariaDbTest extends ListsTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
