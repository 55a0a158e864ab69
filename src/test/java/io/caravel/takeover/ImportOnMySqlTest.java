package io.caravel.takeover;

import io.caravel.server.MySqlServer;
import java.util.Map;

/** The same into a MySQL server's database. */
class ImportOnMySqlTest extends ImportTest {
  @Override
  void settings(Map<String, String> settings) {
    MySqlServer server = MySqlServer.required();
    settings.put("caravel.db.url", server.createDatabase());
    settings.put("caravel.db.user", server.user());
    settings.put("caravel.db.password", server.password());
  }

  @Override
  String truth() {
    return "1";
  }
}
