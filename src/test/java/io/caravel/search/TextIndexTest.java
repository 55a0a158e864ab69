package io.caravel.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravel.change.Changes;
import io.caravel.change.Numberer;
import io.caravel.job.JobRoom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** What is committed is found, or the index says that it does not know. */
@Timeout(300)
class TextIndexTest {
  @TempDir Path home = Path.of("");

  final JobRoom room = room();
  private final Changes changes = new Changes(room.seen, room.transaction, room.livedTime, 30);
  private final Numberer numberer =
      new Numberer(room.seen, room.transaction, List.of(), byIndex(), 0);
  private final List<TextIndex> opened = new ArrayList<>();

  JobRoom room() {
    return JobRoom.embedded();
  }

  String byIndex() {
    return "use index";
  }

  @AfterEach
  void close() {
    opened.forEach(TextIndex::close);
    numberer.close();
    room.close();
  }

  private TextIndex index() {
    return index("here");
  }

  /** One that is ready. */
  private TextIndex index(String node) {
    TextIndex index = new TextIndex(room.seen, changes, home, node, byIndex());
    opened.add(index);
    awaitReady(index);
    return index;
  }

  private static void awaitReady(TextIndex index) {
    await().atMost(Duration.ofMinutes(2)).until(() -> index.holding("x", 100).isPresent());
  }

  private Path folder() {
    return home.resolve("native/here/text");
  }

  private static List<Long> found(TextIndex index, String part) {
    return index.holding(part, 100).orElse(List.of());
  }

  private void photo(int id, String words) {
    room.transaction.executeWithoutResult(
        status -> {
          room.photo(id);
          room.seen
              .sql("insert into image_text (image_id, filename, words) values (:id, 'a', :words)")
              .param("id", id)
              .param("words", words)
              .update();
          room.outbox.write(id, "accepted");
        });
  }

  private void reword(int id, String words) {
    room.transaction.executeWithoutResult(
        status -> {
          rewordInSilence(id, words);
          room.outbox.write(id, "metadata-done");
        });
  }

  /** As nothing in Caravel does: a kept index cannot know of it, one that is made anew does. */
  private void rewordInSilence(int id, String words) {
    room.seen
        .sql("update image_text set words = :words where image_id = :id")
        .param("words", words)
        .param("id", id)
        .update();
  }

  private void delete(int id) {
    room.transaction.executeWithoutResult(
        status -> {
          room.seen.sql("delete from images where id = :id").param("id", id).update();
          room.outbox.write(id, "deleted");
        });
  }

  @Test
  void whatIsCommittedIsFoundAtOnceNumberedOrNot() {
    TextIndex index = index();
    photo(1, "beach");
    assertThat(found(index, "eac")).containsExactly(1L);
    numberer.number();
    assertThat(found(index, "eac")).containsExactly(1L);
    photo(2, "beach");
    numberer.number();
    assertThat(found(index, "eac")).containsExactly(1L, 2L);
    reword(1, "forest");
    assertThat(found(index, "eac")).containsExactly(2L);
    assertThat(found(index, "forest")).containsExactly(1L);
    delete(1);
    assertThat(found(index, "forest")).isEmpty();
    room.transaction.executeWithoutResult(
        status -> {
          rewordInSilence(2, "desert");
          room.outbox.write(2, "metadata-done");
          status.setRollbackOnly();
        });
    assertThat(found(index, "desert")).isEmpty();
    assertThat(found(index, "eac")).containsExactly(2L);
  }

  /** Between the look at how far they are numbered, and the one at what follows. */
  @Test
  void aChangeThatIsNumberedAtThatMomentIsNotMissed() {
    TextIndex index = index();
    photo(1, "beach");
    room.before(
        "select image_id from changes",
        () -> {
          room.database.sql("update changes set seq = 1").update();
          room.database.sql("update changes_numbered set numbered = 1").update();
        });
    assertThat(found(index, "beach")).containsExactly(1L);
    assertThat(room.wasInterrupted()).isTrue();
  }

  @Test
  void itGoesOnWhereItWasClosed() {
    photo(1, "beach");
    numberer.number();
    index().close();
    rewordInSilence(1, "kept");
    photo(2, "forest");
    TextIndex again = index();
    assertThat(found(again, "forest")).containsExactly(2L);
    assertThat(found(again, "beach")).as("it was not made anew").containsExactly(1L);
  }

  @Test
  void itGoesOnWhereItWasKilled() throws IOException {
    photo(1, "beach");
    photo(2, "forest");
    numberer.number();
    TextIndex killed = index();
    reword(2, "desert");
    numberer.number();
    delete(1);
    photo(3, "tundra");
    assertThat(found(killed, "tundra")).containsExactly(3L);
    FileSystemUtils.copyRecursively(folder(), home.resolve("native/there/text"));
    TextIndex again = index("there");
    assertThat(found(again, "beach")).isEmpty();
    assertThat(found(again, "forest")).isEmpty();
    assertThat(found(again, "desert")).containsExactly(2L);
    assertThat(found(again, "tundra")).containsExactly(3L);
  }

