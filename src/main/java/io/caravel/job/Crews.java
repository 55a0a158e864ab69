package io.caravel.job;

import io.caravel.ground.Failure;
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
  private final JdbcClient database;
  private final Steps steps;
  private final ApplicationEventPublisher events;
  private volatile Map<String, Integer> kept = Map.of();

  Crews(JdbcClient database, Steps steps, ApplicationEventPublisher events) {
    this.database = database;
    this.steps = steps;
    this.events = events;
  }

  /** The workers that a queue is to have on this node. */
  public int of(String queue) {
    return kept.getOrDefault(queue, steps.workers(queue));
  }

  /**
   * Sets the workers of a queue, on this node at once, on others within a beat.
   *
   * @throws Failure {@code conflict} for a queue that has one worker over all nodes
   */
  void set(String queue, int workers) {
    if (steps.isSingle(queue) && workers != 1) {
      throw Failure.lasting(
          "conflict",
          "The queue %s has one worker over all nodes, for it does one thing after the other%s."
              .formatted(
                  queue,
                  queue.equals("geolocation")
                      ? ": CARAVEL_NOMINATIM_PERIOD_MS sets how often the geocoder is asked"
                      : " (" + Steps.variable(queue, "single") + ")"));
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
    for (String queue : steps.names()) {
      if (of(queue) != before.getOrDefault(queue, steps.workers(queue))) {
        events.publishEvent(new CrewSize(queue, of(queue)));
      }
    }
  }
}
