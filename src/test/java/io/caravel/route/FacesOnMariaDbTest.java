package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** The faces on a MariaDB server. */
@OnMariaDb
class FacesOnMariaDbTest extends FacesTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
