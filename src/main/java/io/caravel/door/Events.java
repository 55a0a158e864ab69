package io.caravel.door;

import io.caravel.door.JourneyRows.Step;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Tells all listeners what happens to the photos: one look at the table for all of them, and none
 * while nobody listens. A single thread looks and adds listeners, so their order needs no locks; a
 * few more write to the lines.
 */
@Component
class Events implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Events.class);
  private static final int MOST_LISTENERS = 100;
  private static final int MOST_SENT_AGAIN = 1_000;
  private static final int SENDERS = 4;

  /** How long who comes to a full house waits for those who are gone to be found. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final Duration SIGN = Duration.ofMillis(100);

  private final JourneyRows journey;
  private final long pollMs;
  private final long heartbeatMs;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final ReentrantLock places = new ReentrantLock();
  private final Condition placeLeft = places.newCondition();

  /** All who were let in, those who have not joined yet included; guarded by {@code places}. */
  private final Set<Listener> admitted = new HashSet<>();

  private long signed;
  private final ScheduledExecutorService looker =
      Executors.newSingleThreadScheduledExecutor(work -> Daemon.thread(work, "events"));
  private final ExecutorService senders =
      Executors.newFixedThreadPool(SENDERS, work -> Daemon.thread(work, "events-send"));
  private volatile boolean running;

  // Touched by the looker alone.
  private @Nullable JourneyTail tail;
  private @Nullable ScheduledFuture<?> looking;
  private @Nullable ScheduledFuture<?> beating;

  Events(
      JourneyRows journey,
      @Value("${caravel.events.poll-ms:500}") long pollMs,
      @Value("${caravel.events.heartbeat-ms:15000}") long heartbeatMs) {
    this.journey = journey;
    this.pollMs = pollMs;
    this.heartbeatMs = heartbeatMs;
  }

  /**
   * @param after the id of the last event the listener has seen; null: begin with what comes next
   * @return false: too many listen already
   */
  boolean add(SseEmitter emitter, @Nullable Long after) {
    Listener listener = new Listener(emitter, senders, this::left);
    if (!admit(listener)) {
      return false;
    }
    emitter.onCompletion(listener::leave);
    emitter.onTimeout(listener::leave);
    emitter.onError(e -> listener.leave());
    listener.heartbeat(); // so that the answer's head goes out at once
    try {
      looker.execute(() -> join(listener, after));
    } catch (RejectedExecutionException e) {
      return false;
    }
    return true;
  }

  /**
   * Where all places are taken, those who have gone without a word are found by writing to them.
   */
  private boolean admit(Listener listener) {
    places.lock();
    try {
      long patience = PATIENCE.toNanos();
      while (running && admitted.size() >= MOST_LISTENERS && patience > 0) {
        if (System.nanoTime() - signed > SIGN.toNanos()) {
          signed = System.nanoTime();
          admitted.forEach(Listener::heartbeat); // a line breaks at the second sign
        }
        patience -= SIGN.toNanos() - placeLeft.awaitNanos(SIGN.toNanos());
      }
      return running && admitted.size() < MOST_LISTENERS && admitted.add(listener);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      places.unlock();
    }
  }

  private List<Listener> everybody() {
    places.lock();
    try {
      return List.copyOf(admitted);
    } finally {
      places.unlock();
    }
  }

  private void left(Listener listener) {
    listeners.remove(listener);
    places.lock();
    try {
      if (admitted.remove(listener)) {
        placeLeft.signalAll();
      }
    } finally {
      places.unlock();
    }
  }

  private void join(Listener listener, @Nullable Long after) {
    try {
      JourneyTail current = tail;
      if (current == null) {
        current = new JourneyTail(journey, SteadyClock.INSTANCE);
        tail = current;
        looking = looker.scheduleWithFixedDelay(this::look, pollMs, pollMs, TimeUnit.MILLISECONDS);
        beating =
            looker.scheduleWithFixedDelay(
                this::beat, heartbeatMs, heartbeatMs, TimeUnit.MILLISECONDS);
      }
      if (after != null && after < current.high()) {
        long upTo = current.high();
        List<Step> again = journey.after(after, MOST_SENT_AGAIN + 1);
        if (again.size() > MOST_SENT_AGAIN) {
          listener.missed(upTo);
        } else {
          again.stream().filter(step -> step.id() <= upTo).forEach(listener::step);
        }
      }
      if (after != null && after > current.high()) {
        listener.heard(current.high(), after); // the tail has not looked at these yet
      }
      listeners.add(listener);
      if (listener.gone()) {
        listeners.remove(listener);
      }
    } catch (RuntimeException | Error e) {
      LOG.warn("Events cannot be read: {}", e.toString());
      listener.leave();
    }
  }

  private void look() {
    try {
      JourneyTail current = tail;
      if (listeners.isEmpty() || current == null) {
        rest();
        return;
      }
      for (Step step : current.next()) {
        listeners.forEach(listener -> listener.step(step));
      }
    } catch (RuntimeException | Error e) { // or the schedule would end; the database may come back
      LOG.warn("Events cannot be read: {}", e.toString());
    }
  }

  private void beat() {
    try {
      listeners.forEach(Listener::heartbeat);
    } catch (RuntimeException | Error e) { // as above
      LOG.warn("A sign of life could not be sent to those who listen: {}", e.toString());
    }
  }

  private void rest() {
    tail = null;
    if (looking != null) {
      looking.cancel(false); // never an interrupt: it would close the embedded database
    }
    if (beating != null) {
      beating.cancel(false);
    }
  }

  @Override
  public void start() {
    running = true;
  }

  /** Before the server waits for open requests to end: these would not end by themselves. */
  @Override
  public void stop() {
    running = false;
    looker.shutdown();
    everybody().forEach(Listener::leave);
    senders.shutdown();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return SmartLifecycle.DEFAULT_PHASE;
  }
}
