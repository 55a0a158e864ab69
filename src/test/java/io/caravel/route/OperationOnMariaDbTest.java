package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** The same with a MariaDB server. */
@OnMariaDb
class OperationOnMariaDbTest extends OperationTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }

  @Override
  boolean isEmbedded() {
    return false;
  }
}
