package io.caravel.door;

import io.caravel.ground.Failure;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The answers that are in memory while their clients read them, and how much all of them may be.
 * Where they are too much, the one that is read for the longest is broken off. Thread-safe.
 */
@Component
public class Answers {
  private static final int PIECE = 16 * 1024;

  /** How long an answer is never broken off, and how long one waits for the room of another. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final int all;
  private final Semaphore pieces;
  private final long patience;
  private final Set<Held> held = ConcurrentHashMap.newKeySet();

  /**
   * @param mb of all answers at once, but for those up to 16 kB, which are bounded by the number of
   *     connections
   */
  @Autowired
  Answers(@Value("${caravel.answers-mb}") int mb) {
    this(mb, PATIENCE);
  }

  Answers(int mb, Duration patience) {
    this.all = mb * (1 << 20) / PIECE;
    this.pieces = new Semaphore(all);
    this.patience = patience.toNanos();
  }

  /** The memory of an answer, until it is closed: it was read, or its client is gone. */
  public final class Held implements AutoCloseable {
    private final int count;
    private final @Nullable ClientPace client;
    private final long since = System.nanoTime();

    private Held(int count, @Nullable ClientPace client) {
      this.count = count;
      this.client = client;
      if (count > 0) {
        held.add(this);
      }
    }

    @Override
    public void close() {
      if (count > 0 && held.remove(this)) {
        pieces.release(count);
      }
    }
  }

  /**
   * Takes the memory for an answer that this thread is about to write to its connection.
   *
   * @throws Failure busy: there is none, and none was given back in two seconds
   */
  public Held hold(long bytes) {
    ClientPace client = Connections.current();
    if (bytes <= PIECE) {
      return new Held(0, client);
    }
    int count = (int) Math.min(all, bytes / PIECE + 1);
    if (!taken(count)) {
      throw Failure.passing(
          "busy", "As many large answers as fit into memory are being read: try again later.");
    }
    return new Held(count, client);
  }

  private boolean taken(int count) {
    long until = System.nanoTime() + patience;
    try {
      while (!pieces.tryAcquire(count)) {
        breakOffTheLongest();
        if (pieces.tryAcquire(count, 100, TimeUnit.MILLISECONDS)) {
          return true;
        }
        if (System.nanoTime() > until) {
          return false;
        }
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void breakOffTheLongest() {
    long now = System.nanoTime();
    List<Held> longest =
        held.stream()
            .filter(each -> now - each.since > patience)
            .sorted(Comparator.comparingLong(each -> each.since - now))
            .toList();
    for (Held each : longest) {
      if (each.client != null && each.client.cutOff()) {
        return;
      }
    }
  }
}
