package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/**
 * A worker that meets an Error, wherever: its job is booked, its thread goes on, and its queue does
 * not stand.
 */
@Import(WorkerErrorsTest.Faults.class)
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/errors",
      "caravel.upkeep.beat-seconds=1",
      "caravel.queue.thumbnails.backoff-seconds=0",
      "caravel.queue.metadata.backoff-seconds=0",
      "caravel.queue.geolocation.backoff-seconds=0",
      "caravel.queue.faces.backoff-seconds=0"
    })
class WorkerErrorsTest extends FlowTest {
  /** The verbs that the next calls of meet an Error: {@code bean.method}. */
  private static final Map<String, Fault> FAULTS = new ConcurrentHashMap<>();

  @Autowired
  @Qualifier("workersHealthIndicator")
  HealthIndicator workers;

  private record Fault(Supplier<Error> error, AtomicInteger left) {}

  @TestConfiguration
  static class Faults {
    private static final Set<String> BEANS =
        Set.of(
            "jobs",
            "keepKeys",
            "limitedWork",
            "exifToolExecutor",
            "geocoderSlot",
            "nodes",
            "thumbnails",
            "settled",
            "photos");

    @Bean
    static BeanPostProcessor faults() {
      return new BeanPostProcessor() {
        @Override
        public @Nullable Object postProcessAfterInitialization(Object bean, String name) {
          if (!BEANS.contains(name)) {
            return bean;
          }
          ProxyFactory proxy = new ProxyFactory(bean);
          proxy.setProxyTargetClass(!(bean instanceof ExecutorService));
          proxy.addAdvice((MethodInterceptor) call -> orFault(name, call));
          return proxy.getProxy();
        }
      };
    }

    private static @Nullable Object orFault(String bean, MethodInvocation call) throws Throwable {
      Fault fault = FAULTS.get(bean + "." + call.getMethod().getName());
      if (fault != null && fault.left().getAndDecrement() > 0) {
        throw fault.error().get();
      }
      return call.proceed();
    }
  }

  private static void fault(String verb, int times, Supplier<Error> error) {
    FAULTS.put(verb, new Fault(error, new AtomicInteger(times)));
  }

  @AfterEach
  void mend() {
    FAULTS.clear();
  }

  private static int left(String verb) {
    Fault fault = FAULTS.get(verb);
    return fault == null ? 0 : fault.left().get();
  }

  /** As many as there are workers and more: were one lost to each, the queue would stand. */
  private static final int EACH_WORKER = 3;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jobs.claim",
        "limitedWork.submit",
        "exifToolExecutor.execute",
        "keepKeys.add",
        "jobs.ended",
        "jobs.failed",
        "jobs.hints"
      })
  void whereverTheyMeetItTheQueuesGoOnAndNoJobStaysRunning(String verb) {
    set("caravel.queue.thumbnails.tries", EACH_WORKER + 2);
    set("caravel.queue.metadata.tries", EACH_WORKER + 2);
    set("caravel.queue.faces.tries", EACH_WORKER + 2);
    if (verb.equals("jobs.failed")) {
      fault("thumbnails.make", 1, StackOverflowError::new);
    }
    fault(verb, EACH_WORKER, () -> new NoClassDefFoundError("a class that cannot be loaded"));
    for (int photo = 0; photo < EACH_WORKER; photo++) {
      api.accepted("a.jpg", Picture.tiny().bytes());
    }

    eventually("all met " + verb, () -> left(verb) <= 0);
    long photo = api.accepted("b.jpg", Picture.tiny().bytes());
    assertThat(settled(photo).at("/jobs/thumbnails/state").asText()).isEqualTo("done");
    eventually(
        "all ended",
        () -> count("select count(*) from jobs where state in ('queued', 'running')") == 0);
    assertThat(count("select count(*) from jobs where state = 'failed'")).isZero();
    assertAllWorkersAreThere();
  }

  @Test
  void memoryThatRunsOutForOnePhotoIsItsOwnFailure() {
    fault("thumbnails.make", 1, () -> new OutOfMemoryError("Java heap space"));
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    JsonNode job = ended(photo, "thumbnails");
    assertThat(job.path("state").asText()).isEqualTo("failed");
    assertThat(job.path("cause").asText()).isEqualTo("memory-limit");
    api.post("/api/failures/replay");
    eventually("replayed", () -> job(photo, "thumbnails").path("state").asText().equals("done"));
    assertAllWorkersAreThere();
  }

  @ParameterizedTest
  @ValueSource(strings = {"keepKeys.add", "geocoderSlot.mayStart"})
  void memoryThatRunsOutBesideItIsTriedAgain(String verb) {
    fault(verb, 1, () -> new OutOfMemoryError("Java heap space"));
    long photo =
        api.accepted("a.jpg", Picture.tiny().at(10 + Math.random(), 20 + Math.random()).bytes());
    JsonNode settled = settled(photo);
    assertThat(settled.at("/jobs/geolocation/state").asText()).isEqualTo("done");
    assertThat(api.get("/api/photos/" + photo + "/journey").text()).contains("\"out-of-memory\"");
    assertAllWorkersAreThere();
  }

  @Test
  void aScheduleGoesOn() {
    fault("nodes.beat", 1, StackOverflowError::new);
    eventually("met", () -> left("nodes.beat") <= 0);
    eventually("again, twice", () -> left("nodes.beat") <= -2);
  }

  @Test
  void theInboxIsLookedAtFurther() throws Exception {
    fault("settled.test", 2, StackOverflowError::new);
    Path file = Files.createDirectories(inbox()).resolve("a.jpg");
    Files.write(file, Picture.tiny().bytes());
    eventually("met", () -> left("settled.test") <= 0);
    eventually("taken", () -> Files.exists(inbox().resolve(".done/a.jpg")));
  }

  @Test
  void aRequestIsAnsweredWithASentence() {
    fault("photos.trash", 1, () -> new OutOfMemoryError("Java heap space"));
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    settled(photo);
    Api.Answer answer = api.delete("/api/photos/" + photo);
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.detail()).contains("memory");
    assertThat(api.delete("/api/photos/" + photo).status()).isLessThan(300);
  }

  void assertAllWorkersAreThere() {
    eventually("all workers are there", () -> workers.health().getStatus().equals(Status.UP));
    Health health = workers.health();
    assertThat(health.getStatus()).as(health.toString()).isEqualTo(Status.UP);
    assertThat(health.getDetails())
        .containsEntry("thumbnails", "2 of 2")
        .containsEntry("metadata", "2 of 2")
        .containsEntry("feed", "1 of 1");
  }
}
