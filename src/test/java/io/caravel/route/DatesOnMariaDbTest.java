package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** The dates on a MariaDB server. */
@OnMariaDb
class DatesOnMariaDbTest extends DatesTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
