package io.caravel.job;

import io.caravel.change.Notice;
import io.caravel.change.Outbox;
import io.caravel.photo.Photo;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The table {@code jobs}: the truth about what is to be done. A message is only a hint to look
 * here. The state of a job changes by these verbs alone; each is one statement that names the state
 * it starts from, so two that compete cannot both succeed.
 */
@Component("jobs")
public class Jobs {
  private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);

  private static final int BATCH = 500;
  private static final long REST_NANOS = Duration.ofSeconds(5).toNanos();

  /** What a lease lasts beyond the time limit: waiting for others to end, and the keeping. */
  private static final int LEASE_MARGIN_SECONDS = 600;

  /** No hint of it is on its way, or none that will arrive. */
  private static final String UNSENT =
      """
      (sent_at is null or sent_at < timestampadd(second, :resend, current_timestamp(3))
        or sent_at > timestampadd(second, 60, current_timestamp(3)))""";

  /** One that has ended runs again. */
  private static final String AGAIN =
      """
      update jobs set run = run + 1, state = 'queued', attempts = 0, interrupted = 0, excused = 0, force_again = :force,
        lane = :lane,
        due_at = current_timestamp(3), sent_at = null, owner = null, lease_until = null, cause = null,
        error = null, created_at = current_timestamp(3), started_at = null, ended_at = null
      """;

  private final JdbcClient database;
  private final QueueSettings settings;
  private final Journey journey;
  private final Outbox outbox;
  private final Queues queues;
  private final Weather weather;
  private final Nodes nodes;
  private final BegunWork begun;
  private final TransactionTemplate transaction;
  private final String owner;
  private final String node;
  private final int interruptedSeconds;
  private final int interruptedStarts;
  private final int resendSeconds;
  private final Map<String, Long> resting = new ConcurrentHashMap<>();
  private volatile Map<Start, Long> seenRunning = Map.of();

  /** One start of a job of this node. */
  private record Start(String queue, long id, int run, int attempts) {
    private static Start of(Job job) {
      return new Start(job.queue(), job.id(), job.run(), job.attempts());
    }
  }

  Jobs(
      JdbcClient database,
      QueueSettings settings,
      Journey journey,
      Outbox outbox,
      Queues queues,
      Weather weather,
      Nodes nodes,
      BegunWork begun,
      TransactionTemplate transaction,
      @Value("${caravel.node}") String node,
      @Value("${caravel.queue.interrupted-seconds}") int interruptedSeconds,
      @Value("${caravel.queue.interrupted-starts}") int interruptedStarts,
      @Value("${caravel.queue.resend-ms}") int resendMs) {
    this.database = database;
    this.settings = settings;
    this.journey = journey;
    this.outbox = outbox;
    this.queues = queues;
    this.weather = weather;
    this.nodes = nodes;
    this.begun = begun;
    this.transaction = transaction;
    this.node = node;
    this.owner = nodes.owner();
    this.interruptedSeconds = interruptedSeconds;
    this.interruptedStarts = interruptedStarts;
    this.resendSeconds = resendMs / 1000;
  }

  /**
   * Queues a job; an ended one with the same key runs again. To be called in a transaction.
   *
   * @return whether it is queued by this call; false: it is queued or running already
   * @throws Failure running, when it is to run again by force while it runs
   */
  public boolean put(JobRequest request) {
    while (known(request)) {
      if (again(request)) {
        outbox.write(request.imageId(), request.queue() + "-queued");
        return true;
      }
      goesBefore(request);
      if (!request.force() || forceQueued(request)) {
        return false;
      }
      refuseWhileRunning(request); // else it has ended meanwhile
    }
    database
        .sql(
            """
            insert into jobs (image_id, queue, job_key, data, extra, force_again, lane)
            values (:image, :queue, :key, :data, :extra, :force, :lane)
            """)
        .param("image", request.imageId())
        .param("queue", request.queue())
        .param("key", request.key())
        .param("data", request.data())
        .param("extra", request.extra())
        .param("force", request.force())
        .param("lane", request.lane().number())
        .update();
    return true;
  }

  private boolean again(JobRequest request) {
    return database
            .sql(
                AGAIN
                    + "where queue = :queue and job_key = :key and state in ('done', 'skipped', 'failed')")
            .param("force", request.force())
            .param("lane", request.lane().number())
            .param("queue", request.queue())
            .param("key", request.key())
            .update()
        == 1;
  }

  /** A photo's own job as it stands. */
  private record Own(long id, String key, String state) {
    private boolean hasEnded() {
      return !state.equals("queued") && !state.equals("running");
    }
  }

  /**
   * Queues the own jobs of many photos, in a few statements; those that have ended and were of
   * other settings are removed. To be called in a transaction.
   *
   * @param requests of one queue and lane, one a photo, either all by force or none
   * @return how many are queued by this call; the others are queued or running already
   */
  int putAll(List<JobRequest> requests) {
    if (requests.isEmpty()) {
      return 0;
    }
    String queue = requests.get(0).queue();
    Map<String, JobRequest> asked = new LinkedHashMap<>();
    requests.forEach(request -> asked.put(request.key(), request));
    List<Own> present =
        database
            .sql(
                """
                select id, job_key, state from jobs
                where image_id in (:photos) and queue = :queue and not extra order by id
                """)
            .param("photos", requests.stream().map(JobRequest::imageId).toList())
            .param("queue", queue)
            .query((row, n) -> new Own(row.getLong(1), row.getString(2), row.getString(3)))
            .list();
    List<Long> outdated = new ArrayList<>();
    List<Long> again = new ArrayList<>();
    List<Long> queued = new ArrayList<>();
    List<Notice> changes = new ArrayList<>();
    for (Own own : present) {
      JobRequest request = asked.remove(own.key());
      boolean isAsked = request != null;
      if (request != null && own.hasEnded()) {
        changes.add(Notice.of(request.imageId(), queue + "-queued"));
      }
      (!own.hasEnded() ? queued : isAsked ? again : outdated).add(own.id());
    }
    if (!outdated.isEmpty()) {
      database
          .sql("delete from jobs where id in (:ids) and state in ('done', 'skipped', 'failed')")
          .param("ids", outdated)
          .update();
    }
    boolean force = requests.get(0).force();
    if (force && !queued.isEmpty()) {
      database
          .sql("update jobs set force_again = true where id in (:ids) and state = 'queued'")
          .param("ids", queued)
          .update();
    }
    int put = 0;
    if (!again.isEmpty()) {
      put +=
          database
              .sql(AGAIN + "where id in (:ids) and state in ('done', 'skipped', 'failed')")
              .param("force", force)
              .param("lane", requests.get(0).lane().number())
              .param("ids", again)
              .update();
    }
    if (!asked.isEmpty()) {
      put +=
          database
              .sql(
                  "insert into jobs (image_id, queue, job_key, data, extra, force_again, lane) values :jobs")
              .param(
                  "jobs",
                  asked.values().stream()
                      .map(
                          one ->
                              new Object[] {
                                one.imageId(),
                                one.queue(),
                                one.key(),
                                one.data(),
                                one.extra(),
                                one.force(),
                                one.lane().number()
                              })
                      .toList())
              .update();
    }
    asked.values().forEach(one -> changes.add(Notice.of(one.imageId(), queue + "-queued")));
    outbox.write(changes);
    return put;
  }

  /** One that waits in a lower lane changes over, and is hinted at anew. */
  private void goesBefore(JobRequest request) {
    database
        .sql(
            """
            update jobs set lane = :lane, sent_at = null
            where queue = :queue and job_key = :key and state = 'queued' and lane > :lane
            """)
        .param("lane", request.lane().number())
        .param("queue", request.queue())
        .param("key", request.key())
        .update();
  }

  private boolean forceQueued(JobRequest request) {
    return database
            .sql(
                "update jobs set force_again = true where queue = :queue and job_key = :key and state = 'queued'")
            .param("queue", request.queue())
            .param("key", request.key())
            .update()
        == 1;
  }

  /** Refuses to run a job again by force while it runs. */
  public void refuseWhileRunning(JobRequest request) {
    boolean running =
        request.force()
            && database
                .sql(
                    "select 1 from jobs where queue = :queue and job_key = :key and state = 'running'")
                .param("queue", request.queue())
                .param("key", request.key())
                .query(Integer.class)
                .optional()
                .isPresent();
    if (running) {
      throw Failure.lasting(
          "running", "This job is running: wait until it has ended, then ask again.");
    }
  }

  /** Whether a job has ended well, or had nothing to do. */
  boolean isDone(JobRequest request) {
    return database
        .sql(
            "select 1 from jobs where queue = :queue and job_key = :key and state in ('done', 'skipped')")
        .param("queue", request.queue())
        .param("key", request.key())
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  /** Whether a photo's own job of a queue is to be done yet. */
  boolean isOpen(long photo, String queue) {
    return database
        .sql(
            """
            select 1 from jobs
            where image_id = :photo and queue = :queue and not extra and state in ('queued', 'running') limit 1
            """)
        .param("photo", photo)
        .param("queue", queue)
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  private boolean known(JobRequest request) {
    return database
        .sql("select 1 from jobs where queue = :queue and job_key = :key")
        .param("queue", request.queue())
        .param("key", request.key())
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  /** Writes a job that has nothing to do, such as geolocation without a position. */
  public void skip(JobRequest request, String cause, String sentence) {
    if (skipped(request, cause, sentence)) {
      journey.note(request.imageId(), request.queue(), "skipped", sentence);
    }
  }

  private boolean skipped(JobRequest request, String cause, String sentence) {
    if (known(request)) {
      return database
              .sql(
                  """
                update jobs set state = 'skipped', cause = :cause, error = :sentence, ended_at = current_timestamp(3)
                where queue = :queue and job_key = :key and state in ('done', 'skipped', 'failed')
                """)
              .param("cause", cause)
              .param("sentence", sentence)
              .param("queue", request.queue())
              .param("key", request.key())
              .update()
          == 1;
    }
    return database
            .sql(
                """
              insert into jobs (image_id, queue, job_key, data, state, cause, error, ended_at)
              values (:image, :queue, :key, :data, 'skipped', :cause, :sentence, current_timestamp(3))
              """)
            .param("image", request.imageId())
            .param("queue", request.queue())
            .param("key", request.key())
            .param("data", request.data())
            .param("cause", cause)
            .param("sentence", sentence)
            .update()
        == 1;
  }

  /**
   * Takes a queued job for this node, committed before any work: a crash loop is seen.
   *
   * @return the job, or null when another took it, it is not due, or its queue is paused or waits
   *     for something on this node: then another node may be hinted at it, or this one later
   */
  public @Nullable Job claim(String queue, long id) {
    try {
      Job job = transaction.execute(status -> claimInTurn(queue, id));
      if (job != null) {
        begun.taken(job);
      }
      return job;
    } catch (RuntimeException e) {
      weather.gone(queue, id); // nobody has it, so another may ask whether the weather is over
      throw e;
    }
  }

  private @Nullable Job claimInTurn(String queue, long id) {
    // Asked apart: within the update H2 would walk through all jobs of the queue.
    if (queues.isPaused(queue)) {
      return null;
    }
    if (queues.missing(queue) != null || !weather.admits(queue, id)) {
      database
          .sql("update jobs set sent_at = null where id = :id and state = 'queued'")
          .param("id", id)
          .update();
      return null;
    }
    Job job = null;
    try {
      job = claimed(queue, id);
      return job;
    } finally {
      if (job == null) {
        weather.gone(queue, id);
      }
    }
  }

  private @Nullable Job claimed(String queue, long id) {
    int claimed =
        database
            .sql(
                """
                update jobs set state = 'running', attempts = attempts + 1, owner = :owner,
                  started_at = current_timestamp(3), lease_until = timestampadd(second, :lease, current_timestamp(3))
                where id = :id and state = 'queued' and due_at <= current_timestamp(3)
                """)
            .param("owner", owner)
            .param("lease", (int) lease(queue).toSeconds())
            .param("id", id)
            .update();
    return claimed == 1 ? find(id).orElseThrow() : null;
  }

  private Optional<Job> find(long id) {
    return database
        .sql(
            """
            select j.*, i.sha256, i.filename, i.mime_type, i.bytes, i.source_disk, i.source_path, i.source_filename, i.referenced,
              i.latitude, i.longitude, i.file_time
            from jobs j join images i on i.id = j.image_id where j.id = :id
            """)
        .param("id", id)
        .query(Jobs::job)
        .optional();
  }

  private static Job job(ResultSet row, int number) throws SQLException {
    return new Job(
        row.getLong("id"),
        row.getString("queue"),
        row.getString("job_key"),
        row.getString("data"),
        row.getBoolean("force_again"),
        row.getInt("run"),
        row.getInt("attempts"),
        row.getInt("interrupted"),
        row.getInt("excused"),
        row.getString("owner"),
        Lane.of(row.getInt("lane")),
        System.nanoTime(),
        new Photo(
            row.getLong("image_id"),
            row.getString("sha256"),
            row.getString("filename"),
            row.getString("mime_type"),
            row.getLong("bytes"),
            row.getString("source_disk"),
            row.getString("source_path"),
            row.getString("source_filename"),
            row.getBoolean("referenced"),
            row.getObject("latitude", Double.class),
            row.getObject("longitude", Double.class),
            Utc.instant(row, "file_time")));
  }

  /** A claimed job waits for its turn: it has not begun. */
  void waits(Job job) {
    startedAt(job, "null");
  }

  /** It begins now. */
  void begins(Job job) {
    startedAt(job, "current_timestamp(3)");
  }

  private void startedAt(Job job, String time) {
    try {
      database
          .sql(
              "update jobs set started_at = "
                  + time
                  + " where id = :id and state = 'running' and run = :run and attempts = :attempts")
          .param("id", job.id())
          .param("run", job.run())
          .param("attempts", job.attempts())
          .update();
    } catch (DataAccessException e) {
      // Its start will be seen as begun, or not: the work itself goes on.
      LOG.warn("The turn of job {} could not be noted: {}", job.id(), e.getMessage());
    }
  }

  /**
   * The jobs of a queue to hint a worker at now, noted as sent. The window bounds what waits with
   * the workers: a backlog of a million stays in the table. Lane by lane, as {@link Hints} says.
   *
   * @return their ids as text, the form a broker carries
   */
  public List<String> hints(String queue) {
    return Objects.requireNonNull(transaction.execute(status -> toHint(queue)));
  }

  private List<String> toHint(String queue) {
    Long restsUntil = resting.get(queue);
    int window = weather.window(queue, settings.window(queue));
    if (window == 0 || (restsUntil != null && System.nanoTime() - restsUntil < 0)) {
      return List.of();
    }
    int workers = queues.workers(queue);
    int room = Math.min(window, queues.room(queue, workers));
    List<List<Hints.Due>> lanes = new ArrayList<>();
    for (Lane lane : Lane.values()) {
      lanes.add(due(queue, lane, lane == Lane.UPLOAD ? window : room));
    }
    List<Long> due = Hints.next(lanes, Math.min(window, workers), room);
    if (due.isEmpty() || queues.isPaused(queue) || queues.missing(queue) != null) {
      return List.of();
    }
    database
        .sql(
            """
            update jobs set sent_at = current_timestamp(3)
            where id in (:ids) and state = 'queued' and due_at <= current_timestamp(3) and\s"""
                + UNSENT)
        .param("ids", due)
        .param("resend", -resendSeconds)
        .update();
    return due.stream().map(String::valueOf).toList();
  }

  private List<Hints.Due> due(String queue, Lane lane, int window) {
    return database
        .sql(
            "select id, case when "
                + UNSENT
                + """
                 then 0 else 1 end as sent from jobs
                where queue = :queue and state = 'queued' and lane = :lane and due_at <= current_timestamp(3)
                order by queue, state, lane, due_at, id limit :window
                """)
        .param("queue", queue)
        .param("lane", lane.number())
        .param("window", window)
        .param("resend", -resendSeconds)
        .query((row, number) -> new Hints.Due(row.getLong("id"), row.getInt("sent") == 1))
        .list();
  }

  /** The job is done. In the transaction that keeps its effects, which this rolls back if late. */
  public void done(Job job) {
    end(job, "done", null, null);
  }

  /** There was nothing to do. As {@link #done}. */
  public void skipped(Job job, String cause, String sentence) {
    end(job, "skipped", cause, sentence);
  }

  private void end(Job job, String state, @Nullable String cause, @Nullable String sentence) {
    int ended =
        database
            .sql(
                """
                update jobs set state = :state, cause = :cause, error = :sentence, ended_at = current_timestamp(3),
                  lease_until = null
                where id = :id and state = 'running' and run = :run and attempts = :attempts
                """)
            .param("state", state)
            .param("cause", cause)
            .param("sentence", sentence)
            .param("id", job.id())
            .param("run", job.run())
            .param("attempts", job.attempts())
            .update();
    if (ended != 1) {
      throw new LateAttempt(job);
    }
    journey.ended(job, state, cause, sentence);
    outbox.write(job.photo().id(), job.queue() + "-" + state);
    forget(job.queue(), job.key());
    queues.measure(job.queue(), state, System.nanoTime() - job.claimedNanos());
    blame(weather.ended(job));
  }

  /** Another job was done where this one alone had failed: that counts as its try. */
  private void blame(Weather.@Nullable Met alone) {
    if (alone != null) {
      Job job = alone.job();
      database
          .sql(
              """
              update jobs set excused = excused - 1
              where id = :id and run = :run and attempts = :attempts and state = 'queued' and excused > 0
              """)
          .param("id", job.id())
          .param("run", job.run())
          .param("attempts", job.attempts())
          .update();
      told(job, alone.failure(), "Others did not meet it: it counts as a try of this one.");
    }
  }

  /**
   * Books what went wrong: the job is due again after a pause, or parked once its tries are used up
   * or another would meet the same.
   *
   * @return the failure as booked, or null when the attempt was late and a successor has the job
   */
  public @Nullable Failure failed(Job job, Throwable problem) {
    if (problem instanceof LateAttempt) {
      weather.gone(job.queue(), job.id());
      return null;
    }
    Failure failure = Failure.of(problem);
    Duration rest = weather.failed(job, failure);
    boolean begun = rest == null && failure.begun();
    boolean parked =
        begun && (failure.lasting() || job.tries() >= settings.tries(job.queue(), failure.cause()));
    Duration backoff = rest == null ? pause(job, failure) : rest;
    String sentence = cut(String.valueOf(failure.getMessage()));
    transaction.executeWithoutResult(
        status -> booked(job, failure, rest, begun, parked, backoff, sentence));
    return failure;
  }

  private void booked(
      Job job,
      Failure failure,
      @Nullable Duration rest,
      boolean begun,
      boolean parked,
      Duration backoff,
      String sentence) {
    int booked =
        database
            .sql(
                """
                update jobs set state = :state, cause = :cause, error = :sentence, sent_at = null, lease_until = null,
                  excused = excused + :begun, due_at = timestampadd(second, :pause, current_timestamp(3)),
                  ended_at = case when :parked then current_timestamp(3) else null end
                where id = :id and state = 'running' and run = :run and attempts = :attempts
                """)
            .param("state", parked ? "failed" : "queued")
            .param("cause", failure.cause())
            .param("sentence", sentence)
            .param("begun", begun ? 0 : 1)
            .param("pause", parked ? 0 : (int) backoff.toSeconds())
            .param("parked", parked)
            .param("id", job.id())
            .param("run", job.run())
            .param("attempts", job.attempts())
            .update();
    if (booked == 1) {
      journey.ended(job, parked ? "failed" : "retry", failure.cause(), sentence);
      queues.measure(
          job.queue(), parked ? "failed" : "retry", System.nanoTime() - job.claimedNanos());
      if (parked) {
        outbox.write(job.photo().id(), job.queue() + "-failed");
        forget(job.queue(), job.key());
      }
      if (rest == null) { // else the weather tells, once for all
        told(
            job,
            failure,
            parked
                ? "Parked: replay it once mended."
                : "Tried again in " + backoff.toSeconds() + " s.");
      }
    }
  }

  private static void told(Job job, Failure failure, String then) {
    LOG.warn(
        "{} of photo {} ({}): {} [{}] {}",
        job.queue(),
        job.photo().id(),
        job.photo().sha256().substring(0, 12),
        cut(String.valueOf(failure.getMessage())),
        failure.cause(),
        then);
  }

  private Duration pause(Job job, Failure failure) {
    Duration usual =
        failure.begun()
            ? settings.backoff(job.queue(), job.tries())
            : least(
                settings.backoff(job.queue(), job.tries() + job.excused()), settings.longestRest());
    Duration asked = failure.pause();
    return asked != null && asked.compareTo(usual) > 0 ? asked : usual;
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private void forget(String queue, String key) {
    database
        .sql("delete from idempotent_keys where processorName = 'enqueue' and messageId = :key")
        .param("key", queue + ":" + key)
        .update();
  }

  private static String cut(String sentence) {
    return sentence.length() <= 2000 ? sentence : sentence.substring(0, 2000) + "…";
  }

  /**
   * Takes back the jobs of this node's former life, and lets every waiting job be hinted at anew.
   * Once at start.
   *
   * @return how many had been interrupted
   */
  public int recover() {
    hintAnew();
    String life = node.replace("%", "\\%").replace("_", "\\_") + "/%";
    int taken = interrupted(running("owner like :one and owner <> :other", life, owner));
    nodes.formerLives().forEach(nodes::forget);
    return taken;
  }

  /** What {@link #recover} wrote has reached the disk: the notes it counted are not needed more. */
  public void recovered() {
    begun.formerLives().forEach(begun::forget);
  }

  /**
   * Work that former lives of this node had begun when they ended, of which the claims were lost
   * with them: such a row says {@code queued} and knows fewer starts, or that the job still waits
   * for its turn. It runs again, as that life's, so that {@link #recover} counts each start once.
   * Before the first claim of this life, whose own notes begin here.
   */
  public void restoreClaims() {
    begun.formerLives().forEach(this::restoreClaims);
    begun.open();
  }

  private void restoreClaims(String life) {
    for (BegunWork.Start start : begun.unendedOf(life)) {
      database
          .sql(
              """
              update jobs set state = 'running', attempts = :attempts, owner = :owner, started_at = current_timestamp(3)
              where id = :id and run = :run and (state = 'queued' and attempts < :attempts
                or state = 'running' and owner = :owner and attempts <= :attempts)
              """)
          .param("attempts", start.attempts())
          .param("owner", life)
          .param("id", start.job())
          .param("run", start.run())
          .update();
    }
  }

  /** Takes back the jobs of a node that is gone, and has those only hinted to it hinted anew. */
  public void takeBackFrom(String gone) {
    restoreClaims(gone);
    int had = interrupted(running("owner = :one and owner <> :other", gone, owner));
    hintAnew();
    begun.forget(gone);
    nodes.forget(gone);
    LOG.warn("Node {} has not been heard of: {} jobs are taken back from it.", gone, had);
  }

  /**
   * Takes back what this node has had for longer than a lease, by its own monotonic clock: the
   * database's may have been set. Other nodes that live see to theirs. What a node had of which
   * nothing is known lapses with its lease.
   */
  public void lapse() {
    interrupted(
        running("lease_until < current_timestamp(3) and owner not in (select owner from nodes)"));
    long now = System.nanoTime();
    Map<Start, Long> running = new HashMap<>();
    ofThisNode().forEach(start -> running.put(start, seenRunning.getOrDefault(start, now)));
    seenRunning = running;
    interrupted(
        running.entrySet().stream()
            .filter(seen -> now - seen.getValue() > lease(seen.getKey().queue()).toNanos())
            .map(Map.Entry::getKey)
            .toList());
  }

  private Duration lease(String queue) {
    return settings.limit(queue).plusSeconds(LEASE_MARGIN_SECONDS);
  }

  /**
   * Lets those start now that are due later than any pause reaches: the clock was ahead when they
   * were put off, and has been set back.
   */
  public void bringBack() {
    for (String queue : QueueSettings.NAMES) {
      int farthest = (int) settings.longestPause(queue).toSeconds();
      List<Long> farOff = new ArrayList<>();
      for (Lane lane : Lane.values()) {
        farOff.addAll(
            database
                .sql(
                    """
                    select id from jobs where queue = :queue and state = 'queued' and lane = :lane
                      and due_at > timestampadd(second, :farthest, current_timestamp(3)) order by id
                    """)
                .param("queue", queue)
                .param("lane", lane.number())
                .param("farthest", farthest)
                .query(Long.class)
                .list());
      }
      for (int from = 0; from < farOff.size(); from += BATCH) {
        database
            .sql(
                """
                update jobs set due_at = current_timestamp(3), sent_at = null where id in (:ids) and state = 'queued'
                  and due_at > timestampadd(second, :farthest, current_timestamp(3))
                """)
            .param("ids", farOff.subList(from, Math.min(farOff.size(), from + BATCH)))
            .param("farthest", farthest)
            .update();
      }
      if (!farOff.isEmpty()) {
        LOG.warn(
            "{} jobs of {} were put off by a clock that has been set back since: they start now.",
            farOff.size(),
            queue);
      }
    }
  }

  private List<Start> running(String which) {
    return running(which, "", "");
  }

  /** The running jobs of which this is true; queue by queue, so that each look uses the index. */
  private List<Start> running(String which, String one, String other) {
    List<Start> starts = new ArrayList<>();
    for (String queue : QueueSettings.NAMES) {
      starts.addAll(
          database
              .sql(
                  "select id, run, attempts from jobs where queue = :queue and state = 'running' and "
                      + which
                      + " order by id")
              .param("queue", queue)
              .param("one", one)
              .param("other", other)
              .query(
                  (row, number) -> new Start(queue, row.getLong(1), row.getInt(2), row.getInt(3)))
              .list());
    }
    return starts;
  }

  /** Hints of all queues may not have arrived, for instance while the database was away. */
  public void hintAnew() {
    QueueSettings.NAMES.forEach(this::unsent);
  }

  /**
   * The database was away and is back. An embedded one may have lost what was committed in the last
   * half second: the end of a job that nobody works on any more is made up for by a new start.
   */
  public void databaseIsBack() {
    List<Start> left = new ArrayList<>(ofThisNode());
    left.removeIf(
        start -> begun.isInHand(start.queue(), start.id(), start.run(), start.attempts()));
    release(left);
    hintAnew();
  }

  /** Hints of this queue may not have arrived: they are due at once again. */
  public void unsent(String queue) {
    // By key: by index a server would find a deadlock with the workers' claims.
    List<Long> sent =
        database
            .sql(
                "select id from jobs where queue = :queue and state = 'queued' and sent_at is not null order by id")
            .param("queue", queue)
            .query(Long.class)
            .list();
    for (int from = 0; from < sent.size(); from += BATCH) {
      database
          .sql("update jobs set sent_at = null where id in (:ids) and state = 'queued'")
          .param("ids", sent.subList(from, Math.min(sent.size(), from + BATCH)))
          .update();
    }
  }

  /** A worker could not claim the job it was hinted at: the hint is due again, and not when old. */
  public void hintAgain(long id) {
    try {
      database
          .sql("update jobs set sent_at = null where id = :id and state = 'queued'")
          .param("id", id)
          .update();
    } catch (DataAccessException e) {
      LOG.warn(
          WeatherLog.MARKER,
          "Job {} is hinted at again in {} s: {}",
          id,
          resendSeconds,
          e.getMessage());
    }
  }

  /** The queue cannot be reached: its hints are due again, after a rest that spares the log. */
  public void rest(String queue) {
    unsent(queue);
    resting.put(queue, System.nanoTime() + REST_NANOS);
  }

  /**
   * A start had no end. The job waits a while before it is started again, alone; innocent
   * neighbours return one after the other. An interrupted start is no try of the work's own.
   * Geolocation runs no native code and is never suspected. One that still waited for its turn had
   * not begun; one whose end was not on the disk yet had ended.
   */
  private int interrupted(List<Start> starts) {
    int taken = 0;
    for (Start start : starts) {
      int before = taken;
      taken +=
          Boolean.TRUE.equals(transaction.execute(status -> interrupted(start, before))) ? 1 : 0;
    }
    return taken;
  }

  private boolean interrupted(Start start, int before) {
    long id = start.id();
    Job job = find(id).filter(found -> start.equals(Start.of(found))).orElse(null);
    if (job == null) {
      return false;
    }
    if (givenBack(job)) {
      return true;
    }
    boolean suspect = !job.queue().equals("geolocation");
    int starts = job.interrupted() + 1;
    boolean parked = suspect && starts >= interruptedStarts;
    int pause = !suspect ? 0 : starts == 1 ? interruptedSeconds : 6 * interruptedSeconds;
    String sentence =
        parked
            ? "Caravel ended "
                + starts
                + " times while this job ran, so the photo may be what ends it: replay the job once to try again."
            : "Caravel ended while this job ran; it is started again.";
    int updated =
        database
            .sql(
                """
                update jobs set state = :state, interrupted = :starts, sent_at = null, lease_until = null,
                  due_at = timestampadd(second, :pause, current_timestamp(3)), cause = 'interrupted', error = :sentence,
                  ended_at = case when :parked then current_timestamp(3) else null end
                where id = :id and state = 'running' and run = :run and attempts = :attempts and owner = :owner
                """)
            .param("state", parked ? "failed" : "queued")
            .param("starts", starts)
            .param("pause", pause + before / 4)
            .param("sentence", sentence)
            .param("parked", parked)
            .param("id", id)
            .param("run", job.run())
            .param("attempts", job.attempts())
            .param("owner", job.owner())
            .update();
    if (updated == 1) {
      journey.ended(job, parked ? "failed" : "interrupted", "interrupted", sentence);
      if (parked) {
        outbox.write(job.photo().id(), job.queue() + "-failed");
        forget(job.queue(), job.key());
      }
    }
    return updated == 1;
  }

  /** One that waited for its turn, or had ended, is given back and not suspected. */
  private boolean givenBack(Job job) {
    return database
            .sql(
                """
                update jobs set state = 'queued', excused = excused + 1, sent_at = null, lease_until = null
                where id = :id and state = 'running' and run = :run and attempts = :attempts and owner = :owner
                  and (started_at is null or :idle)
                """)
            .param("id", job.id())
            .param("run", job.run())
            .param("attempts", job.attempts())
            .param("owner", job.owner())
            .param("idle", begun.wasIdle(job))
            .update()
        == 1;
  }

  /** Gives back what this node still runs when it is asked to stop: no start without an end. */
  public int release() {
    int released = release(ofThisNode());
    begun.close();
    nodes.forget(owner);
    return released;
  }

  private List<Start> ofThisNode() {
    return running("owner = :one and owner <> :other", owner, "");
  }

  private int release(List<Start> unfinished) {
    int released = 0;
    for (Start start : unfinished) {
      released +=
          database
              .sql(
                  """
                  update jobs set state = 'queued', excused = excused + 1, sent_at = null, lease_until = null
                  where id = :id and run = :run and attempts = :attempts and state = 'running' and owner = :owner
                  """)
              .param("id", start.id())
              .param("run", start.run())
              .param("attempts", start.attempts())
              .param("owner", owner)
              .update();
    }
    return released;
  }

  /** The job failed late: a successor, or nobody, owns it now. Its effects are rolled back. */
  static final class LateAttempt extends RuntimeException {
    private LateAttempt(Job job) {
      super("Attempt " + job.attempts() + " of job " + job.id() + " is late: another has the job");
    }
  }
}
