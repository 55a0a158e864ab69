package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** The faces to review on a MariaDB server. */
@OnMariaDb
class FacesToReviewOnMariaDbTest extends FacesToReviewTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
