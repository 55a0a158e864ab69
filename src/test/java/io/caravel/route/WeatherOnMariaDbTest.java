package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;

/** Weather with the queues on a MariaDB server. */
@OnMariaDb
class WeatherOnMariaDbTest extends WeatherTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
  }
}
