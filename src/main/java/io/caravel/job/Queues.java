package io.caravel.job;

import io.caravel.ground.Requirement;
import io.caravel.ground.Rest;
import io.caravel.request.Request;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What waits, runs and has ended in each queue, over all nodes; pause and resume. */
@Component("queues")
public class Queues implements Rest {
  private static final List<String> STATES =
      List.of("queued", "running", "done", "skipped", "failed");
  private static final Duration[] BUCKETS =
      LongStream.of(10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  /**
   * One statement, so that no job is seen twice or not at all that changes its state meanwhile.
   * State by state, so that each look uses the index. What failed of a photo in the trash is not
   * shown, as in {@link Failures}.
   */
  private static String unendedAndNew(List<String> steps) {
    return steps.stream()
            .flatMap(
                queue ->
                    Stream.of(
                        unended(queue, "queued", "jobs j", "1"),
                        unended(queue, "running", "jobs j", "1"),
                        unended(
                            queue,
                            "failed",
                            "jobs j join images i on i.id = j.image_id",
                            "case when i.deleted_at is null then 1 else 0 end")))
            .collect(Collectors.joining(" union all "))
        + " union all select queue, state, count(*), 0 from jobs where id > :upTo"
        + " and state in ('done', 'skipped') group by queue, state";
  }

  private static final String RUNNING =
      "select 1 from jobs where queue = :queue and state = 'running' limit 1";

  /** When the first due job of each lane has become due; lane by lane, as the index has them. */
  private static final String FIRST_DUE =
      Stream.of(Lane.values())
          .map(
              lane ->
                  """
                  (select due_at from jobs
                  where queue = :queue and state = 'queued' and lane = %d and due_at <= current_timestamp(3)
                  order by queue, state, lane, due_at limit 1)
                  """
                      .formatted(lane.number()))
          .collect(Collectors.joining(" union all "));

  private static String unended(String queue, String state, String from, String shown) {
    return """
        select '%1$s' as queue, '%2$s' as state, coalesce(sum(%4$s), 0) as shown,
          coalesce(sum(case when j.id <= :upTo then 1 else 0 end), 0) as old
        from %3$s where j.queue = '%1$s' and j.state = '%2$s'
        """
        .formatted(queue, state, from, shown);
  }

  /** So many ids are new: what takes a lower one has been committed. */
  private static final int NEW = 5000;

  private static final Duration RATE_WINDOW = Duration.ofSeconds(60);

  private static final Duration LEAST_KEPT = Duration.ofMillis(300);
  private static final Duration MOST_KEPT = Duration.ofSeconds(5);
  private static final Duration METRICS_READ = Duration.ofMinutes(5);

  private final JdbcClient database;
  private final MeterRegistry metrics;
  private final Weather weather;
  private final List<Requirement> requirements;
  private final List<Hindrance> hindrances;
  private final Crews crews;
  private final List<String> fed;
  private final Steps steps;
  private final String unendedAndNew;
  private final MultiGauge failures;
  private final Map<String, Timer> timers = new ConcurrentHashMap<>();
  private final Pace pace = new Pace();
  private final Deque<Sample> samples = new ArrayDeque<>();
  private Map<String, Depth> depths = Map.of();

  /** The last that were counted: whoever reads the metrics waits for no database. */
  private volatile Map<String, Depth> known = Map.of();

  private volatile long readAt = System.nanoTime();
  private long countBegan;
  private @Nullable RuntimeException countFailed;
  private long countFailedAt;
  private Ended ended = new Ended(0, Map.of());
  private long endedCounted;
  private long keepNanos;

  Queues(
      JdbcClient database,
      MeterRegistry metrics,
      Weather weather,
      List<Requirement> requirements,
      List<Hindrance> hindrances,
      Crews crews,
      Steps steps,
      @Value("${caravel.queue.fed}") List<String> fed) {
    this.database = database;
    this.metrics = metrics;
    this.weather = weather;
    this.requirements = requirements;
    this.hindrances = hindrances;
    this.crews = crews;
    this.fed = fed;
    this.steps = steps;
    this.unendedAndNew = unendedAndNew(steps.names());
    for (String queue : steps.names()) {
      for (String state : STATES) {
        Gauge.builder("caravel.queue.jobs", this, q -> q.count(queue, state))
            .description("Jobs of a queue in a state")
            .tags("queue", queue, "state", state)
            .register(metrics);
      }
      gauge(
          queue,
          "oldest.seconds",
          "Age of the oldest job that is due and waits, in seconds",
          Depth::oldestSeconds);
      gauge(queue, "paused", "1 while somebody has paused it", depth -> depth.paused() ? 1 : 0);
      gauge(
          queue,
          "waiting",
          "1 while its jobs wait for something to be mended",
          depth -> depth.waiting() == null ? 0 : 1);
      gauge(queue, "workers", "Workers that this node is to have", Depth::workers);
    }
    this.failures =
        MultiGauge.builder("caravel.failures")
            .description("Jobs that failed and wait for a replay, by cause")
            .register(metrics);
  }

  private void gauge(String queue, String name, String what, ToDoubleFunction<Depth> of) {
    Gauge.builder("caravel.queue." + name, this, q -> q.last(queue, of))
        .description(what)
        .tags("queue", queue)
        .register(metrics);
  }

  /**
   * The state of one queue.
   *
   * @param perMinute jobs ended in the last minute, over all nodes
   * @param etaSeconds until the queued are done at that pace; null without a pace
   * @param oldestSeconds how long the oldest due job has waited
   * @param waiting why its jobs wait or do not come to an end, and how to mend it, a sentence;
   *     null: as far as this node knows they do not
   * @param workers that this node is to have
   * @param title as the page calls it
   * @param about what it does, in a few words
   * @param after what it comes after: intake or a step; empty: a route queues it
   * @param own whether it is a step of the user's
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
      @Nullable String waiting,
      int workers,
      String title,
      String about,
      String after,
      boolean own) {}

  private record Sample(long nanos, Map<String, Long> ended) {}

  /** A count of the whole table: how many jobs each queue had in each state, up to an id. */
  private record Ended(long upTo, Map<String, Map<String, Long>> jobs) {
    long of(String queue, String... states) {
      return Stream.of(states)
          .mapToLong(state -> jobs.getOrDefault(queue, Map.of()).getOrDefault(state, 0L))
          .sum();
    }
  }

  /**
   * The queues by name, with all that was committed before it is asked. Those who ask while it is
   * counted for somebody else share the next count; where it fails, they fail with it, for each
   * would wait for the database, one after the other.
   */
  public Map<String, Depth> depths() {
    return since(System.nanoTime());
  }

  private synchronized Map<String, Depth> since(long nanos) {
    if (countFailed != null && countFailedAt - nanos > 0) {
      throw countFailed;
    }
    if (depths.isEmpty() || countBegan - nanos < 0) {
      long began = System.nanoTime();
      try {
        depths = count(began);
      } catch (RuntimeException e) {
        countFailed = e;
        countFailedAt = System.nanoTime();
        throw e;
      }
      countFailed = null;
      known = depths;
      countBegan = began;
    }
    return depths;
  }

  /** Counts for the metrics, for as long as somebody reads them. Every few seconds. */
  public void countForMetrics() {
    if (metricsAreRead()) {
      depths();
      failures.register(failed(), true);
    }
  }

  /** Whether somebody has read the metrics of late; once after the start, too. */
  public boolean metricsAreRead() {
    return known.isEmpty() || System.nanoTime() - readAt < METRICS_READ.toNanos();
  }

  private List<MultiGauge.Row<Number>> failed() {
    return database
        .sql(
            """
            select j.queue, j.cause, count(*) as failures from jobs j join images i on i.id = j.image_id
            where j.state = 'failed' and j.queue in (:queues) and i.deleted_at is null
            group by j.queue, j.cause
            """)
        .param("queues", steps.names())
        .query(
            (row, number) ->
                MultiGauge.Row.of(
                    Tags.of("queue", row.getString("queue"), "cause", row.getString("cause")),
                    (Number) row.getLong("failures")))
        .list();
  }

  /** A twentieth of the time at most is spent counting, unless the figures would grow stale. */
  static long keep(long tookNanos) {
    return Math.min(
        Math.max(LEAST_KEPT.toNanos(), 20 * tookNanos),
        Math.max(MOST_KEPT.toNanos(), 2 * tookNanos));
  }

  /**
   * What has ended is most of a large library and is counted once in a while, the longer it takes
   * the rarer; since then are counted those that have not ended, and those that are new.
   */
  private Map<String, Map<String, Long>> counted() {
    long now = System.nanoTime();
    if (keepNanos == 0 || now - endedCounted > keepNanos) {
      ended = ended();
      endedCounted = System.nanoTime();
      keepNanos = keep(endedCounted - now);
    }
    Map<String, Map<String, Long>> counts = new HashMap<>();
    Map<String, Long> unended = new HashMap<>();
    database
        .sql(unendedAndNew)
        .param("upTo", ended.upTo())
        .query(
            row -> {
              String queue = row.getString("queue");
              counts
                  .computeIfAbsent(queue, q -> new HashMap<>())
                  .put(row.getString("state"), row.getLong("shown"));
              unended.merge(queue, row.getLong("old"), Long::sum);
            });
    ended.jobs().keySet().stream()
        .filter(queue -> !steps.knows(queue))
        .forEach(queue -> counts.put(queue, elsewhere(queue)));
    for (String queue : steps.names()) {
      long all = ended.of(queue, "queued", "running", "failed", "done");
      Map<String, Long> byState = counts.computeIfAbsent(queue, q -> new HashMap<>());
      byState.merge("done", Math.max(0, all - unended.getOrDefault(queue, 0L)), Long::sum);
      byState.merge("skipped", ended.of(queue, "skipped"), Long::sum);
    }
    return counts;
  }

  /** Of a queue that is no step of this node, as it is now. */
  private Map<String, Long> elsewhere(String queue) {
    Map<String, Long> jobs = new HashMap<>();
    database
        .sql("select state, count(*) as jobs from jobs where queue = :queue group by state")
        .param("queue", queue)
        .query(
            row -> {
              jobs.put(row.getString("state"), row.getLong("jobs"));
            });
    return jobs;
  }

  private Ended ended() {
    long last = database.sql("select coalesce(max(id), 0) from jobs").query(Long.class).single();
    long upTo = Math.max(0, last - NEW);
    Map<String, Map<String, Long>> jobs = new HashMap<>();
    database
        .sql(
            """
            select queue, state, sum(case when id <= :upTo then 1 else 0 end) as jobs
            from jobs group by queue, state
            """)
        .param("upTo", upTo)
        .query(
            row -> {
              jobs.computeIfAbsent(row.getString("queue"), q -> new HashMap<>())
                  .put(row.getString("state"), row.getLong("jobs"));
            });
    return new Ended(upTo, jobs);
  }

  private Map<String, Depth> count(long now) {
    Map<String, Map<String, Long>> counts = counted();
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
    for (String queue : steps.names()) {
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
              told(queue, queued),
              crews.of(queue),
              steps.title(queue),
              steps.about(queue),
              steps.comesAfter(queue),
              steps.isOwn(queue)));
    }
    counts.forEach(
        (queue, byState) -> {
          if (!steps.knows(queue) && byState.values().stream().anyMatch(jobs -> jobs > 0)) {
            result.put(queue, elsewhere(queue, byState));
          }
        });
    return result;
  }

  /** A step of another node, or one that was: its jobs and what it made stay. */
  private Depth elsewhere(String queue, Map<String, Long> jobs) {
    long queued = jobs.getOrDefault("queued", 0L);
    return new Depth(
        queued,
        jobs.getOrDefault("running", 0L),
        jobs.getOrDefault("done", 0L),
        jobs.getOrDefault("skipped", 0L),
        jobs.getOrDefault("failed", 0L),
        0,
        queued == 0 ? Long.valueOf(0) : null,
        0,
        isPaused(queue),
        told(queue, queued),
        0,
        steps.title(queue),
        "",
        "",
        true);
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
            select coalesce(timestampdiff(second, min(due_at), current_timestamp(3)), 0) from (
            """
                + FIRST_DUE
                + ") due")
        .param("queue", queue)
        .query(Long.class)
        .single();
  }

  /** Why its jobs wait, and how to mend it, as a sentence; null: as far as this node knows not. */
  @Nullable String told(String queue, long queued) {
    if (!steps.knows(queue)) {
      return "Its file is gone from this node: put %s.camel.yaml into CARAVEL_ROUTES_EXTRA and start again, or its jobs wait for a node that has it."
          .formatted(queue);
    }
    String missing = missing(queue);
    String rests = missing == null ? weather.told(queue) : missing;
    if (rests != null) {
      return rests;
    }
    return hindrances.stream()
        .filter(hindrance -> queued > 0 || hindrance.whileIdle())
        .flatMap(hindrance -> Stream.ofNullable(hindrance.of(queue)))
        .findFirst()
        .orElse(null);
  }

  /** Why jobs of the queue cannot start on this node at present; null when they can. */
  @Nullable String missing(String queue) {
    for (Requirement requirement : requirements) {
      String missing = requirement.missing(queue);
      if (missing != null) {
        return missing;
      }
    }
    return null;
  }

  @Override
  public boolean atRestBut(String one) {
    return fed.stream()
        .filter(queue -> !queue.equals(one))
        .noneMatch(
            queue ->
                any(queue, RUNNING)
                    || !isPaused(queue)
                        && missing(queue) == null
                        && weather.told(queue) == null
                        && any(queue, "select 1 from (" + FIRST_DUE + ") due limit 1"));
  }

  private boolean any(String queue, String sql) {
    return database.sql(sql).param("queue", queue).query(Integer.class).optional().isPresent();
  }

  /** Each step has its rows from now on. Before the routes start. */
  public void open() {
    for (String queue : steps.names()) {
      database
          .sql("insert ignore into queues (name) values (:queue)")
          .param("queue", queue)
          .update();
      database
          .sql("insert ignore into queue_workers (queue) values (:queue)")
          .param("queue", queue)
          .update();
    }
  }

  /** The queues of all nodes, those of steps whose file is gone, too. */
  List<String> names() {
    return database.sql("select name from queues order by name").query(String.class).list();
  }

  boolean isPaused(String queue) {
    return database
        .sql("select paused from queues where name = :queue")
        .param("queue", queue)
        .query(Boolean.class)
        .optional()
        .orElse(false);
  }

  /** Lets no further job of the queue start, on any node; what runs ends. */
  public Depth pause(String queue) {
    return switchTo(queue, true);
  }

  /** As {@link #pause}, the queue that a request names. */
  public Depth pauseAsked(Request request) {
    return pause(steps.known(request.text("queue")));
  }

  /** As {@link #resume}, the queue that a request names. */
  public Depth resumeAsked(Request request) {
    return resume(steps.known(request.text("queue")));
  }

  /** The workers that a queue is to have on this node. */
  int workers(String queue) {
    return crews.of(queue);
  }

  /** Gives the queue that a request names so many workers a node, for good. */
  public Depth workersAsked(Request request) {
    String queue = steps.known(request.text("queue"));
    crews.set(queue, Objects.requireNonNull(request.body()).path("workers").intValue());
    return Objects.requireNonNull(depths().get(queue));
  }

  /** Lets the queue go on. */
  public Depth resume(String queue) {
    Depth depth = switchTo(queue, false);
    // What was hinted at meanwhile was not taken: hint again, now that nobody refuses a hint any
    // more. By key, not by index: a server would find a deadlock with the workers' claims
    // otherwise.
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
    return depth;
  }

  private Depth switchTo(String queue, boolean paused) {
    database
        .sql("update queues set paused = :paused where name = :queue")
        .param("paused", paused)
        .param("queue", queue)
        .update();
    return Objects.requireNonNull(depths().get(queue));
  }

  /** Times the work of one start, from claim to end. */
  public void measure(String queue, String outcome, long nanos) {
    timers
        .computeIfAbsent(queue + " " + outcome, both -> timer(queue, outcome))
        .record(nanos, TimeUnit.NANOSECONDS);
    pace.ended(queue, nanos, System.nanoTime());
  }

  private Timer timer(String queue, String outcome) {
    return Timer.builder("caravel.job")
        .description("Time from the claim of a job to its end")
        .tags("queue", queue, "outcome", outcome)
        .serviceLevelObjectives(BUCKETS)
        .register(metrics);
  }

  /**
   * How many jobs of the lower lanes may be under way: what this node has done in the last two
   * seconds, and two for each of its workers at least.
   */
  int room(String queue, int workers) {
    return Math.max(2 * workers, pace.inLastTwoSeconds(queue, System.nanoTime()));
  }

  /**
   * Jobs that end in a second, of late: as this node does them, or as all do if it has seen that.
   */
  double perSecond(String queue) {
    long now = System.nanoTime();
    double here = pace.perSecond(queue, now);
    synchronized (this) {
      return samples.isEmpty() ? here : Math.max(here, perMinute(queue, now) / 60);
    }
  }

  /** How long a job takes once it has begun; null: not known. */
  @Nullable Duration usual(String queue) {
    return pace.usual(queue, System.nanoTime());
  }

  private double count(String queue, String state) {
    return last(
        queue,
        depth ->
            switch (STATES.indexOf(state)) {
              case 0 -> depth.queued();
              case 1 -> depth.running();
              case 2 -> depth.done();
              case 3 -> depth.skipped();
              default -> depth.failed();
            });
  }

  private double last(String queue, ToDoubleFunction<Depth> of) {
    readAt = System.nanoTime();
    Depth depth = known.get(queue);
    return depth == null ? Double.NaN : of.applyAsDouble(depth);
  }
}
