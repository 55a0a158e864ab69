package io.caravel.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.server.MariaDbNode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** The migrations on the embedded database and on MariaDB. */
class MigrationTest {
  private static final String EMBEDDED =
      "jdbc:h2:mem:migration;DB_CLOSE_DELAY=-1;MODE=MySQL;TIME ZONE=UTC";

  @Test
  void makeTheSameTablesAndColumnsOnBothDatabases() throws SQLException {
    MariaDbNode mariaDb = MariaDbNode.shared();
    String url = mariaDb.createDatabase();
    migrate(url, mariaDb.user(), mariaDb.password());
    migrate(EMBEDDED, "sa", "");

    assertThat(columns(url, mariaDb.user(), mariaDb.password()))
        .contains("images.sha256 not null", "jobs.error null")
        .isEqualTo(columns(EMBEDDED, "sa", ""));
  }

  @Test
  void goOnWhereAKillInTheFirstStartLeftThem() throws SQLException {
    MariaDbNode mariaDb = MariaDbNode.shared();
    String embedded = EMBEDDED.replace("migration", "interrupted") + ";DATABASE_TO_LOWER=TRUE";
    goOnAfterAKill(mariaDb.createDatabase(), mariaDb.user(), mariaDb.password());
    goOnAfterAKill(embedded, "sa", "");
  }

  /** As a kill leaves it: the first tables made, the rest not, and no migration noted. */
  private static void goOnAfterAKill(String url, String user, String password) throws SQLException {
    migrate(url, user, password);
    Set<String> whole = columns(url, user, password);
    try (Connection connection = DriverManager.getConnection(url, user, password);
        var statement = connection.createStatement()) {
      statement.execute("delete from flyway_schema_history");
      statement.execute("drop table geocoder_slot");
      statement.execute("drop table journey");
    }

    migrate(url, user, password);

    assertThat(columns(url, user, password)).isEqualTo(whole);
    try (Connection connection = DriverManager.getConnection(url, user, password);
        var statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select count(*) from queues")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getInt(1)).isEqualTo(4);
    }
  }

  @Test
  void makeThePhotosThatAreThereFindableByText() throws SQLException {
    MariaDbNode mariaDb = MariaDbNode.shared();
    String embedded = EMBEDDED.replace("migration", "texts") + ";DATABASE_TO_LOWER=TRUE";
    findable(mariaDb.createDatabase(), mariaDb.user(), mariaDb.password());
    findable(embedded, "sa", "");
  }

  private static void findable(String url, String user, String password) throws SQLException {
    Flyway.configure().dataSource(url, user, password).target("2").load().migrate();
    try (Connection connection = DriverManager.getConnection(url, user, password);
        var statement = connection.createStatement()) {
      statement.execute(
          "insert into images"
              + " (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename, camera_model)"
              + " values ('00', 'Été.jpg', 'image/jpeg', 1, 'private', 'aa', '00.jpg', 'Pixel 7')");

      migrate(url, user, password);

      try (ResultSet rows = statement.executeQuery("select * from image_text")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString("filename")).isEqualTo("Été.jpg");
        assertThat(rows.getString("camera_make")).isNull();
        assertThat(rows.getString("camera_model")).isEqualTo("Pixel 7");
      }
    }
  }

  @Test
  void keepAnEmojiInAFileNameEvenInADatabaseMadeAsLatin1() throws SQLException {
    MariaDbNode mariaDb = MariaDbNode.shared();
    String url = mariaDb.createDatabase("latin1");
    migrate(url, mariaDb.user(), mariaDb.password());

    try (Connection connection =
        DriverManager.getConnection(url, mariaDb.user(), mariaDb.password())) {
      try (var insert =
          connection.prepareStatement(
              "insert into images"
                  + " (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)"
                  + " values ('00', ?, 'image/jpeg', 1, 'private', 'aa', '00.jpg')")) {
        insert.setString(1, "été 🏖️ 写真.jpg");
        insert.executeUpdate();
      }
      try (var statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("select filename from images")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("été 🏖️ 写真.jpg");
      }
    }
  }

  private static void migrate(String url, String user, String password) {
    Flyway.configure().dataSource(url, user, password).load().migrate();
  }

  /** Lines such as "images.sha256 not null". */
  private static Set<String> columns(String url, String user, String password) throws SQLException {
    Set<String> columns = new TreeSet<>();
    try (Connection connection = DriverManager.getConnection(url, user, password);
        var statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select table_name, column_name, is_nullable from information_schema.columns"
                    + " where lower(table_schema) in (lower(database()), 'public')")) {
      while (rows.next()) {
        String table = rows.getString(1).toLowerCase(Locale.ROOT);
        if (!table.startsWith("flyway")) {
          columns.add(
              table
                  + "."
                  + rows.getString(2).toLowerCase(Locale.ROOT)
                  + ("YES".equals(rows.getString(3)) ? " null" : " not null"));
        }
      }
    }
    return columns;
  }
}
