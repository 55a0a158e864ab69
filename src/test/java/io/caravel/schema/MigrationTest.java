package io.caravel.schema;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.caravel.server.MariaDbNode;
import io.caravel.server.MySqlServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ClassPathResource;

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
  void makeTheSameTablesAndColumnsOnMySqlWithoutAWarningOfFlyway() throws SQLException {
    MySqlServer mySql = MySqlServer.required();
    String url = mySql.createDatabase();
    migrate(EMBEDDED.replace("migration", "like-mysql"), "sa", "");

    assertThat(warnings(() -> migrate(url, mySql.user(), mySql.password()))).isEmpty();

    assertThat(columns(url, mySql.user(), mySql.password()))
        .isEqualTo(columns(EMBEDDED.replace("migration", "like-mysql"), "sa", ""));
    goOnAfterAKill(mySql.createDatabase(), mySql.user(), mySql.password());
    findable(mySql.createDatabase(), mySql.user(), mySql.password());
    queued(mySql.createDatabase(), mySql.user(), mySql.password());
  }

  /** What a start would show of Flyway's warnings, such as of a server that is newer than it. */
  private static List<String> warnings(Runnable work) {
    Logger flyway = (Logger) LoggerFactory.getLogger("org.flywaydb");
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.start();
    flyway.addAppender(told);
    try {
      work.run();
    } finally {
      flyway.detachAppender(told);
    }
    return told.list.stream()
        .filter(each -> each.getLevel().isGreaterOrEqual(shown(each.getLoggerName())))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  /** From which level on the program's log shows what a class says. */
  private static Level shown(String logger) {
    YamlPropertiesFactoryBean settings = new YamlPropertiesFactoryBean();
    settings.setResources(new ClassPathResource("application.yaml"));
    return Level.toLevel(
        Objects.requireNonNull(settings.getObject()).getProperty("logging.level." + logger),
        Level.WARN);
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
  void queueTheMetadataOfAllPhotosOnceInTheLowestLaneAndNothingElse() throws SQLException {
    MariaDbNode mariaDb = MariaDbNode.shared();
    String embedded = EMBEDDED.replace("migration", "again") + ";DATABASE_TO_LOWER=TRUE";
    queued(mariaDb.createDatabase(), mariaDb.user(), mariaDb.password());
    queued(embedded, "sa", "");
  }

  private static void queued(String url, String user, String password) throws SQLException {
    Flyway.configure().dataSource(url, user, password).target("10").load().migrate();
    try (Connection connection = DriverManager.getConnection(url, user, password);
        var statement = connection.createStatement()) {
      statement.execute(
          "insert into images"
              + " (id, sha256, filename, mime_type, bytes, source_disk, source_path, source_filename, taken_at, dated_at)"
              + " values (1, '01', 'Été.jpg', 'image/jpeg', 1, 'private', 'aa', '01.jpg', '2020-01-02', '2020-01-02'),"
              + " (2, '02', 'b.jpg', 'image/jpeg', 1, 'private', 'aa', '02.jpg', null, '2026-01-02')");
      statement.execute(
          "insert into image_text (image_id, filename) values (1, 'Été.jpg'), (2, 'b.jpg')");
      statement.execute(
          "insert into jobs (image_id, queue, job_key, data, state, run) values"
              + " (1, 'metadata', 'a', '{}', 'done', 2), (2, 'metadata', 'b', '{}', 'queued', 1),"
              + " (1, 'thumbnails', 'c', '{}', 'done', 1), (2, 'faces', 'd', '{}', 'failed', 1)");
      statement.execute(
          "insert into places (latitude, longitude, found, name) values (48.2, 16.3, true, 'Zürich')");

      migrate(url, user, password);

      assertThat(rows(statement, "select job_key, state, run, lane from jobs order by job_key"))
          .containsExactly("a queued 3 3", "b queued 1 0", "c done 1 0", "d failed 1 0");
      assertThat(
              rows(
                  statement,
                  "select id, taken_at, extract(year from dated_at) from images order by id"))
          .containsExactly("1 2020-01-02 00:00:00 2020", "2 null 1000");
      assertThat(rows(statement, "select words from image_text order by image_id"))
          .containsExactly("ete.jpg", "b.jpg");
      assertThat(rows(statement, "select folded, language from places")).containsExactly("zurich ");
      statement.execute(
          "insert into places (latitude, longitude, language, found) values (48.2, 16.3, 'de', true)");
    }
  }

  private static List<String> rows(Statement statement, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (ResultSet found = statement.executeQuery(sql)) {
      while (found.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
          row.add(String.valueOf(found.getString(i)).replaceAll("\\.0+$", ""));
        }
        rows.add(String.join(" ", row));
      }
    }
    return rows;
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
