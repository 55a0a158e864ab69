package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** What changes is told, on a MySQL server. */
@OnMySql
class ChangesOnMySqlTest extends ChangesTest {
  @BeforeAll
  static void server() {
    MySql.required();
  }
}
