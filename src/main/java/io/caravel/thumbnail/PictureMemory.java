package io.caravel.thumbnail;

import io.caravel.job.OwnTime;
import java.util.concurrent.Semaphore;

/**
 * The part of the heap that pictures may take, shared by all workers: one that needs more than is
 * left waits for another to end, so that two large photos at once are slower and not out of memory.
 */
final class PictureMemory {
  private static final double PART = 0.6;

  private final int megabytes;
  private final Semaphore free;

  PictureMemory(long heapBytes) {
    megabytes = (int) Math.max(1, Math.min(Integer.MAX_VALUE, (long) (heapBytes * PART) >> 20));
    free = new Semaphore(megabytes, true);
  }

  /** Held while a picture is in memory. */
  final class Share implements AutoCloseable {
    private final int taken;

    private Share(int taken) {
      this.taken = taken;
    }

    @Override
    public void close() {
      free.release(taken);
    }
  }

  /** Waits until so much is free; who needs more than there is gets all of it, alone. */
  Share take(long bytes) throws InterruptedException {
    int wanted = (int) Math.min(megabytes, (bytes >> 20) + 1);
    return OwnTime.waiting(
        () -> {
          free.acquire(wanted);
          return new Share(wanted);
        });
  }
}
