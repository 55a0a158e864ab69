package io.caravel.takeover;

import io.caravel.server.MySqlServer;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** The same for a site whose tables are on MySQL. */
class ExportOnMySqlTest extends ExportTest {
  @Override
  SingleConnectionDataSource database() {
    MySqlServer server = MySqlServer.required();
    return new SingleConnectionDataSource(
        server.createDatabase(), server.user(), server.password(), true);
  }
}
