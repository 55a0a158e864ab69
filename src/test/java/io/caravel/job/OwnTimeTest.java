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
}
