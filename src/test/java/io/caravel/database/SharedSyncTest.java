package io.caravel.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NullUnmarked
@Timeout(60)
class SharedSyncTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger syncs = new AtomicInteger();

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void whoComesDuringASyncSharesTheNextOne() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    Semaphore mayEnd = new Semaphore(0);
    List<Thread> waiters = new ArrayList<>();
    SharedSync sync =
        new SharedSync(
            () -> {
              syncs.incrementAndGet();
              began.countDown();
              mayEnd.acquireUninterruptibly();
            });
    Future<?> first = threads.submit(sync::await);
    began.await();
    List<Future<?>> later = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      later.add(
          threads.submit(
              () -> {
                synchronized (waiters) {
                  waiters.add(Thread.currentThread());
                }
                sync.await();
              }));
    }
    Awaitility.await()
        .until(
            () -> {
              synchronized (waiters) {
                return waiters.size() == 20
                    && waiters.stream().allMatch(each -> each.getState() == Thread.State.WAITING);
              }
            });

    mayEnd.release();
    first.get();
    assertThat(later).noneMatch(Future::isDone);
    mayEnd.release();
    for (Future<?> each : later) {
      each.get(30, TimeUnit.SECONDS);
    }

    assertThat(syncs).hasValue(2);
  }

  @Test
  void aSyncThatFailedHasServedNobody() {
    SharedSync sync =
        new SharedSync(
            () -> {
              if (syncs.incrementAndGet() == 1) {
                throw new IllegalStateException("no room");
              }
            });

    assertThatThrownBy(sync::await).hasMessage("no room");
    sync.await();

    assertThat(syncs).hasValue(2);
  }
}
