package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** Jobs as the site names them, on a MySQL server. */
@OnMySql
class SiteJobsOnMySqlTest extends SiteJobsTest {
  @BeforeAll
  static void server() {
    MySql.required();
  }
}
