package io.caravel.job;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What waits, runs and has ended in each queue, over all nodes; pause and resume. */
@Component("queues")
public class Queues {
  private static final List<String> STATES =
      List.of("queued", "running", "done", "skipped", "failed");
  private static final Duration[] BUCKETS =
      LongStream.of(10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);
  private static final Duration RATE_WINDOW = Duration.ofSeconds(60);

  private static final Duration LEAST_KEPT = Duration.ofMillis(300);
  private static final Duration MOST_KEPT = Duration.ofSeconds(5);

  private final JdbcClient database;
  private final MeterRegistry metrics;
  private final List<Requirement> requirements;
  private final List<Hindrance> hindrances;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private Map<String, Depth> depths = Map.of();
  private long countedAt;
  private long keepNanos;

  Queues(
      JdbcClient database,
      MeterRegistry metrics,
      List<Requirement> requirements,
      List<Hindrance> hindrances) {
    this.database = database;
    this.metrics = metrics;
    this.requirements = requirements;
    this.hindrances = hindrances;
    for (String queue : QueueSettings.NAMES) {
      for (String state : STATES) {
        Gauge.builder("caravel.queue.jobs", this, q -> q.count(queue, state))
            .description("Jobs of a queue in a state")
            .tags("queue", queue, "state", state)
            .register(metrics);
      }
      Gauge.builder("caravel.queue.oldest.seconds", this, q -> q.oldest(queue))
          .description("Age of the oldest job that is due and waits, in seconds")
          .tags("queue", queue)
          .register(metrics);
    }
  }

  /**
   * The state of one queue.
   *
   * @param perMinute jobs ended in the last minute, over all nodes
   * @param etaSeconds until the queued are done at that pace; null without a pace
   * @param oldestSeconds how long the oldest due job has waited
   * @param waiting why its jobs wait or do not come to an end, and how to mend it, a sentence;
   *     null: as far as this node knows they do not
   */
  public record Depth(
      long queued,
      long running,
      long done,
      long skipped,
      long failed,
      double perMinute,
      @Nullable Long etaSeconds,
      long oldestSeconds,
      boolean paused,
      @Nullable String waiting) {}

  private record Sample(long nanos, Map<String, Long> ended) {}

  /** The queues by name. Counted at most once in a while: the longer it takes, the rarer. */
  public synchronized Map<String, Depth> depths() {
    long now = System.nanoTime();
    if (depths.isEmpty() || now - countedAt > keepNanos) {
      depths = count(now);
      countedAt = System.nanoTime();
      keepNanos = keep(countedAt - now);
    }
    return depths;
  }

  /** A twentieth of the time at most is spent counting, unless the figures would grow stale. */
  static long keep(long tookNanos) {
    return Math.min(
        Math.max(LEAST_KEPT.toNanos(), 20 * tookNanos),
        Math.max(MOST_KEPT.toNanos(), 2 * tookNanos));
  }

  private Map<String, Depth> count(long now) {
    Map<String, Map<String, Long>> counts = new HashMap<>();
    database
        .sql("select queue, state, count(*) as jobs from jobs group by queue, state")
        .query(
            row -> {
              counts
                  .computeIfAbsent(row.getString("queue"), q -> new HashMap<>())
                  .put(row.getString("state"), row.getLong("jobs"));
            });
    Map<String, Long> ended = new HashMap<>();
    counts.forEach(
        (queue, byState) ->
            ended.put(
                queue,
                byState.getOrDefault("done", 0L)
                    + byState.getOrDefault("skipped", 0L)
                    + byState.getOrDefault("failed", 0L)));
    samples.addLast(new Sample(now, ended));
    while (samples.size() > 2 && now - second().nanos() > RATE_WINDOW.toNanos()) {
      samples.removeFirst();
    }
    Map<String, Depth> result = new LinkedHashMap<>();
    for (String queue : QueueSettings.NAMES) {
      Map<String, Long> byState = counts.getOrDefault(queue, Map.of());
      long queued = byState.getOrDefault("queued", 0L);
      double perMinute = perMinute(queue, now);
      result.put(
          queue,
          new Depth(
              queued,
              byState.getOrDefault("running", 0L),
              byState.getOrDefault("done", 0L),
              byState.getOrDefault("skipped", 0L),
              byState.getOrDefault("failed", 0L),
              Math.round(perMinute * 10) / 10.0,
              queued == 0
                  ? Long.valueOf(0)
                  : perMinute < 0.1 ? null : Math.round(60 * queued / perMinute),
              queued == 0 ? 0 : waited(queue),
              isPaused(queue),
              told(queue, queued)));
    }
    return result;
  }

