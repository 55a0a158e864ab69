package io.caravel.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What mysqldump and mariadb-dump write, read without a server. */
class SqlDumpTest {
  private static final String TABLE =
      """
      CREATE TABLE `images` (
        `id` bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s; (an) id',
        `file` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT NULL,
        `kind` enum('a','b)') NOT NULL DEFAULT 'a',
        PRIMARY KEY (`id`),
        UNIQUE KEY `images_file_unique` (`file`(20)),
        CONSTRAINT `c` FOREIGN KEY (`id`) REFERENCES `other` (`id`)
      ) ENGINE=InnoDB AUTO_INCREMENT=13 DEFAULT CHARSET=utf8mb4;
      """;

  @TempDir Path directory = Path.of("unset");

  private SqlDump dump(String text) {
    return dump(text.getBytes(StandardCharsets.UTF_8));
  }

  private SqlDump dump(byte[] bytes) {
    try {
      return new SqlDump(Files.write(directory.resolve("dump.sql"), bytes));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> rows(SqlDump dump) {
    List<String> rows = new ArrayList<>();
    dump.read(
        "images", List.of("id", "file"), null, row -> rows.add(Arrays.toString(row.values())));
    return rows;
  }

  private List<String> rows(String values) {
    return rows(dump(TABLE + "INSERT INTO `images` VALUES " + values + ";\n"));
  }

  @Test
  void extendedInsertsOverSeveralLinesAreReadRowByRow() {
    assertThat(rows("(1,'a.jpg','a'),\n(2,NULL,'b'),\n\n(3,'','a')"))
        .containsExactly("[1, a.jpg]", "[2, null]", "[3, ]");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "'it\\'s'|it's",
        "'it''s'|it's",
        "'a\\\\b'|a\\b",
        "'a\\\"b'|a\"b",
        "\"a'b\"|a'b",
        "'a;b),(c'|a;b),(c",
        "'a/*b*/ -- c'|a/*b*/ -- c",
        "'100\\%'|100\\%",
        "0x4142|AB",
        "X'4142'|AB",
        "_binary 'AB'|AB",
        "_utf8mb4'AB'|AB",
        "-12.5e3|-12.5e3",
        "'Борис'|Борис",
      })
  void literalsAreWhatTheyAreToMysql(String literal, String value) {
    assertThat(rows("(1," + literal + ",'a')")).containsExactly("[1, " + value + "]");
  }

  @Test
  void escapesOfControlCharactersAreThese() {
    assertThat(rows("(1,'a\\nb\\tc\\rd\\0e\\Zf','a')"))
        .containsExactly("[1, a\nb\tc\rd\0e\u001af]");
  }

  @Test
  void columnListsOtherTablesCommentsAndProgramsAreUnderstood() {
    SqlDump dump =
        dump(
            """
            -- MySQL dump 10.13; it's a comment
            # another; one
            /*!40103 SET TIME_ZONE='+00:00' */;
            /*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY */;
            INSERT INTO `users` VALUES (1,'INSERT INTO `images` VALUES (9,\\'x\\');');
            CREATE TABLE IF NOT EXISTS `site`.`images` (id int, file text, kind int);
            DELIMITER ;;
            /*!50003 CREATE*/ /*!50003 TRIGGER t BEFORE INSERT ON faces FOR EACH ROW BEGIN
            INSERT INTO images VALUES (99,'trigger','a');
            END */;;
            DELIMITER ;
            INSERT IGNORE INTO `site`.`images` (`file`, `id`) VALUES ('b.jpg', 2);
            REPLACE INTO images (id, file, kind) VALUES (3, /* here */ 'c.jpg', NULL) ON DUPLICATE KEY UPDATE id = 1;
            /*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
            -- Dump completed on 2026-01-21 22:14:07
            """);

    assertThat(dump.columns("images")).containsExactly("id", "file", "kind");
    assertThat(dump.count("images")).isEqualTo(2);
    assertThat(rows(dump)).containsExactly("[b.jpg, 2]", "[3, c.jpg]");
    assertThat(dump.remarks()).isEmpty();
  }

  @Test
  void theColumnsOfATableAreThoseAndNoKeys() {
    assertThat(dump(TABLE).columns("images")).containsExactly("id", "file", "kind");
  }

  @Test
  void latin1IsReadAsSuchBySetNamesAndWhereItIsNoUtf8() throws IOException {
    Charset latin1 = Charset.forName("windows-1252");
    byte[] insert = (TABLE + "INSERT INTO images VALUES (1,'Été.jpg','a');").getBytes(latin1);
    ByteArrayOutputStream named = new ByteArrayOutputStream();
    named.write("/*!40101 SET NAMES latin1 */;\n".getBytes(latin1));
    named.write(insert);

    assertThat(rows(dump(insert))).containsExactly("[1, Été.jpg]");
    assertThat(rows(dump(named.toByteArray()))).containsExactly("[1, Été.jpg]");
  }

  @Test
  void oneThatIsPackedIsReadAsItIs() throws IOException {
    Path file = directory.resolve("dump.sql.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(
          (TABLE + "INSERT INTO images VALUES (1,'a','a');").getBytes(StandardCharsets.UTF_8));
    }

    assertThat(rows(new SqlDump(file))).containsExactly("[1, a]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"(1,'a'|cut off", "(1,'a','a')|cut off", "(1,'a','a'), (2|cut off", "(1;2)|line 9"})
  void oneThatIsCutOffOrBrokenIsRefusedBeforeAnythingIsTaken(String values, String said) {
    String text = TABLE + "INSERT INTO `images` VALUES " + values;

    assertThatThrownBy(() -> dump(text)).isInstanceOf(OldTrouble.class).hasMessageContaining(said);
  }

  @Test
  void aMillionBytesInAValueOfAnotherTableAreReadOver() {
    String large = "x".repeat(5_000_000);
    SqlDump dump =
        dump(
            "INSERT INTO sessions VALUES ('"
                + large
                + "');"
                + TABLE
                + "INSERT INTO images VALUES (1,'"
                + large
                + "','a');");

    assertThat(rows(dump)).hasSize(1).first().asString().hasSizeGreaterThan(5_000_000);
  }
}
