package io.caravel.door;

import io.caravel.door.JourneyRows.Step;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * One who listens to the events. What is to be sent waits in a short queue of its own, so a slow
 * line holds up nobody else; when the queue is full the line is cut, and the browser comes back
 * with its Last-Event-ID.
 */
class Listener {
  private static final int WAITING = 2_000;

  private final SseEmitter emitter;
  private final Executor senders;
  private final Consumer<Listener> left;
  private final BlockingQueue<SseEmitter.SseEventBuilder> waiting =
      new LinkedBlockingQueue<>(WAITING);
  private final AtomicBoolean sending = new AtomicBoolean();
  private volatile boolean gone;
  private volatile long seenFrom;
  private volatile long seenTo;

  /**
   * @param left told when nobody is there any more; perhaps more than once
   */
  Listener(SseEmitter emitter, Executor senders, Consumer<Listener> left) {
    this.emitter = emitter;
    this.senders = senders;
    this.left = left;
  }

  /** The steps above {@code from} and up to {@code to} were heard before the line broke. */
  void heard(long from, long to) {
    seenFrom = from;
    seenTo = to;
  }

  void step(Step step) {
    if (step.id() > seenFrom && step.id() <= seenTo) {
      return;
    }
    offer(
        SseEmitter.event()
            .id(Long.toString(step.id()))
            .name("step")
            .data(step, MediaType.APPLICATION_JSON));
  }

  /** More was missed than is sent again: the page loads afresh. */
  void missed(long upTo) {
    offer(SseEmitter.event().id(Long.toString(upTo)).name("missed").data("{}"));
  }

  /** Keeps proxies from closing the line, and finds out when nobody is there any more. */
  void heartbeat() {
    offer(SseEmitter.event().comment("still here"));
  }

  void leave() {
    if (!gone) {
      broken();
      emitter.complete();
    }
  }

  private void broken() {
    gone = true;
    waiting.clear();
    left.accept(this);
  }

  boolean gone() {
    return gone;
  }

  private void offer(SseEmitter.SseEventBuilder event) {
    if (gone) {
      return;
    }
    if (!waiting.offer(event)) {
      leave();
      return;
    }
    send();
  }

  private void send() {
    if (sending.compareAndSet(false, true)) {
      try {
        senders.execute(this::drain);
      } catch (RejectedExecutionException e) {
        broken(); // shutting down
      }
    }
  }

  private void drain() {
    try {
      for (var event = waiting.poll(); event != null; event = waiting.poll()) {
        emitter.send(event);
      }
    } catch (IOException | IllegalStateException e) {
      broken(); // the other end is closed: nothing to be done about it
    } finally {
      sending.set(false);
    }
    if (!gone && !waiting.isEmpty()) {
      send();
    }
  }
}