  private Sample second() {
    var iterator = samples.iterator();
    iterator.next();
    return iterator.next();
  }

  private double perMinute(String queue, long now) {
    Sample first = samples.getFirst();
    Sample last = samples.getLast();
    double seconds = (now - first.nanos()) / 1e9;
    long ended = last.ended().getOrDefault(queue, 0L) - first.ended().getOrDefault(queue, 0L);
    return seconds < 1 ? 0 : Math.max(0, 60 * ended / seconds);
  }

  private long waited(String queue) {
    return database
        .sql(
            """
            select coalesce(timestampdiff(second, min(due_at), current_timestamp(3)), 0)
            from jobs where queue = :queue and state = 'queued' and due_at <= current_timestamp(3)
            """)
        .param("queue", queue)
        .query(Long.class)
        .single();
  }

  private @Nullable String told(String queue, long queued) {
    String missing = waiting(queue);
    if (missing != null) {
      return missing;
    }
    return hindrances.stream()
        .filter(hindrance -> queued > 0 || hindrance.whileIdle())
        .flatMap(hindrance -> Stream.ofNullable(hindrance.of(queue)))
        .findFirst()
        .orElse(null);
  }

  /** Why jobs of the queue cannot start on this node at present; null when they can. */
  @Nullable String waiting(String queue) {
    for (Requirement requirement : requirements) {
      String missing = requirement.queue().equals(queue) ? requirement.missing() : null;
      if (missing != null) {
        return missing;
      }
    }
    return null;
  }

  boolean isPaused(String queue) {
    return database
        .sql("select paused from queues where name = :queue")
        .param("queue", queue)
        .query(Boolean.class)
        .single();
  }

  /** Lets no further job of the queue start, on any node; what runs ends. */
  public Depth pause(String queue) {
    return switchTo(queue, true);
  }

  /** Lets the queue go on. */
  public Depth resume(String queue) {
    // What was hinted at meanwhile was not taken: hint again. By key, not by index: a server would
    // find a deadlock with the workers' claims otherwise.
    List<Long> hinted =
        database
            .sql(
                "select id from jobs where queue = :queue and state = 'queued' and sent_at is not null")
            .param("queue", queue)
            .query(Long.class)
            .list();
    if (!hinted.isEmpty()) {
      database
          .sql("update jobs set sent_at = null where id in (:ids) and state = 'queued'")
          .param("ids", hinted)
          .update();
    }
    return switchTo(queue, false);
  }

  private synchronized Depth switchTo(String queue, boolean paused) {
    if (!QueueSettings.NAMES.contains(queue)) {
      throw unknown(queue);
    }
    database
        .sql("update queues set paused = :paused where name = :queue")
        .param("paused", paused)
        .param("queue", queue)
        .update();
    depths = Map.of();
    return Objects.requireNonNull(depths().get(queue));
  }

  static Failure unknown(String queue) {
    return Failure.lasting(
        "no-such-queue",
        "There is no queue \""
            + queue
            + "\": they are "
            + String.join(", ", QueueSettings.NAMES)
            + ".");
  }

  /** Times the work of one start, from claim to end. */
  public void measure(String queue, String outcome, long nanos) {
    Timer.builder("caravel.job")
        .description("Time from the claim of a job to its end")
        .tags("queue", queue, "outcome", outcome)
        .serviceLevelObjectives(BUCKETS)
        .register(metrics)
        .record(Duration.ofNanos(nanos));
  }

  private double count(String queue, String state) {
    Depth depth = depths().get(queue);
    if (depth == null) {
      return 0;
    }
    return switch (STATES.indexOf(state)) {
      case 0 -> depth.queued();
      case 1 -> depth.running();
      case 2 -> depth.done();
      case 3 -> depth.skipped();
      default -> depth.failed();
    };
  }

  private double oldest(String queue) {
    Depth depth = depths().get(queue);
    return depth == null ? 0 : depth.oldestSeconds();
  }
}
