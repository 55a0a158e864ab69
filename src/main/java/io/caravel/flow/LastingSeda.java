package io.caravel.flow;

import io.caravel.job.Failure;
import io.caravel.job.WeatherLog;
import java.util.concurrent.BlockingQueue;
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
 * The in-process queues, with workers that outlive whatever they meet. Camel's own end by an Error,
 * and their queue stands.
 */
@org.apache.camel.spi.annotations.Component("seda") // by which Camel finds its options
final class LastingSeda extends SedaComponent {
  private static final Logger LOG = LoggerFactory.getLogger(LastingSeda.class);

  private final Workers workers;
  private final long restMs;

  /**
   * @param restMs before a worker goes on that met an Error: it may meet it again
   */
  LastingSeda(Workers workers, long restMs) {
    this.workers = workers;
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
      workers.wanted(queue, getEndpoint().getConcurrentConsumers());
      super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
      workers.wanted(queue, 0);
      super.doStop();
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
      try {
        super.doRun();
        return true;
      } catch (Error e) {
        workers.met("A worker of " + queue, e);
        return false;
      } finally {
        workers.leaves(queue);
      }
    }
  }
}
