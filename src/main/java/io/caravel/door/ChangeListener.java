package io.caravel.door;

import io.caravel.change.Changes.Page;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/** One who waits for changes, and is told of them by one thread at a time. */
abstract class ChangeListener {
  private final AtomicBoolean served = new AtomicBoolean();
  private volatile long last;

  /**
   * @param last the number of the change after which this one listens
   */
  ChangeListener(long last) {
    this.last = last;
  }

  /** The number of the last change that this one was told. */
  final long last() {
    return last;
  }

  /** Whether this one is to hear something by now, though there may be nothing to tell. */
  abstract boolean isDue();

  /** Whether this one goes on listening after {@link #tell}. */
  abstract boolean staysOn();

  /** Sends what follows; perhaps nothing, once that is due. */
  abstract void send(Page page) throws IOException;

  abstract void fail(RuntimeException problem);

  abstract void end();

  final void tell(Page page) throws IOException {
    send(page);
    last = page.last();
  }

  /** Whether the caller is the one to serve; then with {@link #rest} after it. */
  final boolean take() {
    return served.compareAndSet(false, true);
  }

  final void rest() {
    served.set(false);
  }
}
