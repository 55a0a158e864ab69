package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** What lies beside photos, on a MariaDB server. */
@OnMariaDb
class SidecarsOnMariaDbTest extends SidecarsTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
