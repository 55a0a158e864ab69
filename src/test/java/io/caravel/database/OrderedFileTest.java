package io.caravel.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.store.fs.FilePath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** What of a busy H2 file a power cut leaves, cut after cut, by a file that forgets. */
class OrderedFileTest {
  private static final int ROWS = 400;
  private static final int CUTS = 60;
  private static final int WRITES_A_CUT = 50;

  /** Of what was not synced, nothing is left. */
  private static final Random NOTHING_MORE =
      new Random() {
        @Override
        public boolean nextBoolean() {
          return false;
        }
      };

  @TempDir Path directory = Path.of("");

  @Test
  void whatWasSyncedIsThereAfterAPowerCut() throws Exception {
    String file = "async:" + directory.resolve("busy");
    assertThat(damagesOf(EmbeddedUrl.of("jdbc:h2:forgetful:" + file, Map.of()), file)).isEmpty();
  }

  @Test
  void roomIsUsedAgainOnlyWhenAllThatWasWrittenBeforeIsOnTheDisk() throws Exception {
    FilePath.register(new ForgetfulFile());
    String file = "async:" + directory.resolve("ordered.mv.db");
    try (FileChannel channel = FilePath.get(OrderedFile.of("forgetful:" + file)).open("rw")) {
      channel.write(bytes("old"), 0);
      channel.write(bytes("new"), 3);
      assertThat(ForgetfulFile.afterPowerCut(file, NOTHING_MORE)).as("no sync yet").isEmpty();

      channel.write(bytes("OLD"), 0);

      assertThat(ForgetfulFile.afterPowerCut(file, NOTHING_MORE)).asString().isEqualTo("oldnew");
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** What is not as it was synced, over all cuts. */
  private List<String> damagesOf(String url, String file) throws Exception {
    FilePath.register(new ForgetfulFile());
    Random chance = new Random(5);
    Random commits = new Random(6);
    List<String> damages = new ArrayList<>();
    String settings = ";WRITE_DELAY=20;RETENTION_TIME=20";
    try (Connection database = DriverManager.getConnection(url + settings);
        Statement statement = database.createStatement()) {
      statement.execute("create table counters (id int primary key, number int, filling varchar)");
      statement.execute(
          "insert into counters select x, 0, repeat('x', 200) from system_range(1, " + ROWS + ")");
      EmbeddedFile embedded =
          new EmbeddedFile(new SingleConnectionDataSource(database, true), Duration.ZERO);
      embedded.prepare();
      int number = 0;
      int synced = 0;
      for (int cut = 0; cut < CUTS; cut++) {
        AtomicInteger promised = new AtomicInteger(synced);
        CompletableFuture<Integer> atCut = new CompletableFuture<>();
        CompletableFuture<byte[]> left =
            ForgetfulFile.powerCutWithin(file + ".mv.db", WRITES_A_CUT, chance);
        left.thenRun(() -> atCut.complete(promised.get()));
        while (!left.isDone()) {
          number++;
          // Four rows far apart hold the same number: no half transaction may be seen.
          statement.execute(
              "update counters set number = %d where mod(id, %d) = %d"
                  .formatted(number, ROWS / 4, number % (ROWS / 4)));
          if (commits.nextInt(60) == 0) {
            statement.execute("checkpoint sync");
            synced = number;
            promised.set(synced);
          }
          if (commits.nextInt(600) == 0) {
            embedded.compact();
          }
        }
        damages.addAll(damages(cut, left.join(), atCut.join()));
      }
    }
    return damages;
  }

  private List<String> damages(int cut, byte[] left, int synced) throws Exception {
    Path copy = directory.resolve("cut-" + cut);
    Files.write(directory.resolve("cut-" + cut + ".mv.db"), left);
    try (Connection database = DriverManager.getConnection("jdbc:h2:" + copy);
        Statement statement = database.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select count(*), max(number), count(distinct number) - count(distinct mod(id, %d)) from counters"
                    .formatted(ROWS / 4))) {
      rows.next();
      List<String> damages = new ArrayList<>();
      if (rows.getInt(1) != ROWS) {
        damages.add("cut " + cut + ": " + rows.getInt(1) + " rows");
      }
      if (rows.getInt(2) < synced) {
        damages.add("cut " + cut + ": " + synced + " was synced, there is " + rows.getInt(2));
      }
      if (rows.getInt(3) > 0) {
        damages.add("cut " + cut + ": half a transaction");
      }
      return damages;
    } catch (SQLException e) {
      return List.of("cut " + cut + ": " + e.getMessage());
    }
  }
}
