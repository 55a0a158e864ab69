package io.caravel.ground;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Whether the database answers. An embedded one that could not write has closed itself (H2's 90098)
 * and stays so as long as one connection to it is open: all are ended, and the next one opens it
 * again. Thread-safe.
 */
@Component("databaseWatch")
public class DatabaseWatch implements Requirement {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseWatch.class);

  private static final int PATIENCE_MS = 2_000;

  private final DataSource source;
  private final boolean embedded;
  private volatile @Nullable String trouble;
  private volatile long since = System.nanoTime();

  @Autowired
  DatabaseWatch(DataSource source, @Value("${caravel.db.url}") String url) {
    this(source, url.startsWith("jdbc:h2:"));
  }

  private DatabaseWatch(DataSource source, boolean embedded) {
    this.source = source;
    this.embedded = embedded;
  }

  /** One that watches this database. */
  public static DatabaseWatch of(DataSource source, boolean embedded) {
    return new DatabaseWatch(source, embedded);
  }

  /** Whether the database is a file that this program writes. */
  public boolean isEmbedded() {
    return embedded;
  }

  /** Why the database does not answer, as a sentence that says what to do; null when it does. */
  public @Nullable String trouble() {
    return trouble;
  }

  /** How long {@link #trouble} is as it is. */
  public Duration since() {
    return Duration.ofNanos(System.nanoTime() - since);
  }

  @Override
  public @Nullable String missing(String queue) {
    return trouble;
  }

  /**
   * Asks the database whether it is there, and has a closed one opened again. Every second.
   *
   * @return whether it is back after it was away
   */
  public boolean look() {
    String before = trouble;
    try (Connection connection = source.getConnection()) {
      ask(connection);
    } catch (SQLException e) {
      if (isBusy(e)) {
        return false;
      }
      leave();
      trouble = sentence(e);
      if (before == null) {
        since = System.nanoTime();
        LOG.warn(WeatherLog.MARKER, "{}", trouble);
      }
      return false;
    }
    trouble = null;
    if (before != null) {
      LOG.info("The database answers again, after {} s: all goes on.", since().toSeconds());
      since = System.nanoTime();
    }
    return before != null;
  }

  private static void ask(Connection connection) throws SQLException {
    int usual = connection.getNetworkTimeout();
    connection.setNetworkTimeout(
        Runnable::run, PATIENCE_MS); // a server that stands still says nothing
    try (Statement question = connection.createStatement();
        ResultSet answer = question.executeQuery("select count(*) from queues")) {
      answer.next();
    }
    connection.setNetworkTimeout(Runnable::run, usual);
  }

  /**
   * Whether all connections of the pool were in use, and the database has refused nothing: the
   * pool's exception names no cause then. Whether it is there, those who use them find out.
   */
  static boolean isBusy(Throwable problem) {
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause.getClass() == SQLTransientConnectionException.class && cause.getCause() == null) {
        return true;
      }
    }
    return false;
  }

  private void leave() {
    try {
      HikariPoolMXBean pool = source.unwrap(HikariDataSource.class).getHikariPoolMXBean();
      if (pool != null) {
        pool.softEvictConnections();
      }
    } catch (SQLException e) {
      LOG.warn(WeatherLog.MARKER, "The connections cannot be ended: {}", e.getMessage());
    }
  }

  private String sentence(SQLException e) {
    return embedded
        ? "The database has closed itself, for it could not write (%s): see that the disk of CARAVEL_HOME has room and can be written to. It is opened again by itself."
            .formatted(firstLine(e))
        : "The database does not answer (%s): start it, or see CARAVEL_DB_URL. All goes on by itself."
            .formatted(firstLine(e));
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }
}
