package io.caravel.job;

import io.caravel.change.Notice;
import io.caravel.change.Outbox;
import io.caravel.ground.Cause;
import io.caravel.ground.Failure;
import io.caravel.ground.Utc;
import io.caravel.photo.Photos;
import io.caravel.photo.Scrub;
import io.caravel.photo.Untaken;
import io.caravel.request.Request;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Parked jobs: what failed, grouped by cause, and how to have it run again. */
@Component("failures")
public class Failures {
  /** Rows changed in one transaction: large sweeps neither lock the table nor fill the log. */
  private static final int BATCH = 500;

  private static final int SHOWN = 100;

  /** Of a batch of which others queue some at the same moment. */
  private static final int TRIES = 5;

  /** Photos whose job was done by another recipe (SQL). */
  private static final String STALE =
      """
      and exists (select 1 from jobs j
        where j.image_id = i.id and j.queue = :queue and not j.extra and j.state in ('done', 'skipped')
          and j.recipe is not null and j.recipe <> :recipe)
      """;

  /** Named beside the queues: its files have no photo yet. */
  private static final String INBOX = "inbox";

  private final JdbcClient database;
  private final JobRequests requests;
  private final Jobs jobs;
  private final Steps steps;
  private final Photos photos;
  private final Untaken untaken;
  private final Scrub scrub;
  private final Outbox outbox;
  private final Recipes recipes;
  private final TransactionTemplate transaction;

  Failures(
      JdbcClient database,
      JobRequests requests,
      Jobs jobs,
      Steps steps,
      Photos photos,
      Untaken untaken,
      Scrub scrub,
      Outbox outbox,
      Recipes recipes,
      TransactionTemplate transaction) {
    this.recipes = recipes;
    this.database = database;
    this.requests = requests;
    this.jobs = jobs;
    this.steps = steps;
    this.photos = photos;
    this.untaken = untaken;
    this.scrub = scrub;
    this.outbox = outbox;
    this.transaction = transaction;
  }

  /**
   * The failures of one queue with one cause: how many, and the newest of them.
   *
   * @param words the cause for people
   */
  public record Group(String queue, String cause, String words, long count, List<Parked> failures) {
    private Group(String queue, String cause, long count, List<Parked> failures) {
      this(queue, cause, Cause.words(cause), count, failures);
    }
  }

  /**
   * One parked job, an original that is not what it was, or a file of the inbox that could not be
   * taken.
   *
   * @param id what {@code replay} takes; null of all but a job
   * @param photoId null of a file of the inbox
   */
  public record Parked(
      @Nullable Long id,
      @Nullable Long photoId,
      String filename,
      String error,
      int attempts,
      @Nullable Instant endedAt) {}

  /** All that failed, or what failed in one queue; at most 100 photos of each cause are listed. */
  public Map<String, List<Group>> groups(Request request) {
    String queue = request.text("queue");
    List<Group> groups = new ArrayList<>();
    if (ofInbox(queue)) {
      for (Untaken.Cause cause : untaken.causes()) {
        groups.add(new Group(INBOX, cause.cause(), cause.count(), untaken(cause.cause())));
      }
    }
    if (ofScrub(queue)) {
      for (Scrub.Counted cause : scrub.causes()) {
        groups.add(new Group(Scrub.NAME, cause.cause(), cause.count(), changed(cause.cause())));
      }
    }
    for (String each : queues(queue)) {
      List<Counted> causes =
          database
              .sql(
                  """
                  select j.cause, count(*) as failures from jobs j join images i on i.id = j.image_id
                  where j.queue = :queue and j.state = 'failed' and i.deleted_at is null
                  group by j.cause order by failures desc
                  """)
              .param("queue", each)
              .query((row, number) -> new Counted(row.getString("cause"), row.getLong("failures")))
              .list();
      for (Counted cause : causes) {
        groups.add(new Group(each, cause.cause(), cause.count(), parked(each, cause.cause())));
      }
    }
    return Map.of("items", groups);
  }

