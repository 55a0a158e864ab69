package io.caravel.job;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Who may work beside whom on this node: a job whose earlier start had no end works alone, so that
 * if it ends the program again no innocent neighbour is suspected. Thread-safe; first come, first
 * served.
 */
@Component("neighbours")
public class Neighbours {
  private static final int ALL = 1 << 16;

  private final Semaphore places = new Semaphore(ALL, true);
  private final Jobs jobs;

  Neighbours(Jobs jobs) {
    this.jobs = jobs;
  }

  /**
   * Waits until the job may work; one that waits has not begun, and is not suspected when the one
   * it waits for ends the program. Each join is followed by one {@link #leave}.
   */
  public void join(Job job) {
    if (!joinedAtOnce(job)) {
      jobs.waits(job);
      places.acquireUninterruptibly(places(job));
      jobs.begins(job);
    }
  }

  private boolean joinedAtOnce(Job job) {
    try {
      // With a time of nothing: without one it would go in front of those who wait.
      return places.tryAcquire(places(job), 0, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  public void leave(Job job) {
    places.release(places(job));
  }

  private static int places(Job job) {
    return job.interrupted() > 0 ? ALL : 1;
  }
}
