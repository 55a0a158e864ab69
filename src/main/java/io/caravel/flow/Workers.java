package io.caravel.flow;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** How many threads each in-process queue is to have, and how many live. Thread-safe. */
@Component
final class Workers {
  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

  private final Map<String, Crew> crews = new TreeMap<>();
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
