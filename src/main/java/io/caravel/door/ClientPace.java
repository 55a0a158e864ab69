package io.caravel.door;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * How a connection's client keeps up with the least rate, told in time: a byte buys time, and
 * waiting for the client costs it. What we do ourselves costs nobody any. Written by the thread
 * that serves the connection, read by others.
 */
final class ClientPace {
  private static final long NOT_WAITING = Long.MIN_VALUE;

  /** What a client may have saved at most: it sent much at once, and stalls. */
  private static final long MOST = Duration.ofSeconds(30).toNanos();

  private final long grace;
  private final long perByte;
  private volatile long saved;

  /** Since when we wait for the client. */
  private volatile long since = System.nanoTime();

  /** Whether its request is answered, and what is left of the body is read away. */
  private volatile boolean leaving;

  private volatile boolean closed;

  /** Breaks the connection off; false: it is not to be. */
  private volatile BooleanSupplier end = () -> false;

  /**
   * A connection from whose client nothing came yet.
   *
   * @param grace that each request begins with
   * @param leastRate bytes a second
   */
  ClientPace(Duration grace, int leastRate) {
    this.grace = grace.toNanos();
    this.perByte = Duration.ofSeconds(1).toNanos() / leastRate;
  }

  /** The head of a request is there. */
  void begin() {
    leaving = false;
    saved = grace;
    since = NOT_WAITING;
  }

  /** Waits for more of a body. */
  void await() {
    since = System.nanoTime();
  }

  /** So much came; whether the client keeps up. */
  boolean came(int bytes) {
    saved = Math.min(MOST, saved - (System.nanoTime() - since) + bytes * perByte);
    since = NOT_WAITING;
    return saved >= 0;
  }

  /** The request is answered: the next is waited for. */
  void end() {
    leaving = false;
    saved = 0;
    since = System.nanoTime();
  }

  /** It was refused before its body had come: what still comes keeps nobody else out. */
  void leave() {
    leaving = true;
  }

  /** Marks it as closed by us; false: it was already. */
  synchronized boolean close() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /** By what {@link #cutOff} ends the connection. */
  void endsBy(BooleanSupplier end) {
    this.end = end;
  }

  /** Breaks the connection off, if it was not and is not spared; whether it was this call. */
  boolean cutOff() {
    return !closed && end.getAsBoolean();
  }

  boolean isClosed() {
    return closed;
  }

  /** Nanoseconds that the client is behind; negative: it keeps up, or it is us who are slow. */
  long behind() {
    if (leaving) {
      return MOST;
    }
    long waited = since;
    return waited == NOT_WAITING ? -MOST : System.nanoTime() - waited - saved;
  }
}
