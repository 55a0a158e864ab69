package io.caravel.place;

import io.caravel.database.DatabaseFile;
import io.caravel.ground.Failure;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The right to ask the geocoder: one question under way over all nodes, and the next not before the
 * period has gone by since the END of the last. The gap between two starts, as the server sees
 * them, is then at least the period whatever a connection or a commit takes: a request reaches the
 * server before its answer ends, and the next is granted a period after that.
 *
 * <p>A node that dies with the slot leaves it taken for request time-out + period. {@link #left}
 * says how long the holder may still use it; the client ends the request then, so that even a node
 * that stood still for a while cannot ask in another's turn.
 *
 * <p>Thread-safe; the threads of a node queue up here and only one of them watches the row. Not to
 * be called within a transaction (a grant must be committed) nor where a time limit interrupts (an
 * interrupt inside H2 closes the database for all).
 */
@Component("geocoderSlot")
public class GeocoderSlot {
  private static final Logger LOG = LoggerFactory.getLogger(GeocoderSlot.class);
  private static final String STOPPED =
      "Caravel was stopped while it waited for the geocoder; it goes on after the next start.";
  private static final Duration LEAST_LOOK = Duration.ofMillis(10);
  private static final Duration MOST_LOOK = Duration.ofMillis(250);

  private record Grant(String holder, long deadline) {}

  private final SlotRow row;
  private final NominatimSettings settings;
  private final DatabaseFile file;
  private final Duration look;
  private final Semaphore turn = new Semaphore(1, true);
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final AtomicReference<@Nullable Grant> grant = new AtomicReference<>();
  private volatile long earliest = System.nanoTime();

  @Autowired
  GeocoderSlot(JdbcClient database, NominatimSettings settings, DatabaseFile file) {
    this.row = new SlotRow(database);
    this.settings = settings;
    this.file = file;
    Duration quarter = settings.period().dividedBy(4);
    this.look =
        quarter.compareTo(LEAST_LOOK) < 0
            ? LEAST_LOOK
            : quarter.compareTo(MOST_LOOK) > 0 ? MOST_LOOK : quarter;
  }

  /**
   * Returns when the slot is this node's; {@link #answered} or {@link #postpone} must follow.
   *
   * @throws Failure passing, with the time to wait, when it cannot be had within {@code
   *     caravel.nominatim.slot-wait-ms}: {@code geocoder-paused} when the geocoder asked for the
   *     pause or is away, {@code geocoder-busy} when others are in front, {@code interrupted} at
   *     shutdown
   */
  public void await() {
    if (TransactionSynchronizationManager.isActualTransactionActive()) {
      throw new IllegalStateException("A slot claimed in a transaction is not seen by other nodes");
    }
    long giveUp = System.nanoTime() + settings.slotWait().toNanos();
    takeTurn(giveUp);
    boolean granted = false;
    try {
      // The database's clock may be set forward; the time since our own last question is not.
      pause(Duration.ofNanos(earliest - System.nanoTime()));
      while (!granted) {
        granted = claim();
        if (!granted) {
          pause(nextLook(giveUp));
        }
      }
    } finally {
      if (!granted) {
        turn.release();
      }
    }
  }

  /** How long the request of the present grant may still take; zero or less: it must end. */
  public Duration left() {
    Grant mine = grant.get();
    return mine == null ? Duration.ZERO : Duration.ofNanos(mine.deadline() - System.nanoTime());
  }

  /**
   * Whether a request may still be sent. Not in the second half of its time: a node that is held up
   * just before it sends would then ask in another's turn, for the slot lapses soon.
   */
  public boolean mayStart() {
    return left().compareTo(settings.requestTimeout().dividedBy(2)) > 0;
  }

  /** The answer, or the failure, is complete: the next question may start a period from now. */
  public void answered() {
    end(settings.period());
  }

  /** The geocoder asks for a pause: no node asks before it is over. Ends the turn as well. */
  public void postpone(Duration pause) {
    end(pause.compareTo(settings.period()) > 0 ? pause : settings.period());
  }

  /** No node asks before this time is over: the geocoder is away. */
  void rest(Duration time) {
    row.postpone(time);
  }

  /** How long the geocoder is still not to be asked, over all nodes; zero: it has not asked so. */
  Duration pause() {
    SlotRow.State state = row.state();
    return state.holder() == null && state.freeIn().compareTo(settings.period()) > 0
        ? state.freeIn()
        : Duration.ZERO;
  }

  /** Wakes those who wait: a shutdown need not wait for slots. */
  @EventListener(ContextClosedEvent.class)
  void stop() {
    stopping.countDown();
  }

  private boolean claim() {
    // Counted from before the statement: the database's grant cannot be earlier.
    long asked = System.nanoTime();
    String holder = UUID.randomUUID().toString();
    if (!row.claim(holder, settings.requestTimeout().plus(settings.period()))) {
      return false;
    }
    // A start that has forgotten the grant would ask within the period.
    file.sync();
    grant.set(new Grant(holder, asked + settings.requestTimeout().toNanos()));
    return true;
  }

  /** How long to wait before the row is looked at again. */
  private Duration nextLook(long giveUp) {
    SlotRow.State state = row.state();
    if (state.freeIn().compareTo(settings.farthestSlot()) > 0) {
      // No grant or pause reaches that far: the database's clock was wrong and has been set back.
      row.bringBack(settings.farthestSlot(), settings.requestTimeout().plus(settings.period()));
      return LEAST_LOOK;
    }
    Duration patience = Duration.ofNanos(giveUp - System.nanoTime());
    if (state.holder() != null) {
      if (patience.isNegative()) {
        throw busy();
      }
      return look;
    }
    if (state.freeIn().compareTo(patience) <= 0) {
      return state.freeIn();
    }
    if (state.freeIn().compareTo(settings.period()) <= 0) {
      throw busy();
    }
    throw Failure.passing(
        "geocoder-paused",
        "The geocoder is away, or has asked a node of Caravel to pause.",
        state.freeIn());
  }

  private void takeTurn(long giveUp) {
    try {
      if (!turn.tryAcquire(giveUp - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw busy();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void pause(Duration time) {
    try {
      // Also with nothing to wait for: a database must not be touched by an interrupted thread.
      if (stopping.await(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS)) {
        throw Failure.passing("interrupted", STOPPED, Duration.ZERO);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void end(Duration pause) {
    Grant mine = grant.getAndSet(null);
    if (mine == null) {
      return;
    }
    earliest = System.nanoTime() + settings.period().toNanos();
    try {
      // An interrupted thread leaves the row alone: the grant lapses by itself.
      if (!Thread.currentThread().isInterrupted()
          && !row.release(mine.holder(), pause)
          && pause.compareTo(settings.period()) > 0) {
        row.postpone(pause);
      }
      if (pause.compareTo(settings.period()) > 0) {
        file.sync(); // what the geocoder asked for must not be forgotten either
      }
    } catch (DataAccessException e) {
      // The answer is worth more than the slot.
      LOG.warn("The geocoder's slot could not be released; it lapses by itself", e);
    } finally {
      turn.release();
    }
  }

  private Failure busy() {
    return Failure.passing(
        "geocoder-busy",
        "Other questions to the geocoder were in front for too long; Caravel tries again by itself.",
        settings.slotWait());
  }

  private static Failure interrupted(InterruptedException origin) {
    Thread.currentThread().interrupt();
    return Failure.passing("interrupted", STOPPED, origin);
  }
}
