package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** The photos on a MariaDB server. */
@OnMariaDb
class PhotosOnMariaDbTest extends PhotosTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
