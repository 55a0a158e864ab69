package io.caravel.change;

import io.caravel.ground.WeatherLog;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Numbers the changes that were committed, without gaps, one node at a time: whoever holds the row
 * of {@code changes_numbered} sees all that the others have numbered. A change that another was
 * made upon has the smaller number, for it was committed before the other drew its id. Thread-safe.
 */
@Component("numberer")
public class Numberer implements OutboxListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Numberer.class);

  /** Changes in one transaction. */
  private static final int BATCH = 500;

  private final JdbcClient database;
  private final TransactionTemplate transaction;
  private final List<NumberedListener> listeners;
  private final String unnumbered;
  private final long paceNanos;
  private final AtomicBoolean woken = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor turn =
      new ScheduledThreadPoolExecutor(1, Numberer::thread);
  private volatile long ended = System.nanoTime();

  /**
   * @param byIndex as MariaDB and H2 take it: else the one walks through all changes for the order
   * @param paceMs from the end of one turn to the next, however many commit meanwhile
   */
  public Numberer(
      JdbcClient database,
      TransactionTemplate transaction,
      List<NumberedListener> listeners,
      @Value("${caravel.db.by-index}") String byIndex,
      @Value("${caravel.changes.pace-ms}") long paceMs) {
    this.database = database;
    this.transaction = transaction;
    this.listeners = listeners;
    this.unnumbered =
        "select id from changes "
            + byIndex
            + " (changes_listed) where seq is null order by seq, id limit :most";
    this.paceNanos = Duration.ofMillis(paceMs).toNanos();
    turn.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Has them numbered as soon as the pace allows. */
  @Override
  public void committed() {
    if (woken.compareAndSet(false, true)) {
      try {
        turn.schedule(this::wake, ended + paceNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("The program ends: what was committed is numbered at the next start", e);
      }
    }
  }

  private void wake() {
    woken.set(false);
    try {
      number();
    } catch (RuntimeException e) {
      LOG.warn(WeatherLog.MARKER, "Changes are numbered again in a moment: {}", String.valueOf(e));
    } finally {
      ended = System.nanoTime();
    }
  }

  /** Numbers all that was committed before the call. */
  public void number() {
    if (unnumbered(1).isEmpty()) {
      return;
    }
    int numbered;
    do {
      numbered = Objects.requireNonNull(transaction.execute(status -> numberSome()));
    } while (numbered == BATCH);
    listeners.forEach(NumberedListener::numbered);
  }

  private int numberSome() {
    long last =
        database
            .sql("select numbered from changes_numbered where id = 1 for update")
            .query(Long.class)
            .single();
    List<Long> ids = unnumbered(BATCH);
    int end;
    for (int from = 0; from < ids.size(); from = end) {
      long shift = last + from + 1 - ids.get(from);
      for (end = from + 1; end < ids.size() && ids.get(end) == ids.get(end - 1) + 1; ) {
        end++;
      }
      // By their ids: a server would wait at the end of a range for what is written there.
      database
          .sql("update changes set seq = id + :shift where id in (:ids)")
          .param("shift", shift)
          .param("ids", ids.subList(from, end))
          .update();
    }
    if (!ids.isEmpty()) {
      database
          .sql("update changes_numbered set numbered = :last where id = 1")
          .param("last", last + ids.size())
          .update();
    }
    return ids.size();
  }

  private List<Long> unnumbered(int most) {
    return database.sql(unnumbered).param("most", most).query(Long.class).list();
  }

  /** Waits for the turn under way; what is not numbered then is at the next start. */
  @Override
  public void close() {
    turn.shutdown(); // no interrupt: it would close the embedded database
    try {
      turn.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "numberer");
    thread.setDaemon(true);
    return thread;
  }
}
