package io.caravel.flow;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.camel.support.DefaultThreadPoolFactory;
import org.springframework.stereotype.Component;

/**
 * What Camel does again and again, such as looking into the inbox, goes on after an Error: a
 * schedule of Java's ends by the first one, and Camel says so and rethrows it.
 */
@Component
final class LastingSchedules extends DefaultThreadPoolFactory implements CamelContextConfiguration {
  private final Workers workers;

  LastingSchedules(Workers workers) {
    this.workers = workers;
  }

  @Override
  public ScheduledExecutorService newScheduledThreadPool(
      ThreadPoolProfile profile, ThreadFactory threads) {
    ScheduledThreadPoolExecutor pool =
        new ScheduledThreadPoolExecutor(profile.getPoolSize(), threads) {
          @Override
          public ScheduledFuture<?> scheduleAtFixedRate(
              Runnable work, long delay, long period, TimeUnit unit) {
            return super.scheduleAtFixedRate(lasting(work), delay, period, unit);
          }

          @Override
          public ScheduledFuture<?> scheduleWithFixedDelay(
              Runnable work, long delay, long period, TimeUnit unit) {
            return super.scheduleWithFixedDelay(lasting(work), delay, period, unit);
          }
        };
    pool.setRemoveOnCancelPolicy(true);
    return pool;
  }

  @Override
  public void beforeApplicationStart(CamelContext context) {
    context.getExecutorServiceManager().setThreadPoolFactory(this);
  }

  @Override
  public void afterApplicationStart(CamelContext context) {
    // nothing more
  }

  private Runnable lasting(Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (Error e) {
        workers.met(String.valueOf(work), e);
      }
    };
  }
}