  @Test
  void oneOfWhichAnyFileIsBrokenIsMadeAnew() throws IOException {
    photo(1, "beach");
    photo(2, "forest");
    numberer.number();
    index().close();
    Path whole = home.resolve("whole");
    FileSystemUtils.copyRecursively(folder(), whole);
    List<Path> files;
    try (Stream<Path> all = Files.list(whole)) {
      files = all.filter(file -> !file.endsWith("write.lock")).toList();
    }
    assertThat(files).hasSizeGreaterThanOrEqualTo(3);
    for (Path file : files) {
      for (String harm : List.of("turned", "cut", "gone")) {
        FileSystemUtils.deleteRecursively(folder());
        FileSystemUtils.copyRecursively(whole, folder());
        Path target = folder().resolve(file.getFileName());
        byte[] bytes = Files.readAllBytes(target);
        switch (harm) {
          case "turned" -> {
            bytes[bytes.length / 2] ^= 0x55;
            Files.write(target, bytes);
          }
          case "cut" -> Files.write(target, Arrays.copyOf(bytes, bytes.length / 2));
          default -> Files.delete(target);
        }
        TextIndex index = index();
        assertThat(found(index, "eac")).as("%s %s", target, harm).containsExactly(1L);
        assertThat(found(index, "res")).as("%s %s", target, harm).containsExactly(2L);
        index.close();
      }
    }
  }

  @Test
  void oneOfAnotherVersionIsMadeAnew() throws IOException {
    photo(1, "beach");
    numberer.number();
    index().close();
    rewordInSilence(1, "forest");
    try (GramFile file = new GramFile(folder())) {
      Map<String, String> notes = new HashMap<>(file.notes());
      notes.put("version", "0");
      file.commit(notes);
    }
    assertThat(found(index(), "forest")).containsExactly(1L);
  }

  /** As when a backup is put back, and time goes on from there. */
  @Test
  void oneOfAnotherDatabaseIsMadeAnew() {
    photo(1, "beach");
    numberer.number();
    index().close();
    room.database.sql("delete from changes").update();
    room.database.sql("delete from images").update();
    room.database.sql("update changes_numbered set numbered = 0").update();
    photo(1, "forest");
    photo(2, "desert");
    numberer.number();
    TextIndex index = index();
    assertThat(found(index, "beach")).isEmpty();
    assertThat(found(index, "forest")).containsExactly(1L);
    assertThat(found(index, "desert")).containsExactly(2L);
  }

  @Test
  void oneThatHasNotSeenWhatIsForgottenIsMadeAnew() {
    photo(1, "beach");
    numberer.number();
    index().close();
    TextIndex running = index("there");
    reword(1, "forest");
    photo(2, "desert");
    numberer.number();
    room.database.sql("delete from changes where seq = 2").update();
    room.database.sql("update changes_numbered set forgotten = 2").update();
    assertThat(found(index(), "forest")).containsExactly(1L);
    awaitReady(running);
    assertThat(found(running, "forest")).containsExactly(1L);
  }

  @Test
  void oneThatIsFarBehindSaysSoAndCatchesUp() {
    photo(1, "beach");
    numberer.number();
    TextIndex index = index();
    reword(1, "forest");
    numberer.number();
    room.database.sql("update changes set seq = 30000 where seq = 2").update();
    room.database.sql("update changes_numbered set numbered = 30000").update();
    assertThat(index.holding("forest", 100)).isEmpty();
    awaitReady(index);
    assertThat(found(index, "forest")).containsExactly(1L);
  }

  @Test
  void whereItCannotBeKeptTheDatabaseIsAsked() throws IOException {
    Files.createDirectories(folder().getParent());
    Files.createFile(home.resolve("native/there"));
    TextIndex index = new TextIndex(room.seen, changes, home, "there", byIndex());
    opened.add(index);
    photo(1, "beach");
    assertThat(index.holding("beach", 100)).isEmpty();
    index.close();
    assertThat(index.holding("beach", 100)).isEmpty();
  }

  @Test
  void whatManyCommitAtOnceEachOfThemFindsAtOnce() throws Exception {
    TextIndex index = index();
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger answered = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(5);
    try {
      Future<?> numbering =
          threads.submit(
              () -> {
                while (!over.get()) {
                  numberer.number();
                }
              });
      List<Future<?>> writers = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        int first = writer * 100;
        writers.add(
            threads.submit(
                () -> {
                  for (int id = first + 1; id <= first + 50; id++) {
                    photo(id, "photo " + id + ".");
                    Optional<List<Long>> found = index.holding("photo " + id + ".", 100);
                    if (found.isPresent()) {
                      assertThat(found.get()).containsExactly((long) id);
                      answered.incrementAndGet();
                    }
                  }
                }));
      }
      for (Future<?> writer : writers) {
        writer.get(200, TimeUnit.SECONDS);
      }
      over.set(true);
      numbering.get(60, TimeUnit.SECONDS);
      assertThat(answered).hasPositiveValue();
    } finally {
      threads.shutdownNow();
    }
  }
}
