package io.caravel.flow;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Ends the program when memory has run out for good, with status {@link #STATUS}, by which launcher
 * and unit know to start it again. One photo or request that asks for too much does not get there:
 * it fails, what it held is free again, and the next look finds room. For good means that for
 * {@code caravel.memory.short-seconds} the heap was full after each collection while further
 * OutOfMemoryErrors were met, or had no room for a small picture; or that one of them ended a
 * thread without which nobody is heard. Between the last byte and the end nothing is allocated: to
 * wait for a lock or a latch does. A heap of small objects ends otherwise: the collector finds a
 * few each time, nothing is thrown, and nothing goes on; who collects for most of the time over
 * several looks is short of memory, too.
 */
@Component
final class MemoryShortage implements AutoCloseable, Thread.UncaughtExceptionHandler {
  static final int STATUS = 3;

  private static final Logger LOG = LoggerFactory.getLogger(MemoryShortage.class);

  /** Part of the heap in use after a collection. */
  private static final double FULL = 0.9;

  /** What {@link #used} says when there is nothing to be had. */
  private static final double NOTHING = 1;

  /** A small picture takes one of so many parts of the heap. */
  private static final int SMALL_PICTURE = 32;

  private static final int LOOKS = 12;

  /** For an orderly end, which needs memory itself. */
  private static final Duration END = Duration.ofSeconds(30);

  /** Part of the time that the collector takes, from which on it is looked for room. */
  private static final double COLLECTING = 0.6;

  private static final GarbageCollectorMXBean[] COLLECTORS =
      ManagementFactory.getGarbageCollectorMXBeans().toArray(GarbageCollectorMXBean[]::new);

  private final long restNanos;
  private final DoubleSupplier used;
  private final LongSupplier collectedMs;
  private final IntConsumer exit;
  private final IntConsumer halt;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicLong met = new AtomicLong();
  private final Semaphore wake = new Semaphore(0);
  private final CountDownLatch ending = new CountDownLatch(1);
  private final Thread watch = daemon(this::watch, "memory-shortage");
  private final Thread end = daemon(this::end, "memory-shortage-end");
  private volatile boolean closed;

  @Autowired
  MemoryShortage(@Value("${caravel.memory.short-seconds}") int shortSeconds) {
    this(
        Duration.ofSeconds(shortSeconds),
        MemoryShortage::usedAfterCollection,
        MemoryShortage::collectedMs,
        System::exit,
        Runtime.getRuntime()::halt);
    Thread.setDefaultUncaughtExceptionHandler(this);
  }

  /**
   * @param used part of the heap, 0 to 1, that is in use after a collection
   * @param collectedMs how long the collector has worked in all, milliseconds
   * @param exit ends the program in order
   * @param halt ends it where that does not come about
   */
  MemoryShortage(
      Duration shortFor,
      DoubleSupplier used,
      LongSupplier collectedMs,
      IntConsumer exit,
      IntConsumer halt) {
    this.restNanos = shortFor.toNanos() / LOOKS;
    this.used = used;
    this.collectedMs = collectedMs;
    this.exit = exit;
    this.halt = halt;
    // Both now: without memory no thread can be started.
    watch.start();
    end.start();
  }

  /** This was met, booked or not; of interest is an OutOfMemoryError in it. Does not throw. */
  void met(Throwable problem) {
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        met.incrementAndGet();
        wake.release();
        return;
      }
    }
  }

  @Override
  public void uncaughtException(Thread thread, Throwable problem) {
    met(problem);
    try {
      LOG.error("The thread {} ended by what nobody caught", thread.getName(), problem);
    } catch (Error again) {
      // No memory to say it: the watch does, or the next one.
    }
    // Tomcat's: an OutOfMemoryError ends them, and nothing starts them again.
    if (problem instanceof VirtualMachineError
        && (thread.getName().endsWith("-Acceptor") || thread.getName().endsWith("-Poller"))) {
      exit(thread.getName(), " ended for want of memory, so no request is heard.");
    }
  }

  private void watch() {
    long collected = collectedMs.getAsLong();
    long since = System.nanoTime();
    while (!closed) {
      try {
        boolean woken = wake.tryAcquire(LOOKS * restNanos, TimeUnit.NANOSECONDS);
        long now = System.nanoTime();
        long all = collectedMs.getAsLong();
        // Over a whole window alone, in which this did not collect itself.
        boolean collects = !woken && (all - collected) * 1e6 > COLLECTING * (now - since);
        if (woken || collects) {
          lookUntilThereIsRoom(collects);
        }
        collected = collectedMs.getAsLong();
        since = System.nanoTime();
      } catch (OutOfMemoryError e) {
        wake.release(); // looked again
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /**
   * @param collects whether the collector has had most of the time: that the heap is full then is
   *     enough
   */
  private void lookUntilThereIsRoom(boolean collects) {
    long metBefore = met.get();
    int without = 0; // so many looks in a row found nothing to be had
    for (int look = 0; !closed && !ended.get(); look++) {
      double now = used.getAsDouble();
      if (now < FULL) {
        break;
      }
      without = now < NOTHING ? 0 : without + 1;
      if (look == LOOKS / 2) {
        metBefore = met.get();
      }
      if (look >= LOOKS && (collects || met.get() > metBefore || without > LOOKS)) {
        exit("Memory has run out", ", and did not come back.");
        return;
      }
      LockSupport.parkNanos(restNanos);
    }
    wake.drainPermits();
  }

  /**
   * Part of the heap in use after a collection; 1 when it has no room for a small picture. Large
   * arrays take whole regions of G1, of which it counts what they use alone: half the heap may be
   * in use, and nothing to be had.
   */
  private static double usedAfterCollection() {
    System.gc();
    Runtime heap = Runtime.getRuntime();
    long most = heap.maxMemory();
    try {
      byte[] picture = new byte[(int) Math.min(most / SMALL_PICTURE, 8 << 20)];
      return (double) (heap.totalMemory() - heap.freeMemory() - picture.length) / most;
    } catch (OutOfMemoryError e) {
      return NOTHING;
    }
  }

  private static long collectedMs() {
    long all = 0;
    for (GarbageCollectorMXBean collector : COLLECTORS) {
      all += collector.getCollectionTime();
    }
    return all;
  }

  private void exit(String what, String how) {
    if (ended.getAndSet(true)) {
      return;
    }
    ending.countDown();
    try {
      LOG.error(
          "{}{} Caravel ends with status {}, with which ./caravel run and the service start it again. If that comes"
              + " again, raise CARAVEL_HEAP.",
          what,
          how,
          STATUS);
    } catch (Error again) {
      // The status says it.
    }
    exit.accept(STATUS);
  }

  private void end() {
    try {
      ending.await();
    } catch (InterruptedException e) {
      return; // closed
    }
    long until = System.nanoTime() + END.toNanos();
    while (System.nanoTime() < until) {
      LockSupport.parkNanos(END.toNanos());
    }
    halt.accept(STATUS);
  }

  @Override
  public void close() {
    closed = true;
    wake.release();
    LockSupport.unpark(watch);
    if (ending.getCount() > 0) {
      end.interrupt();
    }
    if (Thread.getDefaultUncaughtExceptionHandler() == this) {
      Thread.setDefaultUncaughtExceptionHandler(null);
    }
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }
}
