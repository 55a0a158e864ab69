package io.caravel.job;

import io.caravel.ground.Cause;
import io.caravel.ground.Failure;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * What keeps all jobs of a queue from being done on this node and lies in none of their photos. The
 * queue rests as a whole, some seconds at first and twice as long each time, and no photo loses a
 * try. After a rest one job is let through alone, of another photo where there is one. When that
 * one is done the weather is over; and if only one job had met it, the failure was that one's own
 * and counts as its try. So does a later one of any job that failed where others did not.
 *
 * <p>Thread-safe. What it knows is forgotten at a restart: the first job finds out anew.
 */
@Component("weather")
public class Weather {
  private static final Logger LOG = LoggerFactory.getLogger(Weather.class);
  private static final long TELL_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int MOST_DOUBTFUL = 10_000;

  private final Steps steps;
  private final Map<String, Outside> outside;
  private final Map<String, Sky> skies = new HashMap<>();

  Weather(Steps steps, List<Outside> outside) {
    this.steps = steps;
    this.outside = outside.stream().collect(Collectors.toMap(Outside::queue, each -> each));
    steps.names().forEach(queue -> skies.put(queue, new Sky()));
  }

  /** A job that met the weather, with what it met. */
  record Met(Job job, Failure failure) {}

  /** One queue. Guarded by itself. */
  private static final class Sky {
    private @Nullable Failure reason;
    private long began;
    private long until;
    private int rests;
    private long answersBefore;
    private long probe;
    private long probeLapses;
    private long told = System.nanoTime() - TELL_AGAIN_NANOS;
    private boolean tellEnd;
    private final Map<Long, Met> met = new LinkedHashMap<>();
    private final Set<Long> doubtful = new HashSet<>();

    private boolean resting() {
      return reason != null && System.nanoTime() - until < 0;
    }

    private boolean probing() {
      return probe != 0 && System.nanoTime() - probeLapses < 0;
    }

    private long secondsLeft() {
      return Math.max(1, (until - System.nanoTime() + 999_999_999L) / 1_000_000_000L);
    }
  }

  private Sky sky(String queue) {
    Sky sky = skies.get(queue);
    if (sky == null) {
      throw steps.unknown(queue);
    }
    return sky;
  }

  /** Why the queue rests and when it is asked again, as a sentence; null when it does not. */
  @Nullable String told(String queue) {
    Sky sky = sky(queue);
    synchronized (sky) {
      if (sky.reason == null) {
        return null;
      }
      return sky.reason.getMessage()
          + (sky.resting()
              ? " It is asked again in about %d s.".formatted(sky.secondsLeft())
              : " It is being asked again, for one photo.");
    }
  }

  /** How many jobs of the queue may be under way at once, of those that usually may. */
  int window(String queue, int usual) {
    Sky sky = sky(queue);
    synchronized (sky) {
      if (sky.reason == null) {
        return usual;
      }
      return sky.resting() || sky.probing() ? 0 : 1;
    }
  }

  /**
   * Whether this job may start. After a rest one may, and {@link #failed}, {@link #ended} or {@link
   * #gone} must follow before the next.
   */
  boolean admits(String queue, long id) {
    Sky sky = sky(queue);
    synchronized (sky) {
      if (sky.reason == null) {
        return true;
      }
      if (sky.resting() || sky.probing()) {
        return false;
      }
      sky.probe = id;
      sky.probeLapses = System.nanoTime() + steps.limit(queue).plusMinutes(1).toNanos();
      return true;
    }
  }

  /** The job was not started after all, or came to no end that tells anything. */
  void gone(String queue, long id) {
    Sky sky = sky(queue);
    synchronized (sky) {
      if (sky.probe == id) {
        sky.probe = 0;
      }
    }
  }

  /**
   * A job failed.
   *
   * @return how long its queue rests; null: the failure is the job's own
   */
  @Nullable Duration failed(Job job, Failure failure) {
    Sky sky = sky(job.queue());
    @Nullable Duration rest = null;
    Duration left;
    synchronized (sky) {
      boolean probed = sky.probe == job.id();
      gone(job.queue(), job.id());
      if (!failure.weather()) {
        return null;
      }
      if (failure.begun()) {
        if (sky.doubtful.remove(job.id())) {
          return null;
        }
        sky.met.put(job.id(), new Met(job, failure));
      }
      if (sky.reason == null || (probed && !sky.resting())) {
        rest = rest(job.queue(), sky, failure);
      }
      if (sky.reason == null || !failure.cause().equals(Cause.GEOCODER_PAUSED.code())) {
        sky.reason = failure; // that it is not asked does not say why
      }
      left = Duration.ofSeconds(sky.secondsLeft() + 1);
    }
    Outside asks = outside.get(job.queue());
    if (rest != null && asks != null) {
      asks.rest(rest);
    }
    return left;
  }

  private Duration rest(String queue, Sky sky, Failure failure) {
    Duration rest = steps.rest(sky.rests);
    Duration asked = failure.pause();
    rest = asked != null && asked.compareTo(rest) > 0 ? asked : rest;
    long now = System.nanoTime();
    if (sky.reason == null) {
      sky.began = now;
    }
    sky.rests++;
    sky.until = now + rest.toNanos();
    Outside asks = outside.get(queue);
    if (asks != null) {
      sky.answersBefore = asks.answers();
    }
    if (now - sky.told >= TELL_AGAIN_NANOS * Math.min(sky.rests, 10)) {
      sky.told = now;
      sky.tellEnd = true;
      LOG.warn(
          "{} rests: {} [{}] Its jobs wait and lose no try; asked again in {} s.",
          queue,
          failure.getMessage(),
          failure.cause(),
          rest.toSeconds());
    }
    return rest;
  }

  /**
   * A job was done, or failed for something of its own.
   *
   * @return the job that alone had met the weather while this one did not: the failure was its own
   */
  @Nullable Met ended(Job job) {
    Sky sky = sky(job.queue());
    synchronized (sky) {
      gone(job.queue(), job.id());
      sky.doubtful.remove(job.id());
      Outside asks = outside.get(job.queue());
      if (sky.reason == null
          || job.claimedNanos() - sky.began < 0
          || (asks != null && asks.answers() == sky.answersBefore)) {
        return null;
      }
      if (sky.tellEnd) {
        LOG.info(
            "{} goes on, after {} s.",
            job.queue(),
            Duration.ofNanos(System.nanoTime() - sky.began).toSeconds());
      }
      sky.reason = null;
      sky.rests = 0;
      sky.tellEnd = false;
      sky.met.remove(job.id());
      List<Met> met = List.copyOf(sky.met.values());
      sky.met.clear();
      if (sky.doubtful.size() > MOST_DOUBTFUL) {
        sky.doubtful.clear();
      }
      met.forEach(each -> sky.doubtful.add(each.job().id()));
      return met.size() == 1 ? met.get(0) : null;
    }
  }
}
