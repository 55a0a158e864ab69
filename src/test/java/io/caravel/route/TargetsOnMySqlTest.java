package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** Copies of thumbnails, on a MySQL server. */
@OnMySql
class TargetsOnMySqlTest extends TargetsTest {
  @BeforeAll
  static void server() {
    MySql.required();
  }
}
