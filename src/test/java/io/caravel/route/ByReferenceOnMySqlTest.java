package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** Photos by reference, on a MySQL server. */
@OnMySql
class ByReferenceOnMySqlTest extends ByReferenceTest {
  @BeforeAll
  static void server() {
    MySql.required();
  }
}
