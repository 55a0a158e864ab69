package io.caravel.job;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
  private final Set<Job> joined = ConcurrentHashMap.newKeySet();
  private final Jobs jobs;
  private final BegunWork begun;
  private final Steps steps;

  Neighbours(Jobs jobs, BegunWork begun, Steps steps) {
    this.jobs = jobs;
    this.begun = begun;
    this.steps = steps;
  }

  /**
   * Waits until the job may work; one that waits has not begun, and is not suspected when the one
   * it waits for ends the program. Each join is followed by a {@link #leave}.
   */
  public void join(Job job) {
    if (!steps.isInterrupted(job.queue())) {
      return; // it is never suspected, and waits for others: nobody is to wait for it
    }
    if (!joinedAtOnce(job)) {
      jobs.waits(job);
      places.acquireUninterruptibly(places(job));
      jobs.begins(job);
    }
    joined.add(job);
    begun.begins(job);
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

  /** The job's work has ended. Nothing more for one that has left already, or never joined. */
  public void leave(Job job) {
    begun.ends(job);
    if (joined.remove(job)) {
      places.release(places(job));
    }
  }

  private static int places(Job job) {
    return job.interrupted() > 0 ? ALL : 1;
  }
}
