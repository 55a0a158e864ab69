package io.caravel.flow;

import io.caravel.job.Job;
import io.caravel.job.Jobs;
import io.caravel.job.Neighbours;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.impl.engine.CamelInternalProcessor;
import org.apache.camel.impl.engine.CamelInternalProcessor.UnitOfWorkProcessorAdvice;
import org.apache.camel.processor.DefaultInternalProcessorFactory;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.spi.InternalProcessor;
import org.apache.camel.spi.InternalProcessorFactory;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.camel.support.UnitOfWorkHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

/**
 * An Error in a route (OutOfMemoryError, StackOverflowError, a class that cannot be loaded) is a
 * failure like any exception, and what the routes say of failures holds for it. Camel itself lets
 * it through to the thread of the worker, which ends by it. Errors of the steps are met at the
 * step; those between two steps where the route begins.
 */
@Component
final class ErrorsAreFailures implements InterceptStrategy, CamelContextConfiguration {
  private final MemoryShortage shortage;
  private final Jobs jobs;
  private final Neighbours neighbours;

  ErrorsAreFailures(MemoryShortage shortage, @Lazy Jobs jobs, @Lazy Neighbours neighbours) {
    this.shortage = shortage;
    this.jobs = jobs;
    this.neighbours = neighbours;
  }

  @Override
  public Processor wrapProcessorInInterceptors(
      CamelContext context, NamedNode step, Processor target, @Nullable Processor next) {
    return new DelegateAsyncProcessor(target) {
      @Override
      public boolean process(Exchange exchange, AsyncCallback callback) {
        Turn turn = new Turn(exchange, callback);
        boolean sync;
        try {
          sync = super.process(exchange, turn);
        } catch (Error e) {
          shortage.met(e);
          exchange.setException(failure(e));
          turn.broken();
          return true;
        }
        turn.ended();
        return sync;
      }
    };
  }

  private static RuntimeCamelException failure(Error e) {
    return new RuntimeCamelException(e.toString(), e);
  }

  /**
   * The route goes on from a step once, and only when the step is over: Camel lets it go on from a
   * plain processor in a {@code finally}, as if nothing had been, before an Error is seen.
   */
  private final class Turn implements AsyncCallback {
    private final Exchange exchange;
    private final AsyncCallback callback;
    private boolean over;
    private boolean called;
    private boolean calledSync;

    private Turn(Exchange exchange, AsyncCallback callback) {
      this.exchange = exchange;
      this.callback = callback;
    }

    @Override
    public void done(boolean sync) {
      synchronized (this) {
        if (!over) {
          called = true;
          calledSync = sync;
          return;
        }
      }
      goOn(sync);
    }

    private void ended() {
      synchronized (this) {
        over = true;
        if (!called) {
          return; // it will be, by another thread
        }
      }
      goOn(calledSync);
    }

    private void broken() {
      synchronized (this) {
        over = true;
      }
      callback.done(true);
    }

    private void goOn(boolean sync) {
      Exception problem = exchange.getException();
      if (problem != null) {
        shortage.met(problem);
        // Camel's word for an Error of a bean tells the number of the exchange only.
        if (problem instanceof CamelExecutionException && problem.getCause() instanceof Error e) {
          exchange.setException(failure(e));
        }
      }
      callback.done(sync);
    }
  }

  @Override
  public void beforeApplicationStart(CamelContext context) {
    context
        .getCamelContextExtension()
        .addContextPlugin(
            InternalProcessorFactory.class,
            new DefaultInternalProcessorFactory() {
              @Override
              public InternalProcessor addUnitOfWorkProcessorAdvice(
                  CamelContext camel, Processor steps, @Nullable Route route) {
                CamelInternalProcessor whole = new Whole(camel, steps);
                whole.addAdvice(new UnitOfWorkProcessorAdvice(route, camel));
                return whole;
              }
            });
  }

  @Override
  public void afterApplicationStart(CamelContext context) {
    // nothing more
  }

  /** All steps of a route: an Error that comes as far as here has broken off its exchange. */
  private final class Whole extends CamelInternalProcessor {
    private Whole(CamelContext camel, Processor steps) {
      super(camel, steps);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
      try {
        return super.process(exchange, callback);
      } catch (Error e) {
        shortage.met(e);
        exchange.setException(failure(e));
        book(exchange.getVariable("job"), e);
        UnitOfWorkHelper.doneUow(exchange.getUnitOfWork(), exchange);
        callback.done(true);
        return true;
      }
    }

    private void book(@Nullable Object variable, Error e) {
      if (variable instanceof Job job) {
        neighbours.leave(job);
        jobs.failed(job, e);
      }
    }
  }
}
