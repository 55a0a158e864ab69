package io.caravel.door;

import io.caravel.door.JourneyRows.Step;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
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

  private final JourneyRows journey;
  private final long pollMs;
  private final long heartbeatMs;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService looker =
      Executors.newSingleThreadScheduledExecutor(work -> thread(work, "events"));
  private final ExecutorService senders =
      Executors.newFixedThreadPool(SENDERS, work -> thread(work, "events-send"));
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
  synchronized boolean add(SseEmitter emitter, @Nullable Long after) {
    listeners.removeIf(Listener::gone);
    if (listeners.size() >= MOST_LISTENERS || !running) {
      return false;
    }
    Listener listener = new Listener(emitter, senders);
    Runnable gone =
        () -> {
          listener.leave();
          listeners.remove(listener);
        };
    emitter.onCompletion(gone);
    emitter.onTimeout(gone);
    emitter.onError(e -> gone.run());
    listener.heartbeat(); // so that the answer's head goes out at once
    try {
      looker.execute(() -> join(listener, after));
    } catch (RejectedExecutionException e) {
      return false;
    }
    return true;
  }

  private void join(Listener listener, @Nullable Long after) {
    try {
      JourneyTail current = tail;
      if (current == null) {
        current = new JourneyTail(journey, InstantSource.system());
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
    } catch (RuntimeException e) {
      LOG.warn("Events cannot be read: {}", e.toString());
      listener.leave();
    }
  }

  private void look() {
    try {
      listeners.removeIf(Listener::gone);
      JourneyTail current = tail;
      if (listeners.isEmpty() || current == null) {
        rest();
        return;
      }
      for (Step step : current.next()) {
        listeners.forEach(listener -> listener.step(step));
      }
    } catch (RuntimeException e) { // or the schedule would end; the database may come back
      LOG.warn("Events cannot be read: {}", e.toString());
    }
  }

  private void beat() {
    listeners.forEach(Listener::heartbeat);
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
    listeners.forEach(Listener::leave);
    listeners.clear();
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

  private static Thread thread(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }
}
