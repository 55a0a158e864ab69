package io.caravel.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.change.Changes.Told;
import io.caravel.ground.Failure;
import io.caravel.job.JobRoom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent on, in which order, whatever the receiver does and whoever is killed. */
@Timeout(300)
class DispatchTest {
  private static final int PHOTOS = 12;

  final JobRoom room = room();
  private final Changes changes = new Changes(room.seen, room.transaction, room.livedTime, 30);
  private final List<Told> received = new ArrayList<>();

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

  /** One life of a node. */
  private Dispatch dispatch(String node, long restMs) {
    return new Dispatch(
        room.seen, room.transaction, changes, () -> {}, node, 0, 0, restMs, restMs * 4);
  }

  private void write(long... photos) {
    for (long photo : photos) {
      room.outbox.write(photo, "changed");
    }
    try (Numberer numberer = new Numberer(room.seen, room.transaction, List.of(), byIndex(), 0)) {
      numberer.number();
    }
  }

  /** From the first change on. */
  private void begin() {
    room.seen.sql("update changes_sent set sent = 0 where id = 1").update();
  }

  private void take(Dispatch dispatch) {
    received.add(dispatch.next());
    dispatch.sent(dispatch.next());
  }

  /** Also what has failed, which waits for the next round. */
  private void all(Dispatch dispatch) {
    int idle = 0;
    while (idle < 2) {
      if (dispatch.goesOn()) {
        take(dispatch);
        idle = 0;
      } else {
        idle++;
      }
    }
  }

  private List<Long> numbers() {
    return received.stream().map(Told::seq).toList();
  }

  private long held() {
    return room.seen.sql("select count(*) from changes_held").query(Long.class).single();
  }

  /** As a receiver does that heeds the number of each photo. */
  private Map<Long, List<Long>> byPhotoWithoutDoubles() {
    Map<Long, List<Long>> byPhoto = new TreeMap<>();
    for (Told change : received) {
      List<Long> heard = byPhoto.computeIfAbsent(change.photo(), photo -> new ArrayList<>());
      if (heard.isEmpty() || change.seq() > heard.get(heard.size() - 1)) {
        heard.add(change.seq());
      }
    }
    return byPhoto;
  }

