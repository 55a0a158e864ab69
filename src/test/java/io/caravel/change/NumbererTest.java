package io.caravel.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.change.Changes.Page;
import io.caravel.change.Changes.Told;
import io.caravel.ground.Failure;
import io.caravel.job.JobRoom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What many change at once is told in one order, without gaps, whoever numbers it. */
@Timeout(300)
class NumbererTest {
  private static final int WRITERS = 8;
  private static final int PHOTOS = 5;
  private static final int ROUNDS = 60;

  final JobRoom room = room();
  private final Changes changes = new Changes(room.seen, room.transaction, room.livedTime, 30);

  JobRoom room() {
    return JobRoom.embedded();
  }

  String byIndex() {
    return "use index";
  }

  @AfterEach
  void close() {
    room.close();
  }

  private Numberer numberer() {
    return new Numberer(room.seen, room.transaction, List.of(), byIndex(), 0);
  }

  private List<Told> all() {
    List<Told> all = new ArrayList<>();
    for (Page page = changes.after(0, Long.MAX_VALUE);
        !page.items().isEmpty();
        page = changes.after(page.last(), Long.MAX_VALUE)) {
      all.addAll(page.items());
    }
    return all;
  }

  private static void assertGapless(List<Told> told) {
    long seq = 0;
    for (Told change : told) {
      assertThat(change.seq()).isEqualTo(++seq);
    }
  }

  /** Each change says how often the photo had been changed before, which its row knows. */
  private void change(long photo, boolean alsoAnother) {
    room.transaction.executeWithoutResult(
        status -> {
          room.seen
              .sql("update images set bytes = bytes + 1 where id = :id")
              .param("id", photo)
              .update();
          long count =
              room.seen
                  .sql("select bytes from images where id = :id")
                  .param("id", photo)
                  .query(Long.class)
                  .single();
          room.outbox.write(photo, "changed-" + count);
          if (alsoAnother) {
            room.outbox.write(List.of(Notice.of(1000, "one"), Notice.of(1000, "two")));
          }
          if (ThreadLocalRandom.current().nextInt(4) == 0) {
            status.setRollbackOnly();
          }
        });
  }

  @Test
  void whatManyChangeAtOnceIsToldByTwoNumberersOnceInOrderAndWithoutGaps() throws Exception {
    for (long photo = 1; photo <= PHOTOS; photo++) {
      room.seen
          .sql(
              """
              insert into images (id, sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)
              values (:id, :sha256, 'a.jpg', 'image/jpeg', 0, 'private', '', 'a')
              """)
          .param("id", photo)
          .param("sha256", "%064d".formatted(photo))
          .update();
    }
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 3);
    try {
      List<Future<?>> numberers = new ArrayList<>();
      for (int node = 0; node < 2; node++) {
        Numberer numberer = numberer();
        numberers.add(
            threads.submit(
                () -> {
                  while (!over.get()) {
                    numberer.number();
                  }
                  numberer.close();
                }));
      }
      List<Told> heard = new ArrayList<>();
      Future<?> reader =
          threads.submit(
              () -> {
                long last = 0;
                while (!over.get()) {
                  Page page = changes.after(last, Long.MAX_VALUE);
                  heard.addAll(page.items());
                  last = page.last();
                }
              });
      List<Future<?>> writers = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        writers.add(
            threads.submit(
                () -> {
                  for (int round = 0; round < ROUNDS; round++) {
                    change(1 + ThreadLocalRandom.current().nextInt(PHOTOS), round % 5 == 0);
                  }
                }));
      }
      for (Future<?> writer : writers) {
        writer.get(200, TimeUnit.SECONDS);
      }
      over.set(true);
      for (Future<?> numberer : numberers) {
        numberer.get(60, TimeUnit.SECONDS);
      }
      reader.get(60, TimeUnit.SECONDS);
      try (Numberer last = numberer()) {
        last.number();
      }

