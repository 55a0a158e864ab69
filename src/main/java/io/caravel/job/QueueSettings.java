package io.caravel.job;

import java.time.Duration;
import java.util.List;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** The tries, time limits and back-off of the queues: {@code caravel.queue.<name>.…}. */
@Component
public class QueueSettings {
  /** The queues that have a route today. */
  public static final List<String> NAMES =
      List.of("thumbnails", "metadata", "geolocation", "faces");

  /** Another start that hangs costs a thread each: two are enough to tell. */
  private static final int TRIES_AFTER_TIME_LIMIT = 2;

  /** A failure may ask for more than the back-off, such as the geocoder's Retry-After. */
  private static final Duration LONGEST_ASKED_FOR = Duration.ofHours(2);

  private final Environment environment;

  QueueSettings(Environment environment) {
    this.environment = environment;
  }

  int tries(String queue, String cause) {
    int tries = number(queue, "tries");
    return cause.equals("time-limit") ? Math.min(tries, TRIES_AFTER_TIME_LIMIT) : tries;
  }

  /** How many jobs of the queue are under way at once: what a broker or a worker's line holds. */
  int window(String queue) {
    return number(queue, "window");
  }

  /** Jobs of the queue that this node does at once. */
  int workers(String queue) {
    return environment.getProperty("caravel.workers." + queue, Integer.class, 1);
  }

  public Duration limit(String queue) {
    return Duration.ofSeconds(number(queue, "limit-seconds"));
  }

  /** The pause before the next try: four times as long after each. */
  Duration backoff(String queue, int attempts) {
    return Duration.ofSeconds(
        (long) number(queue, "backoff-seconds") << (2 * Math.min(attempts - 1, 6)));
  }

  /** No job of the queue is put off for longer. */
  Duration longestPause(String queue) {
    return backoff(queue, number(queue, "tries")).plus(longestRest()).plus(LONGEST_ASKED_FOR);
  }

  /** How long a queue rests for weather: twice as long each time, up to a longest. */
  Duration rest(int before) {
    long first = number("rest-seconds");
    return Duration.ofSeconds(
        Math.min(first << Math.min(before, 20), number("rest-longest-seconds")));
  }

  Duration longestRest() {
    return Duration.ofSeconds(number("rest-longest-seconds"));
  }

  private int number(String name) {
    return environment.getRequiredProperty("caravel.queue." + name, Integer.class);
  }

  private int number(String queue, String name) {
    return environment.getRequiredProperty("caravel.queue." + queue + "." + name, Integer.class);
  }
}
