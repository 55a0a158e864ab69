package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** In which order jobs that wait are hinted at. */
class LanesTest extends JobRoomTest {
  private int put(JobRequest... requests) {
    Integer put =
        room.transaction.execute(
            status -> {
              int queued = 0;
              for (JobRequest request : requests) {
                queued += room.jobs.put(request) ? 1 : 0;
              }
              return queued;
            });
    return put == null ? 0 : put;
  }

  private List<Long> hinted() {
    return room.jobs.hints("metadata").stream().map(this::photo).toList();
  }

  private Long photo(String job) {
    return room.database
        .sql("select image_id from jobs where id = :id")
        .param("id", Long.valueOf(job))
        .query(Long.class)
        .single();
  }

  /** It was once hinted at after a hundred thousand others: by the time it had become due. */
  @Test
  void whatWasJustUploadedComesBeforeTheWholeLibraryThatWaitedForLonger() {
    List<JobRequest> all =
        LongStream.rangeClosed(1, 400)
            .map(photo -> room.photo((int) photo))
            .mapToObj(photo -> JobRoom.request(photo, "metadata", false, Lane.LIBRARY))
            .toList();
    room.transaction.executeWithoutResult(status -> room.jobs.putAll(all));
    assertThat(hinted()).hasSize(2);
    room.photo(500);
    room.photo(501);
    put(JobRoom.request(501, "metadata", false, Lane.ASKED));
    put(JobRoom.request(500, "metadata", false, Lane.UPLOAD));

    assertThat(hinted()).startsWith(500L, 501L).hasSizeLessThan(8);
  }

  @Test
  void whatSomebodyAsksForLeavesTheLaneOfTheWholeLibrary() {
    for (int photo = 1; photo <= 5; photo++) {
      room.photo(photo);
      put(JobRoom.request(photo, "metadata", false, Lane.LIBRARY));
    }
    hinted();

    assertThat(put(JobRoom.request(5, "metadata", false, Lane.ASKED))).isZero();
    assertThat(put(JobRoom.request(1, "metadata", false, Lane.SCRUB))).isZero();

    assertThat(hinted()).startsWith(5L).doesNotContain(1L);
  }

  @Test
  void theClocksDoingsAreMendedInEachLane() {
    room.photo(1);
    put(JobRoom.request(1, "metadata", false, Lane.SCRUB));
    room.database.sql("update jobs set due_at = timestampadd(day, 9, due_at)").update();
    assertThat(room.queues.atRest()).isTrue();

    room.jobs.bringBack();

    assertThat(hinted()).containsExactly(1L);
    assertThat(room.queues.atRest()).isFalse();
    room.database.sql("update jobs set due_at = timestampadd(second, -90, due_at)").update();
    assertThat(Objects.requireNonNull(room.queues.depths().get("metadata")).oldestSeconds())
        .isBetween(90L, 150L);
  }
}
