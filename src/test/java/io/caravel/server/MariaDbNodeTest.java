package io.caravel.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class MariaDbNodeTest {
  @Test
  void keepsACommittedRowOverAKill() throws SQLException {
    try (MariaDbNode node = new MariaDbNode()) {
      node.start();
      String url = node.createDatabase();
      execute(node, url, "create table photos (filename varchar(100))");
      execute(node, url, "insert into photos values ('plage 🏖.jpg')");

      node.kill9();
      node.start();

      assertThat(first(node, url, "select filename from photos")).isEqualTo("plage 🏖.jpg");
    }
  }

  @Test
  void givesEachCallerADatabaseOfItsOwn() throws SQLException {
    MariaDbNode node = MariaDbNode.shared();
    String one = node.createDatabase();
    String other = node.createDatabase();

    execute(node, one, "create table photos (id int)");
    execute(node, other, "create table photos (id int)");
    execute(node, one, "insert into photos values (1)");

    assertThat(first(node, other, "select count(*) from photos")).isEqualTo("0");
  }

  private static void execute(MariaDbNode node, String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, node.user(), node.password());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String first(MariaDbNode node, String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, node.user(), node.password());
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
