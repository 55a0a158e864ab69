package io.caravel.server;

import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A private MariaDB server on a free loopback port. It survives {@link #kill9} and {@link #restart}
 * with its data; it ends with the test JVM. Tests skip where MariaDB is not installed.
 */
public final class MariaDbNode implements AutoCloseable {
  private static final String USER = "caravel";
  private static final String PASSWORD = "caravel's own";
  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static @Nullable MariaDbNode shared;

  private final Sandbox sandbox = new Sandbox("mariadb");
  private final int port = Ports.free();
  private @Nullable Child server;

  /** The one server of this JVM, for tests that do not stop it: take a database each. */
  public static synchronized MariaDbNode shared() {
    if (shared == null) {
      MariaDbNode node = new MariaDbNode();
      node.start();
      shared = node;
    }
    return shared;
  }

  /** Makes an empty node, not yet started. */
  public MariaDbNode() {
    sandbox.run(
        "install",
        new ProcessBuilder(
            Installed.program("mariadb-install-db", "mariadb-server"),
            "--no-defaults",
            "--user=" + System.getProperty("user.name"),
            "--datadir=" + sandbox.path("data"),
            "--auth-root-authentication-method=normal",
            "--skip-test-db"));
    sandbox.write(
        "init.sql",
        "create user if not exists '%s'@'127.0.0.1' identified by '%s';\n"
                .formatted(USER, PASSWORD.replace("'", "''"))
            + "grant all on *.* to '%s'@'127.0.0.1';\n".formatted(USER));
  }

  /** Starts it and waits until it answers. */
  public synchronized void start() {
    Child child =
        sandbox.start(
            "mariadbd",
            new ProcessBuilder(
                List.of(
                    Installed.program("mariadbd", "mariadb-server"),
                    "--no-defaults",
                    "--user=" + System.getProperty("user.name"),
                    "--datadir=" + sandbox.path("data"),
                    // One that starts removes the temporary tables that lie there, others' too.
                    "--tmpdir=" + sandbox.path(""),
                    "--socket=" + sandbox.path("socket"),
                    "--pid-file=" + sandbox.path("pid"),
                    "--init-file=" + sandbox.path("init.sql"),
                    "--bind-address=127.0.0.1",
                    "--port=" + port,
                    "--skip-name-resolve",
                    "--character-set-server=utf8mb4",
                    "--innodb-buffer-pool-size=64M",
                    "--innodb-log-file-size=32M",
                    "--max-connections=200",
                    // A commit is with the kernel, not on the disk: enough for kills of a process.
                    "--innodb-flush-log-at-trx-commit=2",
                    // Not the test machine's zone, so that a time taken as local shows.
                    "--default-time-zone=+05:30")));
    server = child;
    await("MariaDB")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !child.alive() || answers());
    if (!child.alive()) {
      throw new IllegalStateException("MariaDB ended at its start\n" + child.tail());
    }
  }

  /** Makes an empty database (utf8mb4). Returns its {@code jdbc:mysql:} address. */
  public String createDatabase() {
    return createDatabase("utf8mb4");
  }

  /** Makes an empty database of that character set. Returns its {@code jdbc:mysql:} address. */
  public String createDatabase(String characterSet) {
    String name = "caravel_" + DATABASES.incrementAndGet();
    try (Connection connection = connect("");
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name + " character set " + characterSet);
    } catch (SQLException e) {
      throw new IllegalStateException("MariaDB made no database", e);
    }
    return url(name);
  }

  public String user() {
    return USER;
  }

  public String password() {
    return PASSWORD;
  }

  public int port() {
    return port;
  }

  /** Ends it in order. Its data stay. */
  public synchronized void stop() {
    if (server != null) {
      server.terminate();
    }
  }

  /** Ends it at once, as a crash would. Its data stay. */
  public synchronized void kill9() {
    if (server != null) {
      server.kill9();
    }
  }

  /** Lets it stand still: it takes connections and says nothing. */
  public synchronized void pause() {
    if (server != null) {
      server.signal("STOP");
    }
  }

  /** Lets it go on after {@link #pause}. */
  public synchronized void goOn() {
    if (server != null) {
      server.signal("CONT");
    }
  }

  /** Ends it in order if it runs, and starts it on the same port with the same data. */
  public synchronized void restart() {
    stop();
    start();
  }

  /** Ends it and removes its data. */
  @Override
  public void close() {
    sandbox.close();
  }

  private boolean answers() {
    try (Connection connection = connect("")) {
      return connection.isValid(5);
    } catch (SQLException notYet) {
      return false;
    }
  }

  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(url(database), USER, PASSWORD);
  }

  private String url(String database) {
    return "jdbc:mysql://127.0.0.1:" + port + "/" + database;
  }
}
