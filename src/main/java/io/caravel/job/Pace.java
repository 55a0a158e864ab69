package io.caravel.job;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How fast the jobs of each queue come to an end on this node, of late. Thread-safe. */
final class Pace {
  private static final long TWO_SECONDS = Duration.ofSeconds(2).toNanos();
  private static final long LATELY = Duration.ofSeconds(60).toNanos();
  private static final int MOST = 2000;

  /** So many of the last tell how long one takes. */
  private static final int USUAL = 20;

  private final Map<String, Deque<End>> ends = new HashMap<>();

  private record End(long nanos, long took) {}

  /** A start has ended now, after this time. */
  synchronized void ended(String queue, long took, long now) {
    Deque<End> lately = lately(queue, now);
    lately.addLast(new End(now, took));
    if (lately.size() > MOST) {
      lately.removeFirst();
    }
  }

  private Deque<End> lately(String queue, long now) {
    Deque<End> lately = ends.computeIfAbsent(queue, q -> new ArrayDeque<>());
    while (!lately.isEmpty() && now - lately.getFirst().nanos() > LATELY) {
      lately.removeFirst();
    }
    return lately;
  }

  synchronized int inLastTwoSeconds(String queue, long now) {
    int count = 0;
    Iterator<End> latest = lately(queue, now).descendingIterator();
    while (latest.hasNext() && now - latest.next().nanos() <= TWO_SECONDS) {
      count++;
    }
    return count;
  }

  /** Ends a second, in the last minute; 0 without one. */
  synchronized double perSecond(String queue, long now) {
    Deque<End> lately = lately(queue, now);
    if (lately.isEmpty()) {
      return 0;
    }
    End first = lately.getFirst();
    return lately.size() * 1e9 / Math.max(1, now - first.nanos() + first.took());
  }

  /** From claim to end, on average; null: nothing has ended lately. */
  synchronized @Nullable Duration usual(String queue, long now) {
    Iterator<End> latest = lately(queue, now).descendingIterator();
    long sum = 0;
    int count = 0;
    while (latest.hasNext() && count < USUAL) {
      sum += latest.next().took();
      count++;
    }
    return count == 0 ? null : Duration.ofNanos(sum / count);
  }
}
