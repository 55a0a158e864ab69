package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** The queues on a MariaDB server. */
@OnMariaDb
class QueueOnMariaDbTest extends QueueTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
