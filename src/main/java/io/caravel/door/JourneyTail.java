package io.caravel.door;

import io.caravel.door.JourneyRows.Step;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Follows table {@code journey}: each step once, though ids may become visible out of order, since
 * an id is drawn before its transaction commits. An id that is missing between others is looked for
 * again for some seconds, then taken for rolled back. Not safe for use by several threads at once.
 */
class JourneyTail {
  private static final int BATCH = 500;
  private static final int MOST_GAPS = 1000;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final JourneyRows journey;
  private final InstantSource clock;
  private final TreeMap<Long, Instant> gaps = new TreeMap<>();
  private long high;

  /** Starts behind the last step there is. */
  JourneyTail(JourneyRows journey, InstantSource clock) {
    this.journey = journey;
    this.clock = clock;
    this.high = journey.last();
  }

  /** The greatest id seen. */
  long high() {
    return high;
  }

  /** What became visible since the last call: late ones first, then the new ones by id. */
  List<Step> next() {
    Instant now = clock.instant();
    gaps.values().removeIf(since -> since.plus(PATIENCE).isBefore(now));
    List<Step> steps = new ArrayList<>();
    if (!gaps.isEmpty()) {
      steps.addAll(journey.of(List.copyOf(gaps.keySet())));
      steps.forEach(step -> gaps.remove(step.id()));
    }
    List<Step> fresh = journey.after(high, BATCH);
    for (Step step : fresh) {
      // A jump may be large: counters skip ahead after a crash. Only its end can still be written.
      for (long id = Math.max(high + 1, step.id() - MOST_GAPS); id < step.id(); id++) {
        gaps.put(id, now);
      }
      high = step.id();
    }
    while (gaps.size() > MOST_GAPS) {
      gaps.pollFirstEntry();
    }
    steps.addAll(fresh);
    return steps;
  }
}
