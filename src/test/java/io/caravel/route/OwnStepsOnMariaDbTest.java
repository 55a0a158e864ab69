package io.caravel.route;

import org.junit.jupiter.api.BeforeAll;
import org.springframework.test.context.TestPropertySource;

/** Steps of the user's, with the tables on a MariaDB server of their own. */
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/own-steps-mariadb",
      "caravel.db.url=${test.own-steps-mariadb}",
      "caravel.db.user=${test.mariadb-user}",
      "caravel.db.password=${test.mariadb-password}"
    })
class OwnStepsOnMariaDbTest extends OwnStepsTest {
  @BeforeAll
  static void server() {
    MariaDb.required();
    System.setProperty(
        "test.own-steps-mariadb", io.caravel.server.MariaDbNode.shared().createDatabase());
  }
}
