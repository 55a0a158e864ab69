package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** Photos by reference, on a MariaDB server. */
@OnMariaDb
class ByReferenceOnMariaDbTest extends ByReferenceTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
