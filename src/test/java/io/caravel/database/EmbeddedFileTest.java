package io.caravel.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.h2.jdbcx.JdbcConnectionPool;
import org.h2.mvstore.MVStoreTool;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class EmbeddedFileTest {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "WRITE_DELAY", "20",
          "RETENTION_TIME", "100",
          "AUTO_COMPACT_FILL_RATE", "82",
          "MAX_COMPACT_TIME", "0");

  @TempDir Path directory;

  @Test
  void aFileBloatedByAnOlderVersionMendsItselfAtRest() throws Exception {
    Path file = directory.resolve("caravel.mv.db");
    bloat("jdbc:h2:async:" + directory.resolve("caravel") + ";WRITE_DELAY=0");
    long before = Files.size(file);
    JdbcConnectionPool pool = pool();
    EmbeddedFile database = new EmbeddedFile(pool, Duration.ofSeconds(30));

    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              while (database.wantsCompacting()) {
                database.compact();
              }
              return Files.size(file) < before / 3;
            });
    long atRest = Files.size(file);
    retentionIsStill(pool, 100);
    try (Connection last = pool.getConnection();
        Statement statement = last.createStatement()) {
      statement.execute("shutdown immediately");
    }
    pool.dispose();

    MVStoreTool.compact(file.toString(), file + ".copy", false);
    assertThat(atRest).isLessThan((long) (1.3 * Files.size(Path.of(file + ".copy"))) + (1 << 20));
    assertThat(before).isGreaterThan(3 * atRest);
  }

  @Test
  void anOrderlyStopLeavesItSmall() throws Exception {
    Path file = directory.resolve("caravel.mv.db");
    bloat("jdbc:h2:async:" + directory.resolve("caravel") + ";WRITE_DELAY=0");
    JdbcConnectionPool pool = pool();

    new EmbeddedFile(pool, Duration.ofSeconds(30)).close();
    pool.dispose();

    MVStoreTool.compact(file.toString(), file + ".copy", false);
    assertThat(Files.size(file))
        .isLessThan((long) (1.3 * Files.size(Path.of(file + ".copy"))) + (1 << 20));
  }

  private JdbcConnectionPool pool() {
    return JdbcConnectionPool.create(
        EmbeddedUrl.of("jdbc:h2:" + directory.resolve("caravel") + ";WRITE_DELAY=0", SETTINGS),
        "sa",
        "");
  }

  /** As many commits as there are rows, each of them in a chunk of its own. */
  private static void bloat(String url) throws SQLException {
    try (Connection old = DriverManager.getConnection(url, "sa", "");
        Statement statement = old.createStatement()) {
      statement.execute("create table rows_of_old (id int primary key, filling varchar)");
      for (int row = 0; row < 3000; row++) {
        statement.execute(
            "insert into rows_of_old values (%d, repeat('%d', 100))".formatted(row, row));
      }
      statement.execute("shutdown immediately");
    } catch (SQLException closed) {
      if (closed.getErrorCode() != 90121) {
        throw closed;
      }
    }
  }

  private static void retentionIsStill(JdbcConnectionPool pool, int milliseconds)
      throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select setting_value from information_schema.settings where setting_name = 'RETENTION_TIME'")) {
      row.next();
      assertThat(row.getString(1)).isEqualTo("" + milliseconds);
    }
  }
}