      List<Told> all = all();
      assertGapless(all);
      assertThat(heard).isEqualTo(all.subList(0, heard.size()));
      Map<Long, Long> counts = new TreeMap<>();
      for (Told change : all) {
        Long photo = change.photo();
        if (photo != null && photo < 1000) {
          long count = counts.merge(photo, 1L, Long::sum);
          assertThat(change.kind()).as("of photo %d", photo).isEqualTo("changed-" + count);
        }
      }
      Map<Long, Long> made = new TreeMap<>();
      room.seen
          .sql("select id, bytes from images where bytes > 0")
          .query(
              row -> {
                made.put(row.getLong(1), row.getLong(2));
              });
      assertThat(counts).isEqualTo(made);
      assertThat(all).filteredOn(each -> each.kind().equals("one")).isNotEmpty();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatIsCommittedLateComesAfterWhatWasToldMeanwhile() throws Exception {
    CountDownLatch written = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    try (Numberer numberer = numberer()) {
      CompletableFuture<Void> late =
          CompletableFuture.runAsync(
              () ->
                  room.transaction.executeWithoutResult(
                      status -> {
                        room.outbox.write(1, "late");
                        written.countDown();
                        await(told);
                      }));
      await(written);
      room.outbox.write(2, "early");
      numberer.number();
      assertThat(all()).extracting(Told::kind).containsExactly("early");
      told.countDown();
      late.get(60, TimeUnit.SECONDS);
      numberer.number();
      assertThat(all()).extracting(Told::kind).containsExactly("early", "late");
      assertGapless(all());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void moreThanAPageIsToldPageByPage() {
    List<Notice> many = new ArrayList<>();
    for (int i = 1; i <= 1203; i++) {
      many.add(Notice.of(i, "accepted"));
    }
    room.transaction.executeWithoutResult(status -> room.outbox.write(many));
    try (Numberer numberer = numberer()) {
      numberer.number();
    }
    assertThat(changes.after(0, Long.MAX_VALUE).items()).hasSize(500);
    assertThat(changes.after(0, Long.MAX_VALUE).last()).isEqualTo(500);
    assertThat(changes.after(1200, 1202).items())
        .extracting(Told::photo)
        .containsExactly(1201L, 1202L);
    List<Told> all = all();
    assertGapless(all);
    assertThat(all)
        .hasSize(1203)
        .allMatch(each -> each.photo() != null && each.photo() == each.seq());
  }

  @Test
  void theOldestAreForgottenAfterThirtyDaysOfLifeAndTheNumbersGoOn() {
    try (Numberer numberer = numberer()) {
      for (long photo = 1; photo <= 4; photo++) {
        room.outbox.write(photo, "accepted");
      }
      numberer.number();
      age("seq in (1, 2, 4)", 31); // 4 was written before 3, and committed after it
      changes.forget();
      assertThat(all()).as("none of that was lived through").hasSize(4);

      livedThrough(31);
      changes.forget();

      assertThat(changes.forgotten()).isEqualTo(2);
      assertThat(changes.after(2, Long.MAX_VALUE).items())
          .extracting(Told::photo)
          .containsExactly(3L, 4L);
      assertThatThrownBy(() -> changes.after(1, Long.MAX_VALUE))
          .isInstanceOfSatisfying(
              Failure.class, gone -> assertThat(gone.cause()).isEqualTo("changes-forgotten"));

      age("seq = 3", 31);
      changes.forget();
      assertThat(changes.after(4, Long.MAX_VALUE)).isEqualTo(new Page(List.of(), 4));
      room.outbox.write(5, "accepted");
      numberer.number();
      assertThat(changes.after(4, Long.MAX_VALUE).items())
          .extracting(Told::seq)
          .containsExactly(5L);
    }
  }

  private void age(String which, int days) {
    room.seen
        .sql("update changes set changed_at = timestampadd(day, :days, changed_at) where " + which)
        .param("days", -days)
        .update();
  }

  private void livedThrough(int days) {
    room.seen
        .sql(
            """
            insert into lived_time (minutes, shown_at)
            values (0, timestampadd(day, :begin, current_timestamp(3))), (:minutes, current_timestamp(3))
            """)
        .param("begin", -days)
        .param("minutes", days * 24 * 60)
        .update();
    room.seen
        .sql(
            "insert into lived_time (minutes, shown_at) values (1440, timestampadd(day, :at, current_timestamp(3)))")
        .param("at", 1 - days)
        .update();
  }

  @Test
  void afterMoreThanThereIsNothingCanCome() {
    assertThatThrownBy(() -> changes.after(1, Long.MAX_VALUE))
        .isInstanceOfSatisfying(
            Failure.class, bad -> assertThat(bad.cause()).isEqualTo("bad-request"));
    assertThat(changes.after(0, Long.MAX_VALUE)).isEqualTo(new Page(List.of(), 0));
  }
}
