package io.caravel.job;

import java.util.HashMap;
import java.util.Map;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * How many workers each queue has on a node: as somebody set it while the program ran, which is
 * kept and holds on every node, else as the node's settings say. Whoever has workers hears of a
 * change by a {@link CrewSize}. Thread-safe.
 */
@Component("crews")
public class Crews {
  /** The geocoder is asked one question after the other, over all nodes. */
  private static final String SINGLE = "geolocation";

  private final JdbcClient database;
  private final QueueSettings settings;
  private final ApplicationEventPublisher events;
  private volatile Map<String, Integer> kept = Map.of();

  Crews(JdbcClient database, QueueSettings settings, ApplicationEventPublisher events) {
    this.database = database;
    this.settings = settings;
    this.events = events;
  }

  /** The workers that a queue is to have on this node. */
  public int of(String queue) {
    return kept.getOrDefault(queue, settings.workers(queue));
  }

  /**
   * Sets the workers of a queue, on this node at once, on others within a beat.
   *
   * @throws Failure {@code conflict} for a queue that has one worker over all nodes
   */
  void set(String queue, int workers) {
    if (queue.equals(SINGLE) && workers != 1) {
      throw Failure.lasting(
          "conflict",
          "The queue geolocation has one worker over all nodes, for the geocoder is asked one question after the other:"
              + " CARAVEL_NOMINATIM_PERIOD_MS sets how often.");
    }
    database
        .sql("update queue_workers set workers = :workers where queue = :queue")
        .param("workers", workers)
        .param("queue", queue)
        .update();
    refresh();
  }

  /** Takes over what was set since, here or on another node. */
  public synchronized void refresh() {
    Map<String, Integer> set = new HashMap<>();
    database
        .sql("select queue, workers from queue_workers where workers is not null")
        .query(
            row -> {
              set.put(row.getString("queue"), row.getInt("workers"));
            });
    Map<String, Integer> before = kept;
    kept = Map.copyOf(set);
    for (String queue : QueueSettings.NAMES) {
      if (of(queue) != before.getOrDefault(queue, settings.workers(queue))) {
        events.publishEvent(new CrewSize(queue, of(queue)));
      }
    }
  }
}
