package io.caravel.flow;

import io.caravel.ground.Failure;
import io.caravel.job.Job;
import io.caravel.job.OwnTime;
import io.caravel.job.Steps;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;
import org.apache.camel.support.ExchangeHelper;
import org.jspecify.annotations.Nullable;

/**
 * The steps inside have so long; then their thread is interrupted and the caller goes on with the
 * failure {@code time-limit}. What they wait for others does not count ({@link OwnTime}). Work that
 * does not heed the interrupt keeps its thread: {@link #hung} counts those. No database inside: an
 * interrupt within H2 would close it for all.
 */
final class TimeLimit implements Policy {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final @Nullable String step;
  private final Steps settings;
  private final ExecutorService threads;
  private final AtomicInteger hung;

  /**
   * @param step whose limit it is; null: that of the variable {@code job}
   */
  TimeLimit(@Nullable String step, Steps settings, ExecutorService threads, AtomicInteger hung) {
    this.step = step;
    this.settings = settings;
    this.threads = threads;
    this.hung = hung;
  }

  @Override
  public void beforeWrap(Route route, NamedNode definition) {
    // nothing to prepare
  }

  @Override
  public Processor wrap(Route route, Processor steps) {
    return exchange -> process(exchange, steps);
  }

  private void process(Exchange exchange, Processor work) throws Exception {
    within(step == null ? exchange.getVariable("job", Job.class).queue() : step, exchange, work);
  }

  /** Does this work within the limit of a step. */
  void within(String whose, Exchange exchange, Processor work) throws Exception {
    if (settings.isInterrupted(whose)) {
      limited(exchange, work, whose);
    } else {
      work.process(exchange);
    }
  }

  private void limited(Exchange exchange, Processor steps, String queue) throws Exception {
    // A copy: work that is late must not touch the exchange that has gone on.
    Exchange work = ExchangeHelper.createCopy(exchange, true);
    Duration limit = settings.limit(queue);
    Running running = new Running(work, steps);
    OwnTime own = new OwnTime();
    Future<?> future = threads.submit(() -> own.of(running));
    try {
      await(future, own, limit);
    } catch (TimeoutException e) {
      running.abandon(hung);
      future.cancel(true);
      throw Failure.passing(
          "time-limit",
          "The photo took longer than the "
              + limit.toSeconds()
              + " s a job of "
              + queue
              + " may: if it is a very large one, raise "
              + Steps.variable(queue, "limit-seconds")
              + ", then replay it.",
          e);
    } catch (InterruptedException e) {
      running.abandon(hung);
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
    ExchangeHelper.copyResults(exchange, work);
    Exception problem = work.getException();
    if (problem != null) {
      // Within these steps it is the photo that asks for so much; what it held is free again.
      exchange.setException(
          Failure.isOutOfMemory(problem)
              ? Failure.lasting(
                  "memory-limit",
                  "The photo needs more memory than Caravel has: raise CARAVEL_HEAP, then replay it.",
                  problem)
              : problem);
    }
  }

  /** Waits so long as the work may take by itself. */
  private static void await(Future<?> future, OwnTime own, Duration limit)
      throws InterruptedException, ExecutionException, TimeoutException {
    while (true) {
      long left = limit.toNanos() - own.nanos();
      try {
        future.get(Math.max(left, LOOK_AGAIN.toNanos()), TimeUnit.NANOSECONDS);
        return;
      } catch (TimeoutException e) {
        if (own.nanos() >= limit.toNanos()) {
          throw e;
        }
      }
    }
  }

  /** The steps on their own thread; counted as hung from the moment they are abandoned. */
  private static final class Running implements Runnable {
    private final Exchange work;
    private final Processor steps;
    private boolean ended;
    private boolean abandoned;
    private AtomicInteger hung = new AtomicInteger();

    private Running(Exchange work, Processor steps) {
      this.work = work;
      this.steps = steps;
    }

    @Override
    public void run() {
      try {
        steps.process(work);
      } catch (Exception | Error e) {
        work.setException(e);
      } finally {
        end();
      }
    }

    private synchronized void end() {
      ended = true;
      if (abandoned) {
        hung.decrementAndGet();
      }
    }

    private synchronized void abandon(AtomicInteger counter) {
      if (!ended) {
        abandoned = true;
        hung = counter;
        hung.incrementAndGet();
      }
    }
  }
}
