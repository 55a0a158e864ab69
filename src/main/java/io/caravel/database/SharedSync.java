package io.caravel.database;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One sync for all who wait for it: who comes while one is under way waits for its end, then the
 * first of those who waited syncs for all of them. Thread-safe.
 */
final class SharedSync {
  private final Runnable sync;
  private final ReentrantLock turn = new ReentrantLock();
  private final AtomicLong asked = new AtomicLong();
  private long served; // by turn

  SharedSync(Runnable sync) {
    this.sync = sync;
  }

  /** Returns after a sync that began after this call did; what it throws goes to who ran it. */
  void await() {
    long mine = asked.incrementAndGet();
    turn.lock();
    try {
      if (served < mine) {
        long all = asked.get();
        sync.run();
        served = all;
      }
    } finally {
      turn.unlock();
    }
  }
}
