package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** What the site writes into the rows of faces by SQL, on a MySQL server. */
@OnMySql
class SiteWritesOnMySqlTest extends SiteWritesOnMariaDbTest {
  /** In place of the other's of that name. */
  @BeforeAll
  static void server() {
    MySql.required();
  }
}
