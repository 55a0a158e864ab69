package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * As {@link BetweenTest}, of a job that is asked for by force. Not on a server: there nobody comes
 * between, since a statement that found nothing to change has locked the row.
 */
class ForcedMeanwhileTest extends JobRoomTest {
  @AfterEach
  void somebodyCameBetween() {
    assertThat(room.wasInterrupted()).isTrue();
  }

  private boolean put(JobRequest request) {
    return Boolean.TRUE.equals(room.transaction.execute(status -> room.jobs.put(request)));
  }

  @Test
  void aJobThatEndsWhileItIsAskedForByForceIsQueuedAgain() {
    long id = room.queued("metadata", 1);
    room.before("set force_again", "update jobs set state = 'done' where id = " + id);

    assertThat(put(JobRoom.request(1, "metadata", true))).isTrue();

    assertThat(room.is("state = 'queued' and run = 2 and force_again", id)).isTrue();
  }

  @Test
  void aJobThatStartsWhileItIsAskedForByForceIsRefused() {
    long id = room.queued("metadata", 1);
    room.before("set force_again", "update jobs set state = 'running' where id = " + id);

    assertThatThrownBy(() -> put(JobRoom.request(1, "metadata", true)))
        .hasMessageContaining("wait until it has ended");
  }
}
