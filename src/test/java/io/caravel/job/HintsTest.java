package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.job.Hints.Due;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Whose hints are sent next. */
class HintsTest {
  private static final int LIBRARY = 100_000;

  private static List<Due> unsent(long from, int count) {
    return LongStream.range(from, from + count).mapToObj(id -> new Due(id, false)).toList();
  }

  private static long ofLibrary(List<Long> ids) {
    return ids.stream().filter(id -> id >= LIBRARY).count();
  }

  @Test
  void alone() {
    assertThat(Hints.next(List.of(unsent(1, 500), List.of()), 2, 20)).hasSize(500);
    assertThat(Hints.next(List.of(List.of(), unsent(LIBRARY, 20)), 2, 20)).hasSize(20);
    assertThat(Hints.next(List.of(List.of(new Due(1, true))), 2, 20)).isEmpty();
  }

  @Test
  void anUploadIsSentAtOnceWhateverWaitsBelow() {
    List<Due> below = new ArrayList<>();
    for (int id = LIBRARY; id < LIBRARY + 20; id++) {
      below.add(new Due(id, true));
    }
    assertThat(Hints.next(List.of(unsent(1, 1), below), 2, 20)).containsExactly(1L);
  }

  @Test
  void aLowerLaneGoesOnBesideAnUploadThatDoesNotMove() {
    assertThat(Hints.next(List.of(List.of(new Due(1, true)), unsent(LIBRARY, 20)), 2, 20))
        .containsExactly(100_000L, 100_001L);
  }

  /** Workers that take what was sent first, one after the other, while hints are sent anew. */
  @Test
  void oneInTenGoesToTheLowerLane() {
    List<Long> done = new ArrayList<>();
    Set<Long> line = new LinkedHashSet<>();
    while (done.size() < 2000) {
      List<Due> uploads = first(1, done, line, 500);
      List<Due> library = first(LIBRARY, done, line, 20);
      line.addAll(Hints.next(List.of(uploads, List.of(), library, List.of()), 2, 20));
      List<Long> next = line.stream().limit(5).toList();
      done.addAll(next);
      line.removeAll(next);
    }
    assertThat(ofLibrary(done.subList(0, 1000))).isBetween(90L, 110L);
    assertThat(ofLibrary(done.subList(1000, 2000))).isBetween(90L, 110L);
  }

  private static List<Due> first(long from, List<Long> done, Set<Long> line, int window) {
    return LongStream.range(from, from + 9000)
        .filter(id -> !done.contains(id))
        .limit(window)
        .mapToObj(id -> new Due(id, line.contains(id)))
        .toList();
  }
}
