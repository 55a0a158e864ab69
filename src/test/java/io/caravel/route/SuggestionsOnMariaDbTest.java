package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** Whom faces are thought to be, on a MariaDB server. */
@OnMariaDb
class SuggestionsOnMariaDbTest extends SuggestionsTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
