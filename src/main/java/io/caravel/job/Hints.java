package io.caravel.job;

import io.caravel.ground.WeatherLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Which due jobs of a queue have a hint on its way to the workers. What waits with them is first
 * come, first served, so the lanes share the work as they share this room: of ten, nine are the
 * upper lane's. And since an upload stands behind whatever has been sent, the lower lanes have no
 * more there than is done in two seconds. The verbs are told in {@link Jobs}.
 */
@Component
final class Hints {
  private static final Logger LOG = LoggerFactory.getLogger(Hints.class);

  private static final int BATCH = 500;
  private static final long REST_NANOS = Duration.ofSeconds(5).toNanos();

  /** No hint of it is on its way, or none that will arrive. */
  private static final String UNSENT =
      """
      (sent_at is null or sent_at < timestampadd(second, :resend, current_timestamp(3))
        or sent_at > timestampadd(second, 60, current_timestamp(3)))""";

  /** Hints of an upper lane to one of the lanes below. */
  private static final int UPPER = 9;

  private final JdbcClient database;
  private final Steps steps;
  private final Queues queues;
  private final Weather weather;
  private final TransactionTemplate transaction;
  private final int resendSeconds;
  private final Map<String, Long> resting = new ConcurrentHashMap<>();

  Hints(
      JdbcClient database,
      Steps steps,
      Queues queues,
      Weather weather,
      TransactionTemplate transaction,
      @Value("${caravel.queue.resend-ms}") int resendMs) {
    this.database = database;
    this.steps = steps;
    this.queues = queues;
    this.weather = weather;
    this.transaction = transaction;
    this.resendSeconds = resendMs / 1000;
  }

  /** A due job; sent: a hint of it is on its way. */
  record Due(long id, boolean sent) {}

  /**
   * The jobs to send a hint of.
   *
   * @param lanes the due jobs of each lane, in their order, those with a hint under way among them
   * @param least under way of a lane that has due jobs, whatever the lanes above it have
   * @param room under way of the lower lanes
   */
  static List<Long> next(List<List<Due>> lanes, int least, int room) {
    List<List<Due>> waiting = lanes.stream().filter(lane -> !lane.isEmpty()).toList();
    List<List<Long>> sends = new ArrayList<>();
    int most = waiting.size() > 1 ? UPPER * room : Integer.MAX_VALUE;
    for (List<Due> lane : waiting) {
      List<Due> window = lane.subList(0, Math.min(lane.size(), most));
      sends.add(window.stream().filter(due -> !due.sent()).map(Due::id).toList());
      most = Math.max(least, Math.min(room, window.size() / UPPER));
    }
    return merged(sends);
  }

  /** Nine of the first, one of the others, and so on. */
  private static List<Long> merged(List<List<Long>> lanes) {
    if (lanes.isEmpty()) {
      return List.of();
    }
    Iterator<Long> below = merged(lanes.subList(1, lanes.size())).iterator();
    List<Long> all = new ArrayList<>();
    for (long id : lanes.get(0)) {
      all.add(id);
      if (all.size() % (UPPER + 1) == UPPER && below.hasNext()) {
        all.add(below.next());
      }
    }
    below.forEachRemaining(all::add);
    return all;
  }

  List<String> hints(String queue) {
    return Objects.requireNonNull(transaction.execute(status -> toHint(queue)));
  }

  private List<String> toHint(String queue) {
    Long restsUntil = resting.get(queue);
    int window = weather.window(queue, steps.window(queue));
    if (window == 0 || (restsUntil != null && System.nanoTime() - restsUntil < 0)) {
      return List.of();
    }
    int workers = queues.workers(queue);
    int room = Math.min(window, queues.room(queue, workers));
    List<List<Due>> lanes = new ArrayList<>();
    for (Lane lane : Lane.values()) {
      lanes.add(due(queue, lane, lane == Lane.UPLOAD ? window : room));
    }
    List<Long> due = next(lanes, Math.min(window, workers), room);
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

  private List<Due> due(String queue, Lane lane, int window) {
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
        .query((row, number) -> new Due(row.getLong("id"), row.getInt("sent") == 1))
        .list();
  }

  void hintAnew() {
    queues.names().forEach(this::unsent);
  }

  void unsent(String queue) {
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

  void hintAgain(long id) {
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

  void rest(String queue) {
    unsent(queue);
    resting.put(queue, System.nanoTime() + REST_NANOS);
  }
}