  private List<Parked> untaken(String cause) {
    return untaken.of(cause).stream()
        .map(
            file ->
                new Parked(null, null, file.name(), file.sentence(), file.tries(), file.triedAt()))
        .toList();
  }

  private List<Parked> changed(String cause) {
    return scrub.of(cause).stream()
        .map(
            fault ->
                new Parked(
                    null, fault.photo(), fault.filename(), fault.sentence(), 1, fault.foundAt()))
        .toList();
  }

  private record Counted(String cause, long count) {}

  private static boolean ofInbox(@Nullable String queue) {
    return queue == null || queue.equals(INBOX);
  }

  private static boolean ofScrub(@Nullable String queue) {
    return queue == null || queue.equals(Scrub.NAME);
  }

  /** Queue by queue, so that each look uses the index. */
  private List<String> queues(@Nullable String queue) {
    if (queue == null) {
      return steps.names();
    }
    if (queue.equals(INBOX) || queue.equals(Scrub.NAME)) {
      return List.of();
    }
    return List.of(steps.known(queue));
  }

  private List<Parked> parked(String queue, String cause) {
    return database
        .sql(
            """
            select j.id, j.image_id, i.filename, j.error, j.attempts, j.ended_at
            from jobs j join images i on i.id = j.image_id
            where j.state = 'failed' and j.queue = :queue and j.cause = :cause and i.deleted_at is null
            order by j.ended_at desc, j.id desc limit :shown
            """)
        .param("queue", queue)
        .param("cause", cause)
        .param("shown", SHOWN)
        .query(
            (row, number) ->
                new Parked(
                    row.getLong("id"),
                    row.getLong("image_id"),
                    row.getString("filename"),
                    row.getString("error"),
                    row.getInt("attempts"),
                    Utc.instant(row, "ended_at")))
        .list();
  }

  /** Has one parked job run again. */
  public Map<String, Integer> replayOne(long id) {
    List<Long> one =
        database
            .sql("select id from jobs where id = :id and state = 'failed'")
            .param("id", id)
            .query(Long.class)
            .list();
    if (one.isEmpty()) {
      throw Failure.lasting(
          "no-such-failure",
          "No failed job has the number " + id + ": it may have been replayed already.");
    }
    return queued(again(one, Lane.ASKED));
  }

  /**
   * Has all parked jobs run again, or those of a queue, of a cause, or both; files of the inbox
   * that rest on this node are tried at once, and originals that are not what they were proved
   * again.
   */
  public Map<String, Integer> replay(Request request) {
    return replay(request.text("queue"), request.text("cause"));
  }

  private Map<String, Integer> replay(@Nullable String queue, @Nullable String cause) {
    int count = ofInbox(queue) ? untaken.again(cause) : 0;
    count += ofScrub(queue) ? scrub.again(cause) : 0;
    for (String each : queues(queue)) {
      for (List<Long> ids = failed(each, cause, 0); !ids.isEmpty(); ) {
        count += again(ids, Lane.LIBRARY);
        ids = failed(each, cause, ids.get(ids.size() - 1));
      }
    }
    return queued(count);
  }

  private List<Long> failed(String queue, @Nullable String cause, long after) {
    String ofCause = cause == null ? "" : " and j.cause = :cause";
    return database
        .sql(
            "select j.id from jobs j join images i on i.id = j.image_id where j.queue = :queue and j.state = 'failed'"
                + " and i.deleted_at is null and j.id > :after"
                + ofCause
                + " order by j.id limit :batch")
        .param("queue", queue)
        .param("cause", cause)
        .param("after", after)
        .param("batch", BATCH)
        .query(Long.class)
        .list();
  }

