package io.caravel.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.ground.CannotStart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.MVStoreTool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.mock.env.MockEnvironment;

/**
 * What power cuts, full disks, kills and people leave in place of a database, held against H2
 * itself: whatever it opens with all that had reached the disk is let through, and nothing else.
 */
class BrokenFilesTest {
  private static final int NOTED = 400;
  private static final Random RANDOM = new Random(15);

  @TempDir Path home = Path.of("unset");
  private HomeDatabase database = new HomeDatabase(Path.of("/"), "/unset");
  private String url = "";
  private @Nullable Connection open;

  @BeforeEach
  void aDatabaseAtWork() throws Exception {
    database = new HomeDatabase(home, home.resolve("database/caravel").toString());
    Files.createDirectories(home.resolve("originals"));
    url = url(home.resolve("database/caravel"));
    Connection connection = DriverManager.getConnection(url, "caravel", "");
    open = connection;
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "create table images (id bigint auto_increment primary key, t varchar(2000))");
    }
    insert(NOTED);
    mark().note();
  }

  @AfterEach
  void close() throws SQLException {
    if (open != null) {
      open.close();
    }
  }

  private static String url(Path name) {
    return "jdbc:h2:async:"
        + name
        + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE";
  }

  private DatabaseMark mark() {
    MockEnvironment settings = new MockEnvironment();
    settings.setProperty("caravel.home", home.toString());
    settings.setProperty("caravel.db.url", url);
    DatabaseMark mark = new DatabaseMark(new DriverManagerDataSource(url, "caravel", ""), settings);
    return mark;
  }

  private void insert(int rows) throws SQLException {
    Connection connection = Objects.requireNonNull(open);
    try (var insert = connection.prepareStatement("insert into images (t) values (?)")) {
      for (int row = 0; row < rows; row++) {
        insert.setString(1, Integer.toString(RANDOM.nextInt()).repeat(100));
        insert.executeUpdate();
      }
    }
  }

  /** Its bytes at this moment, as a kill -9 would leave them. */
  private byte[] killed() throws IOException {
    return Files.readAllBytes(database.file());
  }

  /** Its bytes after an orderly stop. */
  private byte[] stopped() throws Exception {
    close();
    open = null;
    return Files.readAllBytes(database.file());
  }

  /** A home like this one, with these bytes for its database. */
  private HomeDatabase homeWith(byte[] bytes) throws IOException {
    Path other = Files.createTempDirectory(home, "home");
    Files.createDirectories(other.resolve("database"));
    Files.write(other.resolve("database/caravel.mv.db"), bytes);
    Files.copy(database.watermark(), other.resolve("database.mark"));
    return new HomeDatabase(other, other.resolve("database/caravel").toString());
  }

  private static @Nullable CannotStart refusal(HomeDatabase each) {
    return DatabaseGuard.refusal(each, each.home().resolve("originals"));
  }

  /** The rows that H2 reads from it, with all else in it; -1: it does not. */
  private static int read(HomeDatabase each) throws IOException {
    Path all = Files.createTempFile(each.home(), "all", ".mv.db");
    try {
      MVStoreTool.compact(each.opened().toString(), all.toString(), false);
    } catch (MVStoreException | IllegalStateException | IllegalArgumentException e) {
      return -1;
    } finally {
      Files.delete(all);
    }
    try (Connection connection =
            DriverManager.getConnection(
                url(Path.of(each.name())) + ";IFEXISTS=TRUE", "caravel", "");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select count(*), sum(length(concat(t, 'x'))) from images")) {
      rows.next();
      return rows.getInt(1);
    } catch (SQLException e) {
      return -1;
    }
  }

  /** Lets pass what H2 reads with all that had been noted, and that alone. */
  private void asH2Would(String what, byte[] bytes) throws IOException {
    HomeDatabase each = homeWith(bytes);
    CannotStart refused = refusal(each);
    int rows = read(each);
    if (rows >= NOTED) {
      assertThat(refused).as("%s: H2 reads %d rows", what, rows).isNull();
    } else {
      assertThat(refused).as("%s: H2 reads %d of %d rows", what, rows, NOTED).isNotNull();
      assertThat(refused).hasMessageContaining("./caravel restore");
    }
  }

  @Test
  void aKillAtAnyMomentLosesNothingThatWasNoted() throws Exception {
    for (int round = 0; round < 20; round++) {
      insert(10);
      HomeDatabase each = homeWith(killed());
      assertThat(refusal(each)).isNull();
      assertThat(read(each)).isEqualTo(NOTED + 10 * (round + 1));
    }
  }

  @Test
  void aFileThatWasCutOff() throws Exception {
    byte[] whole = killed();
    insert(200);
    byte[] longer = killed();
    byte[] stopped = stopped();
    for (byte[] bytes : new byte[][] {whole, longer, stopped}) {
      for (int length : new int[] {1, 100, 4096, 5000, 8191, 8192, 8193, 12288}) {
        asH2Would("cut at " + length, Arrays.copyOf(bytes, length));
      }
      for (int round = 0; round < 25; round++) {
        int length = RANDOM.nextInt(bytes.length);
        asH2Would("cut at %d of %d".formatted(length, bytes.length), Arrays.copyOf(bytes, length));
      }
    }
  }

  @Test
  void aTailThatWasNotWritten() throws Exception {
    insert(50);
    byte[] bytes = killed();
    byte[] stopped = stopped();
    for (byte[] each : new byte[][] {bytes, stopped}) {
      for (int round = 0; round < 24; round++) {
        byte[] torn = each.clone();
        int from = torn.length - 1 - RANDOM.nextInt(round < 12 ? 40_000 : torn.length - 1);
        Arrays.fill(torn, Math.max(0, from), torn.length, (byte) 0);
        asH2Would("zeroes from " + from, torn);
      }
    }
  }

  @Test
  void oneOfTheTwoHeadersIsEnough() throws Exception {
    for (int header = 0; header < 2; header++) {
      byte[] bytes = killed();
      Arrays.fill(bytes, header * 4096, (header + 1) * 4096, (byte) 0);
      HomeDatabase each = homeWith(bytes);
      assertThat(refusal(each)).isNull();
      assertThat(read(each)).isEqualTo(NOTED);
    }
    byte[] none = killed();
    Arrays.fill(none, 0, 8192, (byte) 0);
    asH2Would("no header", none);
  }

  @Test
  void garbage() throws Exception {
    byte[] garbage = new byte[100_000];
    RANDOM.nextBytes(garbage);
    asH2Would("garbage", garbage);
    asH2Would("a text", "hello".repeat(5000).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void anEmptyFileInAHomeThatWasUsed() throws Exception {
    HomeDatabase each = homeWith(new byte[0]);
    assertThat(refusal(each)).hasMessageContaining("is empty (0 bytes)");
    assertThat(Files.size(each.file())).isZero();

    // Without the mark the originals tell.
    Files.delete(each.watermark());
    assertThat(refusal(each)).isNull();
    Files.createDirectories(each.home().resolve("originals/ab"));
    assertThat(refusal(each)).hasMessageContaining("is empty (0 bytes)");
  }

  @Test
  void aMissingFileWhereTheDatabaseIsKnown() throws Exception {
    HomeDatabase each = homeWith(new byte[0]);
    Files.delete(each.file());
    assertThat(refusal(each)).hasMessageContaining("is missing");
    Files.delete(each.watermark());
    assertThat(refusal(each)).isNull();
    Files.createDirectories(each.copies());
    Files.createFile(each.copies().resolve("caravel-0001-2026-11-29.mv.db"));
    assertThat(refusal(each)).hasMessageContaining("is missing");
  }

  @Test
  void somethingElseOfItsName() throws Exception {
    HomeDatabase each = homeWith(new byte[0]);
    Files.delete(each.file());
    Files.createDirectory(each.file());
    assertThat(refusal(each)).hasMessageContaining("is no file");
    Files.delete(each.file());
    Files.createSymbolicLink(each.file(), home.resolve("not mounted/caravel.mv.db"));
    assertThat(refusal(each)).hasMessageContaining("is a link to a file that is not there");
  }

  @Test
  void whatAnInterruptedCompactionLeaves() throws Exception {
    byte[] bytes = killed();
    HomeDatabase each = homeWith(bytes);
    Files.write(Path.of(each.name() + ".mv.db.tempFile"), Arrays.copyOf(bytes, 10_000));
    assertThat(refusal(each)).isNull();
    assertThat(read(each)).isEqualTo(NOTED);

    // The old file deleted, the new one not yet renamed: H2 takes it, and so do we.
    Files.move(each.file(), Path.of(each.name() + ".mv.db.newFile"));
    assertThat(refusal(each)).isNull();
    try (Connection connection =
        DriverManager.getConnection(url(Path.of(each.name())), "caravel", "")) {
      assertThat(connection.isValid(1)).isTrue();
    }
    assertThat(read(each)).isEqualTo(NOTED);

    Files.write(Path.of(each.name() + ".mv.db.newFile"), Arrays.copyOf(bytes, 10_000));
    Files.delete(each.file());
    assertThat(refusal(each)).hasMessageContaining("holds nothing");
  }

  @Test
  void oneOfAnOlderH2() throws Exception {
    byte[] bytes = killed();
    for (int header = 0; header < 2; header++) {
      String text = new String(bytes, header * 4096, 4096, StandardCharsets.ISO_8859_1);
      String head = text.substring(0, text.indexOf(",fletcher")).replace("format:3", "format:1");
      byte[] old = head.getBytes(StandardCharsets.ISO_8859_1);
      byte[] sum =
          ",fletcher:%x\n"
              .formatted(DataUtils.getFletcher32(old, 0, old.length))
              .getBytes(StandardCharsets.ISO_8859_1);
      Arrays.fill(bytes, header * 4096, (header + 1) * 4096, (byte) 0);
      ByteBuffer.wrap(bytes, header * 4096, 4096).put(old).put(sum);
    }
    assertThat(refusal(homeWith(bytes))).hasMessageContaining("another version of H2");
  }

  @Test
  void anotherWholeDatabaseThatSomebodyPutThere() throws Exception {
    byte[] bytes = stopped();
    try (Connection connection = DriverManager.getConnection(url, "caravel", "");
        Statement statement = connection.createStatement()) {
      statement.execute("shutdown compact"); // makes the file anew
    }
    assertThat(Files.readAllBytes(database.file())).isNotEqualTo(bytes);
    assertThat(refusal(database)).isNull();
    assertThat(read(database)).isEqualTo(NOTED);
  }

  @Test
  void aMarkThatWasTornSaysOnlyThatADatabaseWasThere() throws Exception {
    HomeDatabase each = homeWith(killed());
    Files.write(each.watermark(), new byte[] {'0', '0'});
    assertThat(refusal(each)).isNull();
    Files.delete(each.file());
    assertThat(refusal(each)).hasMessageContaining("is missing");
  }

  @Test
  void theMarkIsNeverAheadOfTheFile() throws Exception {
    DatabaseMark mark = mark();
    for (int round = 0; round < 20; round++) {
      insert(RANDOM.nextInt(20));
      mark.note();
      assertThat(Watermark.read(database).orElseThrow().version())
          .isLessThanOrEqualTo(StoredDatabase.look(copy()).version());
    }
  }

  private Path copy() throws IOException {
    Path copy = home.resolve("copy.mv.db");
    try (FileChannel to =
        FileChannel.open(copy, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      to.write(ByteBuffer.wrap(killed()));
    }
    return copy;
  }
}
