package io.caravel.ground;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import java.io.IOException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NormalizedParameters;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Component;

/**
 * The one place that keeps weather from filling the log. A database, broker or disk that is away is
 * met at every tick by every route and by the libraries beneath: of what repeats itself the first
 * is told, then another after a minute, two, four and so on, up to an hour; after {@link #QUIET}
 * without it is news again. It concerns the warnings and errors of libraries, by their packages,
 * and what Caravel itself marks as {@link #MARKER}. What is told of one photo is never kept back.
 * Where a library's trouble is a connection or a file, one line says all; a stack says nothing
 * more.
 */
@Component
public final class WeatherLog extends TurboFilter {
  /** Marks a line that may be one of many about the same weather. */
  public static final Marker MARKER = MarkerFactory.getMarker("weather");

  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(WeatherLog.class);
  private static final Duration FIRST = Duration.ofMinutes(1);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration QUIET = Duration.ofMinutes(10);
  private static final String TRANSACTIONS = "io.caravel.database.RepeatedTransaction";
  private static final int PACKAGES = 3;
  private static final int MOST_KINDS = 1_000;

  private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

  private static final class Kind {
    private long seen;
    private long until;
    private long pause;

    private synchronized boolean isNews(long now) {
      boolean quiet = pause == 0 || now - seen > QUIET.toNanos();
      seen = now;
      if (quiet) {
        pause = FIRST.toNanos();
      } else if (now - until < 0) {
        return false;
      } else {
        pause = Math.min(2 * pause, LONGEST.toNanos());
      }
      until = now + pause;
      return true;
    }
  }

  @PostConstruct
  void listen() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext log) {
      setName("weather");
      start();
      log.addTurboFilter(this);
    }
  }

  @PreDestroy
  void leave() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext log) {
      log.getTurboFilterList().remove(this);
    }
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] arguments,
      @Nullable Throwable problem) {
    if (!level.isGreaterOrEqual(Level.WARN)
        || !level.isGreaterOrEqual(logger.getEffectiveLevel())) {
      return FilterReply.NEUTRAL;
    }
    String name = logger.getName();
    boolean ours =
        (name.startsWith("io.caravel.") || name.startsWith("caravel"))
            && !name.equals(TRANSACTIONS); // in which Spring speaks
    if (ours && (marker == null || !marker.contains(MARKER))) {
      return FilterReply.NEUTRAL;
    }
    if (format == null && problem == null) {
      return FilterReply.NEUTRAL; // asks whether the level is on; the line itself comes next
    }
    if (kinds.size() > MOST_KINDS) {
      kinds.clear();
    }
    if (!kinds.computeIfAbsent(kind(name), kind -> new Kind()).isNews(System.nanoTime())) {
      return FilterReply.DENY;
    }
    // One behind the arguments is still among them here.
    Throwable thrown =
        problem == null ? NormalizedParameters.getThrowableCandidate(arguments) : problem;
    Throwable root = thrown == null ? null : NestedExceptionUtils.getMostSpecificCause(thrown);
    if (ours || root == null || !isWeather(root)) {
      return FilterReply.NEUTRAL;
    }
    String told = String.valueOf(MessageFormatter.basicArrayFormat(format, arguments));
    LOG.warn(
        "{}: {} ({}: {})",
        name.substring(name.lastIndexOf('.') + 1),
        told.lines().findFirst().orElse(""),
        root.getClass().getSimpleName(),
        root.getMessage());
    return FilterReply.DENY;
  }

  private static boolean isWeather(Throwable root) {
    return root instanceof IOException
        || root instanceof SQLTransientException
        || root instanceof SQLNonTransientConnectionException;
  }

  /** The routes are one kind together, our classes each one, libraries by their packages. */
  private static String kind(String logger) {
    if (logger.startsWith("caravel")) {
      return "caravel";
    }
    return logger.startsWith("io.caravel.") ? logger : packages(logger);
  }

  private static String packages(String logger) {
    int end = 0;
    for (int part = 0; part < PACKAGES && end >= 0; part++) {
      end = logger.indexOf('.', end + 1);
    }
    return end < 0 ? logger : logger.substring(0, end);
  }
}
