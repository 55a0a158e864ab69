package io.caravel.door;

import io.caravel.change.Changes.Page;
import io.caravel.change.Changes.Told;
import java.io.IOException;
import java.time.Duration;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** A line of server-sent events, each a change with its number as id. */
final class ChangeLine extends ChangeListener {
  private final SseEmitter emitter = new SseEmitter(0L); // for as long as somebody listens
  private final long signNanos;
  private volatile long signAt = System.nanoTime(); // the first at once: the answer's head goes out

  /**
   * @param sign how long it may be silent: proxies close lines that say nothing
   */
  ChangeLine(long last, Duration sign) {
    super(last);
    this.signNanos = sign.toNanos();
  }

  SseEmitter emitter() {
    return emitter;
  }

  @Override
  boolean isDue() {
    return System.nanoTime() - signAt >= 0;
  }

  @Override
  boolean staysOn() {
    return true;
  }

  @Override
  void send(Page page) throws IOException {
    for (Told change : page.items()) {
      emitter.send(
          SseEmitter.event()
              .id(Long.toString(change.seq()))
              .data(change, MediaType.APPLICATION_JSON));
    }
    if (page.items().isEmpty()) {
      emitter.send(SseEmitter.event().comment("still here"));
    }
    signAt = System.nanoTime() + signNanos;
  }

  /** The line ends; who comes back with its Last-Event-ID is told why. */
  @Override
  void fail(RuntimeException problem) {
    emitter.complete();
  }

  @Override
  void end() {
    emitter.complete();
  }
}
