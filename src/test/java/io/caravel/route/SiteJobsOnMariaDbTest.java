package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** Jobs as the site names them, on a MariaDB server. */
@OnMariaDb
class SiteJobsOnMariaDbTest extends SiteJobsTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
