package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** Copies of thumbnails, with the tables on a MariaDB server. */
@OnMariaDb
class TargetsOnMariaDbTest extends TargetsTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
