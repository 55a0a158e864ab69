package io.caravel.job;

import io.caravel.photo.Photo;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The table {@code jobs}: the truth about what is to be done. A message is only a hint to look
 * here. The state of a job changes by these verbs alone; each is one statement that names the state
 * it starts from, so two that compete cannot both succeed.
 */
@Component("jobs")
public class Jobs {
  private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);

  private static final long REST_NANOS = Duration.ofSeconds(5).toNanos();

  /** Causes that say the work was not begun: such a start is no try. */
  private static final Set<String> NOT_BEGUN =
      Set.of("geocoder-busy", "interrupted", "models-missing", "engine-missing");

  /** What a lease lasts beyond the time limit: waiting for others to end, and the keeping. */
  private static final int LEASE_MARGIN_SECONDS = 600;

  private final JdbcClient database;
  private final QueueSettings settings;
  private final Journey journey;
  private final Queues queues;
  private final Nodes nodes;
  private final TransactionTemplate transaction;
  private final String owner;
  private final String node;
  private final int interruptedSeconds;
  private final int interruptedStarts;
  private final int resendSeconds;
  private final Map<String, Long> resting = new ConcurrentHashMap<>();

  Jobs(
      JdbcClient database,
      QueueSettings settings,
      Journey journey,
      Queues queues,
      Nodes nodes,
      TransactionTemplate transaction,
      @Value("${caravel.node}") String node,
      @Value("${caravel.queue.interrupted-seconds}") int interruptedSeconds,
      @Value("${caravel.queue.interrupted-starts}") int interruptedStarts,
      @Value("${caravel.queue.resend-ms}") int resendMs) {
    this.database = database;
    this.settings = settings;
    this.journey = journey;
    this.queues = queues;
    this.nodes = nodes;
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
   */
  public boolean put(JobRequest request) {
    int again =
        database
            .sql(
                """
                update jobs set run = run + 1, state = 'queued', attempts = 0, interrupted = 0, excused = 0, force_again = :force,
                  due_at = current_timestamp(3), sent_at = null, owner = null, lease_until = null, cause = null,
                  error = null, created_at = current_timestamp(3), started_at = null, ended_at = null
                where queue = :queue and job_key = :key and state in ('done', 'skipped', 'failed')
                """)
            .param("force", request.force())
            .param("queue", request.queue())
            .param("key", request.key())
            .update();
    if (again == 1) {
      return true;
    }
    if (known(request)) {
      if (request.force()) {
        forceQueued(request);
      }
      return false;
    }
    database
        .sql(
            """
            insert into jobs (image_id, queue, job_key, data, extra, force_again)
            values (:image, :queue, :key, :data, :extra, :force)
            """)
        .param("image", request.imageId())
        .param("queue", request.queue())
        .param("key", request.key())
        .param("data", request.data())
        .param("extra", request.extra())
        .param("force", request.force())
        .update();
    return true;
  }

  /** Removes the photo's own jobs of the queue that have ended and were of other settings. */
  void forgetOutdated(JobRequest request) {
    database
        .sql(
            """
            delete from jobs where image_id = :image and queue = :queue and not extra and job_key <> :key
              and state in ('done', 'skipped', 'failed')
            """)
        .param("image", request.imageId())
        .param("queue", request.queue())
        .param("key", request.key())
        .update();
  }

  private void forceQueued(JobRequest request) {
    database
        .sql(
            "update jobs set force_again = true where queue = :queue and job_key = :key and state = 'queued'")
        .param("queue", request.queue())
        .param("key", request.key())
        .update();
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
    int again =
        database
            .sql(
                """
                update jobs set state = 'skipped', cause = :cause, error = :sentence, ended_at = current_timestamp(3)
                where queue = :queue and job_key = :key and state in ('done', 'skipped', 'failed')
                """)
            .param("cause", cause)
            .param("sentence", sentence)
            .param("queue", request.queue())
            .param("key", request.key())
            .update();
    if (again == 0 && !known(request)) {
      database
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
          .update();
    }
    journey.note(request.imageId(), request.queue(), "skipped", sentence);
  }

  /**
   * Takes a queued job for this node, committed before any work: a crash loop is seen.
   *
   * @return the job, or null when another took it, it is not due, or its queue is paused or waits
   *     for something on this node: then another node may be hinted at it, or this one later
   */
  @Transactional
  public @Nullable Job claim(String queue, long id) {
    // Asked apart: within the update H2 would walk through all jobs of the queue.
    if (queues.isPaused(queue)) {
      return null;
    }
    if (queues.waiting(queue) != null) {
      database
          .sql("update jobs set sent_at = null where id = :id and state = 'queued'")
          .param("id", id)
          .update();
      return null;
    }
    int claimed =
        database
            .sql(
                """
                update jobs set state = 'running', attempts = attempts + 1, owner = :owner,
                  started_at = current_timestamp(3), lease_until = timestampadd(second, :lease, current_timestamp(3))
                where id = :id and state = 'queued' and due_at <= current_timestamp(3)
                """)
            .param("owner", owner)
            .param("lease", (int) settings.limit(queue).toSeconds() + LEASE_MARGIN_SECONDS)
            .param("id", id)
            .update();
    return claimed == 1 ? find(id) : null;
  }

  private Job find(long id) {
    return database
        .sql(
            """
            select j.*, i.sha256, i.filename, i.mime_type, i.bytes, i.source_disk, i.source_path, i.source_filename,
              i.latitude, i.longitude
            from jobs j join images i on i.id = j.image_id where j.id = :id
            """)
        .param("id", id)
        .query(Jobs::job)
        .single();
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
            row.getObject("latitude", Double.class),
            row.getObject("longitude", Double.class)));
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
   * the workers: a backlog of a million stays in the table.
   *
   * @return their ids as text, the form a broker carries
   */
  @Transactional
  public List<String> hints(String queue) {
    Long restsUntil = resting.get(queue);
    if (restsUntil != null && System.nanoTime() - restsUntil < 0) {
      return List.of();
    }
    List<Long> due =
        database
            .sql(
                """
                select id from (
                  select id, sent_at from jobs
                  where queue = :queue and state = 'queued' and due_at <= current_timestamp(3)
                  order by queue, state, due_at, id limit :window) due
                where sent_at is null or sent_at < timestampadd(second, :resend, current_timestamp(3))
                """)
            .param("queue", queue)
            .param("window", settings.window(queue))
            .param("resend", -resendSeconds)
            .query(Long.class)
            .list();
    if (due.isEmpty() || queues.isPaused(queue) || queues.waiting(queue) != null) {
      return List.of();
    }
    database
        .sql(
            "update jobs set sent_at = current_timestamp(3) where id in (:ids) and state = 'queued'")
        .param("ids", due)
        .update();
    return due.stream().map(String::valueOf).toList();
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
    forget(job.queue(), job.key());
    queues.measure(job.queue(), state, System.nanoTime() - job.claimedNanos());
  }

  /**
   * Books what went wrong: the job is due again after a pause, or parked once its tries are used up
   * or another would meet the same.
   *
   * @return the failure as booked, or null when the attempt was late and a successor has the job
   */
  @Transactional
  public @Nullable Failure failed(Job job, Throwable problem) {
    if (problem instanceof LateAttempt) {
      return null;
    }
    Failure failure = Failure.of(problem);
    boolean begun = !NOT_BEGUN.contains(failure.cause());
    boolean parked =
        begun && (failure.lasting() || job.tries() >= settings.tries(job.queue(), failure.cause()));
    Duration backoff = pause(job, failure);
    String sentence = cut(String.valueOf(failure.getMessage()));
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
        forget(job.queue(), job.key());
      }
      LOG.warn(
          "{} of photo {} ({}): {} [{}] {}",
          job.queue(),
          job.photo().id(),
          job.photo().sha256().substring(0, 12),
          sentence,
          failure.cause(),
          parked
              ? "Parked: replay it once mended."
              : "Tried again in " + backoff.toSeconds() + " s.");
    }
    return failure;
  }

  private Duration pause(Job job, Failure failure) {
    Duration usual = settings.backoff(job.queue(), job.tries());
    Duration asked = failure.pause();
    return asked != null && asked.compareTo(usual) > 0 ? asked : usual;
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

  /** Takes back the jobs of a node that is gone, and has those only hinted to it hinted anew. */
  public void takeBackFrom(String gone) {
    int had = interrupted(running("owner = :one and owner <> :other", gone, owner));
    hintAnew();
    nodes.forget(gone);
    LOG.warn("Node {} has not been heard of: {} jobs are taken back from it.", gone, had);
  }

  /** Takes back what a node that lives has had for longer than its lease. */
  public void lapse() {
    interrupted(running("lease_until < current_timestamp(3)", "", ""));
  }

  /** The running jobs of which this is true; queue by queue, so that each look uses the index. */
  private List<Long> running(String which, String one, String other) {
    List<Long> ids = new ArrayList<>();
    for (String queue : QueueSettings.NAMES) {
      ids.addAll(
          database
              .sql(
                  "select id from jobs where queue = :queue and state = 'running' and "
                      + which
                      + " order by id")
              .param("queue", queue)
              .param("one", one)
              .param("other", other)
              .query(Long.class)
              .list());
    }
    return ids;
  }

  private void hintAnew() {
    QueueSettings.NAMES.forEach(this::unsent);
  }

  /** Hints of this queue may not have arrived: they are due at once again. */
  public void unsent(String queue) {
    database
        .sql(
            "update jobs set sent_at = null where queue = :queue and state = 'queued' and sent_at is not null")
        .param("queue", queue)
        .update();
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
   * not begun.
   */
  private int interrupted(List<Long> ids) {
    int taken = 0;
    for (long id : ids) {
      int before = taken;
      taken += Boolean.TRUE.equals(transaction.execute(status -> interrupted(id, before))) ? 1 : 0;
    }
    return taken;
  }

  private boolean interrupted(long id, int before) {
    Job job = find(id);
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
                where id = :id and state = 'running' and run = :run and owner = :owner
                """)
            .param("state", parked ? "failed" : "queued")
            .param("starts", starts)
            .param("pause", pause + before / 4)
            .param("sentence", sentence)
            .param("parked", parked)
            .param("id", id)
            .param("run", job.run())
            .param("owner", job.owner())
            .update();
    if (updated == 1) {
      journey.ended(job, parked ? "failed" : "interrupted", "interrupted", sentence);
      if (parked) {
        forget(job.queue(), job.key());
      }
    }
    return updated == 1;
  }

  /** One that waited for its turn had not begun: it is given back, and not suspected. */
  private boolean givenBack(Job waiting) {
    return database
            .sql(
                """
                update jobs set state = 'queued', excused = excused + 1, sent_at = null, lease_until = null
                where id = :id and state = 'running' and run = :run and owner = :owner and started_at is null
                """)
            .param("id", waiting.id())
            .param("run", waiting.run())
            .param("owner", waiting.owner())
            .update()
        == 1;
  }

  /** Gives back what this node still runs when it is asked to stop: no start without an end. */
  public int release() {
    int released = 0;
    for (String queue : QueueSettings.NAMES) {
      released +=
          database
              .sql(
                  """
                  update jobs set state = 'queued', excused = excused + 1, sent_at = null, lease_until = null
                  where queue = :queue and state = 'running' and owner = :owner
                  """)
              .param("queue", queue)
              .param("owner", owner)
              .update();
    }
    nodes.forget(owner);
    return released;
  }

  /** The job failed late: a successor, or nobody, owns it now. Its effects are rolled back. */
  static final class LateAttempt extends RuntimeException {
    private LateAttempt(Job job) {
      super("Attempt " + job.attempts() + " of job " + job.id() + " is late: another has the job");
    }
  }
}
