package io.caravel;

import io.caravel.ground.CannotStart;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/**
 * Waits for a database server that is not there yet, before anything of Caravel is built: after a
 * power cut the two start in any order. A server that answers and refuses is not waited for: then a
 * setting is wrong.
 */
final class WaitForDatabase
    implements ApplicationContextInitializer<ConfigurableApplicationContext> {
  private static final Logger LOG = LoggerFactory.getLogger("caravel");

  private static final Duration BETWEEN = Duration.ofSeconds(2);
  private static final Duration TOLD_EVERY = Duration.ofMinutes(1);
  private static final int CONNECT_MS = 10_000;

  /** SQL states of a connection that did not come about: "08…" of ISO 9075. */
  private static final String NO_CONNECTION = "08";

  // https://mariadb.com/kb/en/mariadb-error-code-reference/
  private static final int DENIED_TO_DATABASE = 1044;
  private static final int NO_SUCH_DATABASE = 1049;
  private static final int SHUTTING_DOWN = 1053;

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    Environment settings = context.getEnvironment();
    String url = settings.getProperty("spring.datasource.url", "");
    if (url.startsWith("jdbc:h2:")) {
      return; // a file, which is there or is made
    }
    if (!url.startsWith("jdbc:mysql:")) {
      throw CannotStart.mendFirst(
          "CARAVEL_DB_URL is "
              + withoutQuery(url)
              + ": write jdbc:mysql://host:3306/caravel for MariaDB or MySQL, or leave it out for the embedded database.");
    }
    Properties connection = new Properties();
    connection.setProperty("user", settings.getProperty("spring.datasource.username", ""));
    connection.setProperty("password", settings.getProperty("spring.datasource.password", ""));
    connection.setProperty("connectTimeout", Integer.toString(CONNECT_MS));
    connection.setProperty("socketTimeout", Integer.toString(CONNECT_MS));
    long toldAt = 0;
    for (SQLException problem; (problem = connect(url, connection)) != null; pause()) {
      if (!mayCome(problem)) {
        throw refused(withoutQuery(url), problem);
      }
      if (toldAt == 0 || System.nanoTime() - toldAt > TOLD_EVERY.toNanos()) {
        toldAt = System.nanoTime();
        LOG.warn(
            "The database at {} does not answer yet ({}): Caravel waits for it and starts by itself.",
            withoutQuery(url),
            reason(problem));
      }
    }
  }

  private static @Nullable SQLException connect(String url, Properties properties) {
    try (Connection connection = DriverManager.getConnection(url, properties)) {
      connection.isValid(1);
      return null;
    } catch (SQLException e) {
      return e;
    }
  }

  private static boolean mayCome(SQLException problem) {
    String state = problem.getSQLState();
    return state != null && state.startsWith(NO_CONNECTION)
        || problem.getErrorCode() == SHUTTING_DOWN;
  }

  private static CannotStart refused(String url, SQLException problem) {
    String advice =
        switch (problem.getErrorCode()) {
          case NO_SUCH_DATABASE -> "create it: create database caravel character set utf8mb4";
          case DENIED_TO_DATABASE -> "grant all privileges on it to CARAVEL_DB_USER";
          default -> "look at CARAVEL_DB_URL, CARAVEL_DB_USER and CARAVEL_DB_PASSWORD";
        };
    return CannotStart.mendFirst(
        "the database at "
            + url
            + " refuses Caravel ("
            + problem.getMessage()
            + "): "
            + advice
            + ".",
        problem);
  }

  /** Neither the driver's options nor a password that somebody put there. */
  private static String withoutQuery(String url) {
    return url.replaceAll("[?].*", "").replaceAll("//[^/@]*@", "//");
  }

  private static String reason(SQLException problem) {
    Throwable deepest = problem;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String message = String.valueOf(deepest.getMessage()).replaceAll("\\s+", " ").strip();
    return deepest instanceof UnknownHostException ? "unknown host " + message : message;
  }

  private static void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(BETWEEN.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CannotStart.tryAgain("it was interrupted while it waited for its database.", e);
    }
  }
}