  private int again(List<Long> ids, Lane lane) {
    Integer count =
        transaction.execute(
            status -> {
              int queued =
                  database
                      .sql(
                          """
                          update jobs set run = run + 1, state = 'queued', attempts = 0, interrupted = 0, excused = 0,
                            due_at = current_timestamp(3), sent_at = null, cause = null, error = null, owner = null,
                            lane = :lane, created_at = current_timestamp(3), started_at = null, ended_at = null
                          where id in (:ids) and state = 'failed'
                          """)
                      .param("lane", lane.number())
                      .param("ids", ids)
                      .update();
              database
                  .sql(
                      """
                      insert into idempotent_keys (processorName, messageId, createdAt)
                      select 'enqueue', concat(queue, ':', job_key), current_timestamp(3) from jobs
                      where id in (:ids) and state = 'queued' and not exists (
                        select 1 from idempotent_keys k
                        where k.processorName = 'enqueue' and k.messageId = concat(jobs.queue, ':', jobs.job_key))
                      """)
                  .param("ids", ids)
                  .update();
              outbox.write(queuedAgain(ids));
              return queued;
            });
    return count == null ? 0 : count;
  }

  private List<Notice> queuedAgain(List<Long> ids) {
    return database
        .sql("select image_id, queue from jobs where id in (:ids) and state = 'queued' order by id")
        .param("ids", ids)
        .query((row, number) -> Notice.of(row.getLong(1), row.getString(2) + "-queued"))
        .list();
  }

  /**
   * Queues the photos that have no job of this queue as it is set now: those from before the queue
   * was, and for thumbnails those from before CARAVEL_THUMBNAILS was changed.
   */
  public Map<String, Integer> missing(Request request) {
    return requeue(
        steps.known(request.text("queue")),
        """
        and not exists (select 1 from jobs j
          where j.image_id = i.id and j.queue = :queue and not j.extra and j.data like :data)
        """,
        "",
        false);
  }

  /**
   * Queues the photos whose job of this queue was done by another recipe than today's, to be done
   * again and replaced. Of what was done before there were recipes nothing is known: it stays.
   */
  public Map<String, Integer> stale(Request request) {
    String queue = steps.known(request.text("queue"));
    String recipe = recipes.of(queue);
    return recipe == null ? queued(0) : requeue(queue, STALE, recipe, true);
  }

  /** How many photos have a result of a step that was made by another recipe. */
  public long madeOtherwise(String queue, String recipe) {
    return database
        .sql("select count(*) from images i where i.deleted_at is null " + STALE)
        .param("queue", queue)
        .param("recipe", recipe)
        .query(Long.class)
        .single();
  }

  /** Queues every photo again; or has every original proved. */
  public Map<String, Integer> all(Request request) {
    if (Scrub.NAME.equals(request.text("queue"))) {
      return queued(scrub.all());
    }
    return requeue(steps.known(request.text("queue")), "", "", true);
  }

  /** Queues the photos whose job of this queue failed. */
  public Map<String, Integer> failed(Request request) {
    return replay(steps.known(request.text("queue")), null);
  }

  private Map<String, Integer> requeue(String queue, String which, String recipe, boolean force) {
    // Geolocation has something to do only for photos with a position.
    String sought = which + (queue.equals("geolocation") ? " and i.position = 'valid'" : "");
    int count = 0;
    long after = 0;
    while (true) {
      List<Long> ids =
          database
              .sql(
                  "select i.id from images i where i.deleted_at is null and i.id > :after "
                      + sought
                      + " order by i.deleted_at, i.id limit :batch")
              .param("after", after)
              .param("queue", queue)
              .param("data", requests.pattern(queue))
              .param("recipe", recipe)
              .param("batch", BATCH)
              .query(Long.class)
              .list();
      if (ids.isEmpty()) {
        return queued(count);
      }
      after = ids.get(ids.size() - 1);
      count += put(queue, ids, force);
    }
  }

  private int put(String queue, List<Long> ids, boolean force) {
    for (int left = TRIES; ; left--) {
      try {
        return Objects.requireNonNull(
            transaction.execute(
                status ->
                    jobs.putAll(
                        photos.photos(ids).stream()
                            .map(photo -> requests.of(queue, photo, force, Lane.LIBRARY))
                            .toList())));
      } catch (DuplicateKeyException e) {
        // Another queued the job of one of them between the look and the insert: it is seen now.
        if (left == 1) {
          throw e;
        }
      }
    }
  }

  private static Map<String, Integer> queued(int count) {
    return Map.of("queued", count);
  }
}
