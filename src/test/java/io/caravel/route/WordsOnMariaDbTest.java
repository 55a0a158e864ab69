package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** The words on a MariaDB server. */
@OnMariaDb
class WordsOnMariaDbTest extends WordsTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
