package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** What people decide, on a MariaDB server. */
@OnMariaDb
class ReviewOnMariaDbTest extends ReviewTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
