package io.caravel.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.caravel.job.CrewSize;
import io.caravel.job.Crews;
import io.caravel.job.Job;
import io.caravel.job.Jobs;
import io.caravel.job.Lane;
import io.caravel.job.Neighbours;
import io.caravel.job.ShippedSteps;
import io.caravel.photo.Photo;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.RoutePolicySupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The threads of queues and schedules outlive Errors, also those that no step can be blamed for.
 */
class LastingThreadsTest {
  private static final int NEVER = 3_600_000;

  private final MemoryShortage shortage =
      new MemoryShortage(Duration.ofHours(1), () -> 0, () -> 0, status -> {}, status -> {});
  private final Workers workers = new Workers(shortage);
  private final Crews crews = mock(Crews.class);
  private final Jobs jobs = mock(Jobs.class);
  private final Neighbours neighbours = mock(Neighbours.class);
  private final DefaultCamelContext camel = new DefaultCamelContext();
  private final List<String> heard = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    camel.getShutdownStrategy().setTimeout(1);
    camel.stop();
    shortage.close();
  }

  private void start(int restMs, RouteBuilder routes) throws Exception {
    camel.addComponent("seda", new LastingSeda(workers, crews, ShippedSteps.steps(), restMs));
    camel.getExecutorServiceManager().setThreadPoolFactory(new LastingSchedules(workers));
    camel.addRoutes(routes);
    camel.start();
  }

  private void send(String... messages) {
    for (String message : messages) {
      camel.createProducerTemplate().sendBody("seda:work?waitForTaskToComplete=Never", message);
    }
  }

  private RouteBuilder work() {
    return new RouteBuilder() {
      @Override
      public void configure() {
        from("seda:work?concurrentConsumers=2")
            .process(
                exchange -> {
                  String message = exchange.getMessage().getBody(String.class);
                  if (message.equals("bad")) {
                    throw new StackOverflowError();
                  }
                  heard.add(message);
                });
      }
    };
  }

  @Test
  void aQueueWhoseWorkersAllMetAnErrorGoesOn() throws Exception {
    start(10, work());
    send("bad", "bad", "bad", "a", "b");
    await().until(() -> heard.containsAll(List.of("a", "b")));
    await().until(() -> workers.crews().toString().equals("{work=2 of 2}"));
    assertThat(workers.crews()).hasToString("{work=2 of 2}");
  }

  @Test
  void aWorkerThatIsMissingIsToldWithItsQueue() throws Exception {
    start(NEVER, work());
    await().until(() -> workers.missing().isEmpty());
    send("bad");
    await().until(() -> workers.missing().equals("work (1 of 2)"));
    send("a");
    await().until(() -> heard.contains("a"));
  }

  @Test
  void aQueueThatIsGivenMoreWorkersDoesMoreAtOnceAndWithFewerItGoesOn() throws Exception {
    when(crews.of("thumbnails")).thenReturn(1);
    AtomicInteger atOnce = new AtomicInteger();
    Semaphore go = new Semaphore(0);
    start(
        10,
        new RouteBuilder() {
          @Override
          public void configure() {
            from("seda:thumbnails")
                .process(
                    exchange -> {
                      atOnce.incrementAndGet();
                      go.acquire();
                      atOnce.decrementAndGet();
                      heard.add(exchange.getMessage().getBody(String.class));
                    });
          }
        });
    for (String message : List.of("a", "b", "c", "d")) {
      camel
          .createProducerTemplate()
          .sendBody("seda:thumbnails?waitForTaskToComplete=Never", message);
    }
    await().until(() -> atOnce.get() == 1);
    workers.resized(new CrewSize("thumbnails", 3));
    await().until(() -> atOnce.get() == 3);
    assertThat(workers.crews()).hasToString("{thumbnails=3 of 3}");
    workers.resized(new CrewSize("thumbnails", 1));
    go.release(4);
    await().until(() -> heard.size() == 4);
    await().until(() -> workers.crews().toString().equals("{thumbnails=1 of 1}"));
    workers.resized(new CrewSize("thumbnails", 2));
    await().until(() -> workers.crews().toString().equals("{thumbnails=2 of 2}"));
  }

  @Test
  void aStoppedQueueMissesNobody() throws Exception {
    start(10, work());
    camel.getRouteController().stopRoute(camel.getRoutes().get(0).getRouteId());
    assertThat(workers.missing()).isEmpty();
  }

  /**
   * Camel says of an Error there that it is fatal, and the schedule is over without a word more.
   */
  @Test
  void aScheduleGoesOn() throws Exception {
    AtomicInteger ticks = new AtomicInteger();
    start(
        10,
        new RouteBuilder() {
          @Override
          public void configure() {
            from("scheduler:tick?delay=10&initialDelay=0")
                .process(
                    exchange -> {
                      if (ticks.incrementAndGet() == 1) {
                        throw new StackOverflowError();
                      }
                    });
          }
        });
    await().until(() -> ticks.get() > 20);
  }

  /** Camel goes on from a plain processor that threw an Error as if nothing had been. */
  @Test
  void afterAStepThatMetAnErrorTheNextOneIsNotTaken() throws Exception {
    ErrorsAreFailures errors = new ErrorsAreFailures(shortage, jobs, neighbours);
    errors.beforeApplicationStart(camel);
    camel.getCamelContextExtension().addInterceptStrategy(errors);
    start(
        NEVER,
        new RouteBuilder() {
          @Override
          public void configure() {
            from("seda:work")
                .doTry()
                .process(
                    exchange -> {
                      if (exchange.getMessage().getBody().equals("bad")) {
                        throw new StackOverflowError();
                      }
                    })
                .process(exchange -> heard.add(exchange.getMessage().getBody(String.class)))
                .doCatch(Throwable.class)
                .process(exchange -> heard.add("caught"))
                .doFinally()
                .process(exchange -> heard.add("left"))
                .end();
          }
        });
    send("bad", "a");
    await().until(() -> heard.size() == 4);
    assertThat(heard).containsExactly("caught", "left", "a", "left");
    await().until(() -> workers.missing().isEmpty());
  }

  /** What Camel does around the steps may meet an Error too. */
  @Test
  void anErrorBetweenTheStepsIsBookedForTheJobAtHand() throws Exception {
    ErrorsAreFailures errors = new ErrorsAreFailures(shortage, jobs, neighbours);
    errors.beforeApplicationStart(camel);
    camel.getCamelContextExtension().addInterceptStrategy(errors);
    Job job = job();
    LinkageError error = new LinkageError("met on the way");
    start(
        NEVER,
        new RouteBuilder() {
          @Override
          public void configure() {
            from("seda:work")
                .routePolicy(
                    new RoutePolicySupport() {
                      @Override
                      public void onExchangeBegin(Route route, Exchange exchange) {
                        if (exchange.getMessage().getBody().equals("bad")) {
                          exchange.setVariable("job", job);
                          throw error;
                        }
                      }
                    })
                .process(exchange -> heard.add(exchange.getMessage().getBody(String.class)));
          }
        });
    send("bad", "a");
    await().until(() -> heard.contains("a"));
    verify(neighbours).leave(job);
    verify(jobs).failed(job, error);
    await().until(() -> camel.getInflightRepository().size() == 0);
    await().until(() -> workers.missing().isEmpty());
  }

  private static Job job() {
    Photo photo =
        new Photo(1, "aa", "a.jpg", "image/jpeg", 1, "private", "aa", "aa.jpg", false, null, null);
    return new Job(
        1, "thumbnails", "k", "{}", false, 1, 1, 0, 0, "node/boot", Lane.UPLOAD, 0, photo);
  }
}
