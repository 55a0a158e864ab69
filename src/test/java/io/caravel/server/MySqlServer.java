package io.caravel.server;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * A MySQL server that runs already, which Debian has none of: CARAVEL_TEST_MYSQL names it, as in
 * {@code jdbc:mysql://127.0.0.1:3306/?user=caravel&password=…}, whose user may make databases. The
 * databases are gone with the test JVM.
 */
public final class MySqlServer {
  private static final String SETTING = "CARAVEL_TEST_MYSQL";
  private static final List<String> DATABASES = new ArrayList<>();

  private final String address;
  private final String server;
  private final Map<String, String> options = new HashMap<>();

  private MySqlServer(String address) {
    this.address = address;
    String[] parts = address.split("\\?", 2);
    server = parts[0].substring(0, parts[0].indexOf('/', "jdbc:mysql://".length()) + 1);
    for (String option : parts.length < 2 ? new String[0] : parts[1].split("&")) {
      String[] pair = option.split("=", 2);
      options.put(pair[0], pair.length < 2 ? "" : pair[1]);
    }
  }

  /** Whether there is one. */
  public static boolean isNamed() {
    String address = System.getenv(SETTING);
    return address != null && !address.isBlank();
  }

  /** That server; where none is named the test is skipped. */
  public static MySqlServer required() {
    String address = System.getenv(SETTING);
    Assumptions.assumeTrue(
        isNamed(),
        SETTING
            + " names no MySQL server: set it to jdbc:mysql://127.0.0.1:3306/?user=NAME&password=… of one that may make databases");
    return new MySqlServer(String.valueOf(address));
  }

  /** Makes an empty database (utf8mb4). Returns its {@code jdbc:mysql:} address. */
  public String createDatabase() {
    synchronized (DATABASES) {
      String name = "caravel_%d_%d".formatted(ProcessHandle.current().pid(), DATABASES.size() + 1);
      run("create database " + name + " character set utf8mb4");
      if (DATABASES.isEmpty()) {
        Runtime.getRuntime().addShutdownHook(new Thread(this::dropAll, "drop-databases"));
      }
      DATABASES.add(name);
      return server + name;
    }
  }

  private void dropAll() {
    DATABASES.forEach(name -> run("drop database if exists " + name));
  }

  private void run(String sql) {
    try (Connection connection = DriverManager.getConnection(address);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("MySQL at " + server + " did not: " + sql, e);
    }
  }

  public String user() {
    return options.getOrDefault("user", "");
  }

  public String password() {
    return options.getOrDefault("password", "");
  }
}
