package io.caravel.flow;

import io.caravel.job.CrewSize;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * How many threads each in-process queue is to have, and how many live; and whom to tell when a
 * queue, in process or a broker's, is to have more or fewer. Thread-safe.
 */
@Component
final class Workers {
  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

  private final Map<String, Crew> crews = new TreeMap<>();
  private final Map<String, IntConsumer> consumers = new HashMap<>();
  private final MemoryShortage shortage;

  Workers(MemoryShortage shortage) {
    this.shortage = shortage;
  }

  /** Wanted and living. */
  record Crew(int wanted, int living) {
    @Override
    public String toString() {
      return living + " of " + wanted;
    }
  }

  synchronized void wanted(String queue, int count) {
    Crew crew = crews.getOrDefault(queue, new Crew(0, 0));
    crews.put(queue, new Crew(count, crew.living()));
  }

  /** Who takes from a queue is told from now on how many are to do so; null: it has ended. */
  synchronized void consumer(String queue, @Nullable IntConsumer resize) {
    if (resize == null) {
      consumers.remove(queue);
    } else {
      consumers.put(queue, resize);
    }
  }

  @EventListener
  void resized(CrewSize size) {
    IntConsumer resize;
    synchronized (this) {
      resize = consumers.get(size.queue());
    }
    if (resize == null) {
      return;
    }
    LOG.info("{} has {} workers from now on.", size.queue(), size.workers());
    try {
      resize.accept(size.workers());
    } catch (RuntimeException e) {
      // A broker that is away. What was set is kept, and holds from its next connection on.
      LOG.warn("{} does not have them yet: {}", size.queue(), e.getMessage());
    }
  }

  synchronized void arrives(String queue) {
    change(queue, 1);
  }

  synchronized void leaves(String queue) {
    change(queue, -1);
  }

  private void change(String queue, int by) {
    Crew crew = crews.getOrDefault(queue, new Crew(0, 0));
    crews.put(queue, new Crew(crew.wanted(), crew.living() + by));
  }

  /** By queue. */
  synchronized Map<String, Crew> crews() {
    return new TreeMap<>(crews);
  }

  /** Those of which some are missing: {@code thumbnails (1 of 2)}. Empty: all are there. */
  String missing() {
    return crews().entrySet().stream()
        .filter(crew -> crew.getValue().living() < crew.getValue().wanted())
        .map(crew -> crew.getKey() + " (" + crew.getValue() + ")")
        .collect(Collectors.joining(", "));
  }

  /** An Error came as far as a thread that must go on. Does not throw. */
  void met(String who, Error e) {
    shortage.met(e);
    try {
      LOG.error("{} met an error outside of its work and goes on", who, e);
    } catch (Error again) {
      // No memory to say it: to go on is more than to have said so.
    }
  }
}
