package io.caravel.job;

import org.jspecify.annotations.Nullable;

/**
 * The time that a piece of work has used for itself: what it waits for its turn, because of others,
 * does not count towards its limit. Thread-safe.
 */
public final class OwnTime {
  private static final ThreadLocal<@Nullable OwnTime> HERE = new ThreadLocal<>();

  private final long begun = System.nanoTime();
  private long waited;
  private long waits;
  private int waiting;

  /** Waits for something that others have. */
  public interface Turn<T> {
    T await() throws InterruptedException;
  }

  /** Runs work whose waiting is not counted. */
  public void of(Runnable work) {
    HERE.set(this);
    try {
      work.run();
    } finally {
      HERE.remove();
    }
  }

  /** Waits, without it being counted for the work of this thread. */
  public static <T> T waiting(Turn<T> turn) throws InterruptedException {
    OwnTime own = HERE.get();
    if (own == null) {
      return turn.await();
    }
    own.begin();
    try {
      return turn.await();
    } finally {
      own.end();
    }
  }

  /** Nanoseconds so far. */
  public synchronized long nanos() {
    long now = System.nanoTime();
    return now - begun - waited - (waiting > 0 ? now - waits : 0);
  }

  private synchronized void begin() {
    if (waiting++ == 0) {
      waits = System.nanoTime();
    }
  }

  private synchronized void end() {
    if (--waiting == 0) {
      waited += System.nanoTime() - waits;
    }
  }
}
