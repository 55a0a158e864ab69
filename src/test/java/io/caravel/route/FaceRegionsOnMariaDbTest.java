package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** The faces that metadata name, on a MariaDB server. */
@OnMariaDb
class FaceRegionsOnMariaDbTest extends FaceRegionsTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
