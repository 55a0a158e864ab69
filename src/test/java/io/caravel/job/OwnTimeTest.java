package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class OwnTimeTest {
  @Test
  void whatIsWaitedForOthersDoesNotCount() throws Exception {
    Semaphore turn = new Semaphore(0);
    Semaphore work = new Semaphore(0);
    OwnTime own = new OwnTime();
    Thread worker =
        new Thread(
            () ->
                own.of(
                    () -> {
                      try {
                        OwnTime.waiting(
                            () -> {
                              turn.acquire();
                              return true;
                            });
                        work.acquire();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                    }));
    worker.start();
    await().until(turn::hasQueuedThreads);
    assertThat(own.nanos()).isEqualTo(own.nanos());
    turn.release();
    await().until(work::hasQueuedThreads);
    long before = own.nanos();
    await().until(() -> own.nanos() > before);
    work.release();
    worker.join();
  }

  @Test
  void whoHasNoLimitJustWaits() throws Exception {
    assertThat(OwnTime.waiting(() -> "done")).isEqualTo("done");
  }

  /** Works, or waits, for at least so long. */
  private static long spin(long nanos) {
    long from = System.nanoTime();
    while (System.nanoTime() - from < nanos) {
      Thread.onSpinWait();
    }
    return System.nanoTime() - from;
  }

  @Test
  void whatIsWorkedCountsAndWhatIsWaitedInItDoesNot() throws Exception {
    long before = System.nanoTime();
    OwnTime own = new OwnTime();
    long[] waited = new long[1];
    long[] worked = new long[1];
    own.of(
        () -> {
          worked[0] = spin(2_000_000);
          for (int turn = 0; turn < 2; turn++) {
            try {
              waited[0] += OwnTime.waiting(() -> OwnTime.waiting(() -> spin(5_000_000)));
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
          worked[0] += spin(2_000_000);
        });
    assertThat(own.nanos())
        .isGreaterThanOrEqualTo(worked[0])
        .isLessThanOrEqualTo(System.nanoTime() - before - waited[0]);
  }

  @Test
  void whoWaitsAfterTheWorkWaitsForItself() throws Exception {
    OwnTime own = new OwnTime();
    own.of(() -> spin(1));
    long told = own.nanos();
    assertThat(OwnTime.waiting(() -> spin(1_000_000) > 0 && own.nanos() > told)).isTrue();
  }
}
