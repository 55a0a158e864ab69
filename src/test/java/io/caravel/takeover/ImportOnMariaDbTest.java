package io.caravel.takeover;

import io.caravel.server.MariaDbNode;
import java.util.Map;

/** The same into a MariaDB server's database. */
class ImportOnMariaDbTest extends ImportTest {
  @Override
  void settings(Map<String, String> settings) {
    MariaDbNode node = MariaDbNode.shared();
    settings.put("caravel.db.url", node.createDatabase());
    settings.put("caravel.db.user", node.user());
    settings.put("caravel.db.password", node.password());
  }

  @Override
  String truth() {
    return "1";
  }
}
