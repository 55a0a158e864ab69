package io.caravel.flow;

import io.caravel.ground.Failure;
import io.caravel.ground.WeatherLog;
import io.caravel.job.Crews;
import io.caravel.job.Steps;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Component;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.seda.BlockingQueueFactory;
import org.apache.camel.component.seda.SedaComponent;
import org.apache.camel.component.seda.SedaConsumer;
import org.apache.camel.component.seda.SedaEndpoint;
import org.apache.camel.support.LoggingExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The in-process queues, with workers that outlive whatever they meet, and of which there can be
 * more or fewer while they work. Camel's own end by an Error, and their queue stands; and their
 * number is what it was at the start.
 */
@org.apache.camel.spi.annotations.Component("seda") // by which Camel finds its options
final class LastingSeda extends SedaComponent {
  private static final Logger LOG = LoggerFactory.getLogger(LastingSeda.class);

  private final Workers workers;
  private final Crews crews;
  private final Steps steps;
  private final long restMs;

  /**
   * @param restMs before a worker goes on that met an Error: it may meet it again
   */
  LastingSeda(Workers workers, Crews crews, Steps steps, long restMs) {
    this.steps = steps;
    this.workers = workers;
    this.crews = crews;
    this.restMs = restMs;
  }

  @Override
  protected SedaEndpoint createEndpoint(
      String uri, Component component, BlockingQueueFactory<Exchange> queues, int consumers) {
    return new Endpoint(uri, component, queues, consumers);
  }

  @Override
  protected SedaEndpoint createEndpoint(
      String uri, Component component, BlockingQueue<Exchange> queue, int consumers) {
    return new Endpoint(uri, component, queue, consumers);
  }

  private final class Endpoint extends SedaEndpoint {
    private Endpoint(
        String uri, Component component, BlockingQueueFactory<Exchange> queues, int consumers) {
      super(uri, component, queues, consumers);
    }

    private Endpoint(
        String uri, Component component, BlockingQueue<Exchange> queue, int consumers) {
      super(uri, component, queue, consumers);
    }

    @Override
    protected SedaConsumer createNewConsumer(Processor processor) {
      return new Consumer(this, processor);
    }
  }

  private final class Consumer extends SedaConsumer {
    private final String queue;
    private final Semaphore rest = new Semaphore(0);

    /** The queue, on the threads that are its workers. */
    private final ThreadLocal<String> at = new ThreadLocal<>();

    private volatile int count;
    private volatile int present;
    private @Nullable ExecutorService joiners;

    private Consumer(SedaEndpoint endpoint, Processor processor) {
      super(endpoint, processor);
      this.queue = endpoint.getEndpointUri().replaceAll("^seda:(//)?|\\?.*$", "");
      setExceptionHandler(
          new LoggingExceptionHandler(endpoint.getCamelContext(), LastingSeda.class) {
            @Override
            public void handleException(
                String message, @Nullable Exchange exchange, Throwable problem) {
              // The database is away so far that not even the failure could be booked.
              LOG.warn(
                  WeatherLog.MARKER,
                  "A worker of {} could not go on: {}",
                  queue,
                  Failure.of(problem).getMessage());
            }
          });
    }

    @Override
    protected void doStart() throws Exception {
      if (steps.knows(queue)) {
        getEndpoint().setConcurrentConsumers(crews.of(queue));
        workers.consumer(queue, this::resize);
      }
      count = getEndpoint().getConcurrentConsumers();
      present = count;
      workers.wanted(queue, count);
      super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
      workers.consumer(queue, null);
      workers.wanted(queue, 0);
      super.doStop();
      ExecutorService joined = joiners;
      if (joined != null) {
        getEndpoint().getCamelContext().getExecutorServiceManager().shutdownGraceful(joined);
        joiners = null;
      }
    }

    /** More begin at once; those too many end with the job that they are at. */
    private synchronized void resize(int to) {
      count = to;
      workers.wanted(queue, to);
      if (joiners == null) {
        joiners =
            getEndpoint()
                .getCamelContext()
                .getExecutorServiceManager()
                .newCachedThreadPool(this, getEndpoint().getEndpointUri());
      }
      for (; present < count; present++) {
        joiners.execute(this::doRun);
      }
    }

    /** Also asked by each worker before it takes the next job. */
    @Override
    public boolean isRunAllowed() {
      return super.isRunAllowed() && !retires();
    }

    private boolean retires() {
      if (at.get() == null || present <= count) {
        return false;
      }
      synchronized (this) {
        if (present <= count) {
          return false;
        }
        present--;
        at.remove();
        return true;
      }
    }

    @Override
    protected void doRun() {
      while (!workedToTheEnd()) {
        try {
          rest.tryAcquire(restMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }

    private boolean workedToTheEnd() {
      workers.arrives(queue);
      at.set(queue);
      try {
        super.doRun();
        return true;
      } catch (Error e) {
        workers.met("A worker of " + queue, e);
        return false;
      } finally {
        at.remove();
        workers.leaves(queue);
      }
    }
  }
}
