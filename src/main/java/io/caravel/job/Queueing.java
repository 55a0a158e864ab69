package io.caravel.job;

import io.caravel.change.Notice;
import io.caravel.change.Outbox;
import io.caravel.ground.Failure;
import io.caravel.ground.Journey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How jobs come to be queued, each once. The verbs are told in {@link Jobs}. */
@Component
final class Queueing {
  /** One that has ended runs again. */
  private static final String AGAIN =
      """
      update jobs set run = run + 1, state = 'queued', attempts = 0, interrupted = 0, excused = 0, force_again = :force,
        lane = :lane,
        due_at = current_timestamp(3), sent_at = null, owner = null, lease_until = null, cause = null,
        error = null, created_at = current_timestamp(3), started_at = null, ended_at = null
      """;

  private final JdbcClient database;
  private final Journey journey;
  private final Outbox outbox;

  Queueing(JdbcClient database, Journey journey, Outbox outbox) {
    this.database = database;
    this.journey = journey;
    this.outbox = outbox;
  }

  boolean put(JobRequest request) {
    while (!request.first() && known(request)) {
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

  void refuseWhileRunning(JobRequest request) {
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

  void skip(JobRequest request, String cause, String sentence) {
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
}
