package io.caravel.job;

import io.caravel.change.Outbox;
import io.caravel.ground.Journey;
import io.caravel.ground.Nodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * How jobs are taken back whose start had no end: of a former life, of a node that is gone, of a
 * database that was away. The verbs are told in {@link Jobs}.
 */
@Component
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
  private static final int BATCH = 500;

  private final JdbcClient database;
  private final JobRows rows;
  private final Claims claims;
  private final Hints hints;
  private final Steps steps;
  private final Journey journey;
  private final Outbox outbox;
  private final Queues queues;
  private final Nodes nodes;
  private final BegunWork begun;
  private final TransactionTemplate transaction;
  private final String owner;
  private final String node;
  private final int interruptedSeconds;
  private final int interruptedStarts;
  private volatile Map<Start, Long> seenRunning = Map.of();

  /** One start of a job of this node. */
  private record Start(String queue, long id, int run, int attempts) {
    private static Start of(Job job) {
      return new Start(job.queue(), job.id(), job.run(), job.attempts());
    }
  }

  Recovery(
      JdbcClient database,
      JobRows rows,
      Claims claims,
      Hints hints,
      Steps steps,
      Journey journey,
      Outbox outbox,
      Queues queues,
      Nodes nodes,
      BegunWork begun,
      TransactionTemplate transaction,
      @Value("${caravel.node}") String node,
      @Value("${caravel.queue.interrupted-seconds}") int interruptedSeconds,
      @Value("${caravel.queue.interrupted-starts}") int interruptedStarts) {
    this.database = database;
    this.rows = rows;
    this.claims = claims;
    this.hints = hints;
    this.steps = steps;
    this.journey = journey;
    this.outbox = outbox;
    this.queues = queues;
    this.nodes = nodes;
    this.begun = begun;
    this.transaction = transaction;
    this.owner = nodes.owner();
    this.node = node;
    this.interruptedSeconds = interruptedSeconds;
    this.interruptedStarts = interruptedStarts;
  }

  int recover() {
    hints.hintAnew();
    String life = node.replace("%", "\\%").replace("_", "\\_") + "/%";
    int taken = interrupted(running("owner like :one and owner <> :other", life, owner));
    nodes.formerLives().forEach(nodes::forget);
    return taken;
  }

  void recovered() {
    begun.formerLives().forEach(begun::forget);
  }

  void restoreClaims() {
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

  void takeBackFrom(String gone) {
    restoreClaims(gone);
    int had = interrupted(running("owner = :one and owner <> :other", gone, owner));
    hints.hintAnew();
    begun.forget(gone);
    nodes.forget(gone);
    LOG.warn("Node {} has not been heard of: {} jobs are taken back from it.", gone, had);
  }

  void lapse() {
    interrupted(
        running("lease_until < current_timestamp(3) and owner not in (select owner from nodes)"));
    long now = System.nanoTime();
    Map<Start, Long> running = new HashMap<>();
    ofThisNode().forEach(start -> running.put(start, seenRunning.getOrDefault(start, now)));
    seenRunning = running;
    interrupted(
        running.entrySet().stream()
            .filter(seen -> now - seen.getValue() > claims.lease(seen.getKey().queue()).toNanos())
            .map(Map.Entry::getKey)
            .toList());
  }

  void bringBack() {
    for (String queue : steps.names()) {
      int farthest = (int) steps.longestPause(queue).toSeconds();
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
    for (String queue : queues.names()) {
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

  void databaseIsBack() {
    List<Start> left = new ArrayList<>(ofThisNode());
    left.removeIf(
        start -> begun.isInHand(start.queue(), start.id(), start.run(), start.attempts()));
    release(left);
    hints.hintAnew();
  }

  /**
   * A start had no end. The job waits a while before it is started again, alone; innocent
   * neighbours return one after the other. An interrupted start is no try of the work's own. What
   * waits for others, as geolocation does, is never suspected. One that still waited for its turn
   * had not begun; one whose end was not on the disk yet had ended.
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
    Job job = rows.find(id).filter(found -> start.equals(Start.of(found))).orElse(null);
    if (job == null) {
      return false;
    }
    if (givenBack(job)) {
      return true;
    }
    boolean suspect = steps.isInterrupted(job.queue());
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
      journey.ended(job.start(), parked ? "failed" : "interrupted", "interrupted", sentence);
      JobLog.ended(job, parked ? "failed" : "interrupted", "interrupted", sentence);
      if (parked) {
        outbox.write(job.photo().id(), job.queue() + "-failed");
        rows.forget(job.queue(), job.key());
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

  int release() {
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
}
