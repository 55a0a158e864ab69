package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;

import io.caravel.photo.Photo;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class NeighboursTest {
  private final Jobs jobs = mock(Jobs.class);
  private final Neighbours neighbours =
      new Neighbours(jobs, mock(BegunWork.class), ShippedSteps.steps());

  @Test
  void jobsWithoutAPastWorkBesideEachOther() {
    neighbours.join(job(1, 0));
    neighbours.join(job(2, 0));

    verify(jobs, never()).waits(job(2, 0));
  }

  @Test
  void aSuspectWorksAloneAndWhoWaitsForItHasNotBegun() {
    Job suspect = job(1, 1);
    Job innocent = job(2, 0);
    neighbours.join(suspect);

    CompletableFuture<Void> joined = CompletableFuture.runAsync(() -> neighbours.join(innocent));

    verify(jobs, timeout(10_000)).waits(innocent);
    assertThat(joined).isNotDone();
    verify(jobs, never()).begins(innocent);
    neighbours.leave(suspect);
    await().until(joined::isDone);
    verify(jobs).begins(innocent);
  }

  private static Job job(long id, int interrupted) {
    Photo photo =
        new Photo(id, "aa", "a.jpg", "image/jpeg", 1, "private", "aa", "aa.jpg", false, null, null);
    return new Job(
        id,
        "thumbnails",
        "k",
        "{}",
        false,
        1,
        1,
        interrupted,
        0,
        "node/boot",
        Lane.UPLOAD,
        0,
        photo);
  }
}
