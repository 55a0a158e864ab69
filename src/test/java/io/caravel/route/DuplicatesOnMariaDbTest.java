package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** Duplicates on a MariaDB server. */
@OnMariaDb
class DuplicatesOnMariaDbTest extends DuplicatesTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
