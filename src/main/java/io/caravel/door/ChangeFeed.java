package io.caravel.door;

import io.caravel.change.Changes;
import io.caravel.change.Changes.Page;
import io.caravel.change.NumberedListener;
import io.caravel.database.DatabaseFile;
import io.caravel.ground.Failure;
import io.caravel.ground.WeatherLog;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Tells those who wait what changed, once it has reached the disk: a number that was told is never
 * given to another change. One look at the table for all of them when this node has numbered some,
 * and every half second for what others have; none while nobody waits. A few threads write to the
 * lines, a page each at a time.
 */
@Component
class ChangeFeed implements NumberedListener, SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(ChangeFeed.class);
  private static final int MOST_LISTENERS = 100;
  private static final int SENDERS = 4;

  private final Changes changes;
  private final DatabaseFile databaseFile;
  private final long pollMs;
  private final Duration sign;
  private final Set<ChangeListener> listeners = ConcurrentHashMap.newKeySet();
  private final Semaphore places = new Semaphore(MOST_LISTENERS);
  private final ScheduledExecutorService looker =
      Executors.newSingleThreadScheduledExecutor(work -> Daemon.thread(work, "changes"));
  private final ExecutorService senders =
      Executors.newFixedThreadPool(SENDERS, work -> Daemon.thread(work, "changes-send"));
  private volatile boolean running;

  /** All up to this number has reached the disk. */
  private volatile long durable;

  ChangeFeed(
      Changes changes,
      DatabaseFile databaseFile,
      @Value("${caravel.events.poll-ms}") long pollMs,
      @Value("${caravel.events.heartbeat-ms}") long heartbeatMs) {
    this.changes = changes;
    this.databaseFile = databaseFile;
    this.pollMs = pollMs;
    this.sign = Duration.ofMillis(heartbeatMs);
  }

  /** The changes after a number, as they are now. */
  Page page(long after) {
    Page page = changes.after(after, Long.MAX_VALUE);
    if (!page.items().isEmpty()) {
      databaseFile.sync();
    }
    return page;
  }

  /** The first change after a number, and those that came with it; none, once the wait is over. */
  DeferredResult<Page> next(long after, Duration wait) {
    ChangePoll poll = new ChangePoll(after, wait);
    poll.answer().onCompletion(() -> leave(poll));
    admit(poll);
    return poll.answer();
  }

  /** All changes after a number. */
  SseEmitter line(long after) {
    changes.after(after, after); // refuses what is not there
    ChangeLine line = new ChangeLine(after, sign);
    line.emitter().onCompletion(() -> leave(line));
    line.emitter().onTimeout(() -> leave(line));
    line.emitter().onError(e -> leave(line));
    admit(line);
    return line.emitter();
  }

  private void admit(ChangeListener listener) {
    if (!running || !places.tryAcquire()) {
      throw Problem.thrown(
          HttpStatus.SERVICE_UNAVAILABLE,
          MOST_LISTENERS + " wait for changes already: close some, or try again later.");
    }
    listeners.add(listener);
    numbered();
  }

  private void leave(ChangeListener listener) {
    if (listeners.remove(listener)) {
      places.release();
    }
  }

  @Override
  public void numbered() {
    if (!listeners.isEmpty()) {
      try {
        looker.execute(this::look);
      } catch (RejectedExecutionException e) {
        LOG.debug("The program ends", e);
      }
    }
  }

  private void look() {
    if (listeners.isEmpty()) {
      return;
    }
    try {
      long last = changes.last();
      if (listeners.stream().anyMatch(listener -> listener.last() < last)) {
        databaseFile.sync();
      }
      durable = last;
    } catch (RuntimeException | Error e) { // or the schedule would end; the database may come back
      LOG.warn(WeatherLog.MARKER, "Changes cannot be read: {}", e.toString());
    }
    listeners.forEach(this::serve);
  }

  private void serve(ChangeListener listener) {
    if ((listener.last() < durable || listener.isDue()) && listener.take()) {
      try {
        senders.execute(() -> tell(listener));
      } catch (RejectedExecutionException e) {
        LOG.debug("The program ends", e);
      }
    }
  }

  private void tell(ChangeListener listener) {
    try {
      long upTo = durable;
      long last = listener.last();
      listener.tell(last < upTo ? changes.after(last, upTo) : new Page(List.of(), last));
      if (!listener.staysOn()) {
        leave(listener);
      }
    } catch (Failure e) {
      leave(listener);
      listener.fail(e);
    } catch (IOException | RuntimeException e) {
      leave(listener); // the other end is closed: nothing to be done about it
      listener.end();
    } finally {
      listener.rest();
    }
    if (listeners.contains(listener)) {
      serve(listener);
    }
  }

  @Override
  public void start() {
    running = true;
    looker.scheduleWithFixedDelay(this::look, pollMs, pollMs, TimeUnit.MILLISECONDS);
  }

  /** Before the server waits for open requests to end: these would not end by themselves. */
  @Override
  public void stop() {
    running = false;
    looker.shutdown();
    listeners.forEach(ChangeListener::end);
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
