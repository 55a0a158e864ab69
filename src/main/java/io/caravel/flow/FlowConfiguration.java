package io.caravel.flow;

import io.caravel.job.Crews;
import io.caravel.job.Steps;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.CamelContext;
import org.apache.camel.component.seda.SedaComponent;
import org.apache.camel.processor.aggregate.GroupedBodyAggregationStrategy;
import org.apache.camel.processor.idempotent.jdbc.JdbcMessageIdRepository;
import org.apache.camel.spi.Policy;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What the routes need of Camel beyond their own text. */
@Configuration
class FlowConfiguration {
  /** Hung threads above which the node asks for help. */
  private static final int TOO_MANY_HUNG = 4;

  private final AtomicInteger hung = new AtomicInteger();

  @Bean(destroyMethod = "shutdownNow")
  ExecutorService limitedWork() {
    return Executors.newCachedThreadPool(
        work -> {
          Thread thread = new Thread(work, "work");
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Of the step that the job is of. */
  @Bean
  TimeLimit timeLimit(Steps steps, ExecutorService limitedWork) {
    return new TimeLimit(null, steps, limitedWork, hung);
  }

  /** Of {@code /encode}, which has no job; and of routes as they were before there were steps. */
  @Bean
  Policy facesTimeLimit(Steps steps, ExecutorService limitedWork) {
    return new TimeLimit("faces", steps, limitedWork, hung);
  }

  @Bean
  Policy thumbnailsTimeLimit(Steps steps, ExecutorService limitedWork) {
    return new TimeLimit("thumbnails", steps, limitedWork, hung);
  }

  @Bean
  Policy metadataTimeLimit(Steps steps, ExecutorService limitedWork) {
    return new TimeLimit("metadata", steps, limitedWork, hung);
  }

  @Bean("seda-component")
  SedaComponent lastingSeda(
      Workers workers,
      Crews crews,
      Steps steps,
      @Value("${caravel.queue.worker-rest-ms}") long workerRestMs) {
    return new LastingSeda(workers, crews, steps, workerRestMs);
  }

  @Bean
  HealthIndicator workersHealthIndicator(Workers workers) {
    return () -> {
      String missing = workers.missing();
      Health.Builder health = Health.up();
      if (!missing.isEmpty()) {
        health
            .down()
            .withDetail(
                "reason",
                "Workers are missing: %s. They met an error, which the log shows, and are replaced; if that does not end, restart Caravel."
                    .formatted(missing));
      } else if (hung.get() >= TOO_MANY_HUNG) {
        health
            .down()
            .withDetail(
                "reason",
                "Work that does not heed its time limit holds threads: restart Caravel; the failures show which photos.");
      }
      workers.crews().forEach((queue, crew) -> health.withDetail(queue, crew.toString()));
      return health.withDetail("hung", hung.get()).build();
    };
  }

  /** The same bytes are taken in once: by SHA-256. */
  @Bean
  JdbcMessageIdRepository intakeKeys(DataSource database, PlatformTransactionManager manager) {
    return keys("intake", database, manager);
  }

  /** The same job is queued once: by queue and md5 of its data, until it ends. */
  @Bean
  JdbcMessageIdRepository enqueueKeys(DataSource database, PlatformTransactionManager manager) {
    return keys("enqueue", database, manager);
  }

  /** What a job made is kept once: by job and run. */
  @Bean
  JdbcMessageIdRepository keepKeys(DataSource database, PlatformTransactionManager manager) {
    return keys("keep", database, manager);
  }

  /** The outcomes of a request's files, in their order. */
  @Bean
  AggregationStrategy allOutcomes() {
    return new GroupedBodyAggregationStrategy();
  }

  private static JdbcMessageIdRepository keys(
      String name, DataSource database, PlatformTransactionManager manager) {
    JdbcMessageIdRepository keys = new Keys(database, new TransactionTemplate(manager), name);
    keys.setCreateTableIfNotExists(false);
    keys.setTableName("idempotent_keys");
    return keys;
  }

  /**
   * Camel asks whether the key is there and then writes it; here one statement does both. Not
   * final: it may be wrapped.
   */
  static class Keys extends JdbcMessageIdRepository {
    Keys(DataSource database, TransactionTemplate transaction, String name) {
      super(database, transaction, name);
    }

    @Override
    protected void doInit() throws Exception {
      super.doInit();
      setInsertString(getInsertString().replace("INSERT INTO", "insert ignore into"));
    }

    @Override
    public boolean add(String key) {
      return Boolean.TRUE.equals(transactionTemplate.execute(status -> insert(key) == 1));
    }
  }

  /** A broker that is away at start or goes away later is waited for; the rest goes on. */
  @Bean
  @Profile("rabbitmq")
  CamelContextConfiguration waitForTheBroker() {
    return new CamelContextConfiguration() {
      @Override
      public void beforeApplicationStart(CamelContext context) {
        var supervising = context.getRouteController().supervising();
        supervising.setInitialDelay(0);
        supervising.setBackOffDelay(1000);
        supervising.setBackOffMaxDelay(10_000);
        supervising.setBackOffMultiplier(2);
        supervising.setExcludeRoutes("direct:*,platform-http:*,seda:*,timer:*,file:*");
      }

      @Override
      public void afterApplicationStart(CamelContext context) {
        // nothing more
      }
    };
  }
}