  private Map<Long, List<Long>> written() {
    Map<Long, List<Long>> byPhoto = new TreeMap<>();
    room.seen
        .sql("select image_id, seq from changes order by seq")
        .query(
            row -> {
              byPhoto
                  .computeIfAbsent(row.getLong(1), photo -> new ArrayList<>())
                  .add(row.getLong(2));
            });
    return byPhoto;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aThirdFailsAndNodesAreKilledYetEachPhotoIsToldInItsOrder(long seed) {
    begin();
    Random random = new Random(seed);
    Dispatch dispatch = dispatch("one", 0);
    for (int step = 0; step < 400; step++) {
      if (random.nextInt(3) == 0) {
        write(1 + random.nextInt(PHOTOS), 1 + random.nextInt(PHOTOS));
      }
      if (dispatch.goesOn()) {
        Told change = dispatch.next();
        int what = random.nextInt(6);
        if (what < 2) {
          dispatch.failed(change, new Exception("a third"));
        } else {
          received.add(change);
          if (what == 2) {
            dispatch = dispatch("one", 0); // killed before it could note it
          } else {
            dispatch.sent(change);
          }
        }
      }
    }
    all(dispatch);

    assertThat(byPhotoWithoutDoubles()).isEqualTo(written());
    assertThat(new TreeSet<>(numbers()))
        .hasSize(written().values().stream().mapToInt(List::size).sum());
    assertThat(held()).isZero();
    assertThat(dispatch.goesOn()).isFalse();
  }

  @Test
  void onePhotoThatFailsDoesNotStopTheOthersNorLoseItsOrder() {
    begin();
    write(1, 2, 1, 3, 1, 2);
    Dispatch dispatch =
        new Dispatch(
            room.seen,
            room.transaction,
            changes,
            () -> {},
            "one",
            3_600_000,
            3_600_000,
            5000,
            5000);
    while (dispatch.goesOn()) {
      if (Long.valueOf(1).equals(dispatch.next().photo())) {
        dispatch.failed(dispatch.next(), new Exception("not this one"));
      } else {
        take(dispatch);
      }
    }
    assertThat(numbers()).containsExactly(2L, 4L, 6L);
    assertThat(held()).isEqualTo(3);

    write(1, 2);
    all(dispatch);
    assertThat(numbers()).containsExactly(2L, 4L, 6L, 8L);

    room.seen
        .sql("update changes_waiting set due_at = timestampadd(second, -1, current_timestamp(3))")
        .update();
    all(dispatch("one", 5000));
    assertThat(numbers()).containsExactly(2L, 4L, 6L, 8L, 1L, 3L, 5L, 7L);
    assertThat(held()).isZero();
  }

  @Test
  void aReceiverThatIsAwayIsLeftInPeaceAndTriedWithOneChange() {
    begin();
    write(1, 2, 3, 4, 5, 6);
    Dispatch dispatch = dispatch("one", 60_000);
    int tried = 0;
    while (dispatch.goesOn()) {
      tried++;
      dispatch.failed(dispatch.next(), new Exception("away"));
    }
    assertThat(tried).isEqualTo(3);
    assertThat(dispatch("one", 60_000).goesOn()).as("after a restart, too").isFalse();

    restIsOver();
    assertThat(dispatch.goesOn()).isTrue();
    assertThat(dispatch.next().seq()).isEqualTo(4);
    dispatch.failed(dispatch.next(), new Exception("away"));
    assertThat(dispatch.goesOn()).isFalse();
    assertThat(room.seen.sql("select rests from changes_sent").query(Integer.class).single())
        .isEqualTo(2);

    restIsOver();
    all(dispatch);
    assertThat(byPhotoWithoutDoubles()).isEqualTo(written());
    assertThat(numbers()).hasSize(6);
  }

  private void restIsOver() {
    room.seen
        .sql("update changes_sent set rest_until = timestampadd(second, -1, current_timestamp(3))")
        .update();
  }

  @Test
  void oneNodeSendsAtATimeAndAnotherTakesOverFromOneThatIsGone() {
    begin();
    write(1, 2, 3);
    Dispatch one = dispatch("one", 5000);
    Dispatch two = dispatch("two", 5000);
    assertThat(one.goesOn()).isTrue();
    assertThat(two.goesOn()).isFalse();
    take(one);
    assertThat(one.goesOn()).isTrue();
    Told late = one.next();

    room.seen
        .sql("update changes_sent set held_until = timestampadd(second, -1, current_timestamp(3))")
        .update();
    assertThat(two.goesOn()).isTrue();
    assertThat(two.next().seq()).isEqualTo(2);
    assertThatThrownBy(() -> one.sent(late)).isInstanceOf(Failure.class);
    assertThat(one.goesOn()).isFalse();
    all(two);
    assertThat(numbers()).containsExactly(1L, 2L, 3L);
  }

  /** As when the database goes away between the sending and its note. */
  @Test
  void whatNobodyKnowsTheEndOfIsSentOnceMore() {
    begin();
    write(1, 2);
    Dispatch dispatch = dispatch("one", 5000);
    assertThat(dispatch.goesOn()).isTrue();
    received.add(dispatch.next());
    all(dispatch);
    assertThat(numbers()).containsExactly(1L, 1L, 2L);
  }

  @Test
  void theFirstTimeItBeginsWithWhatChangesFromThenOn() {
    write(1, 2);
    Dispatch dispatch = dispatch("one", 5000);
    assertThat(dispatch.goesOn()).isFalse();
    write(3);
    all(dispatch);
    assertThat(numbers()).containsExactly(3L);
  }

  @Test
  void whatWasForgottenMeanwhileIsNotWaitedFor() {
    begin();
    write(1, 2, 3, 4);
    Dispatch dispatch = dispatch("one", 5000);
    assertThat(dispatch.goesOn()).isTrue();
    dispatch.failed(dispatch.next(), new Exception("not now"));
    room.seen.sql("update changes_numbered set forgotten = 3").update();
    room.seen.sql("delete from changes where seq <= 3").update();

    all(dispatch("one", 5000));

    assertThat(numbers()).containsExactly(4L);
    assertThat(held()).isZero();
  }

  /** More than a page, of one photo that fails at first. */
  @Test
  void manyAreToldPageByPage() {
    begin();
    long[] photos = new long[1200];
    for (int i = 0; i < photos.length; i++) {
      photos[i] = 1 + i % 2;
    }
    write(photos);
    Dispatch dispatch = dispatch("one", 0);
    assertThat(dispatch.goesOn()).isTrue();
    dispatch.failed(dispatch.next(), new Exception("not now"));
    all(dispatch);
    assertThat(byPhotoWithoutDoubles()).isEqualTo(written());
    assertThat(numbers()).hasSize(1200);
  }
}
