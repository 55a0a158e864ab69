package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** Cameras and places on a MariaDB server. */
@OnMariaDb
class FacetsOnMariaDbTest extends FacetsTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
