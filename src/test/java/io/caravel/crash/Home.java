package io.caravel.crash;

import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/** What a Caravel leaves behind: its files, and its database. */
record Home(Path directory, String databaseUrl, String user, String password) {
  /** Of one with the embedded database: which must have ended before {@link #connect}. */
  static Home embedded(CaravelProcess caravel) {
    return new Home(
        caravel.home(),
        "jdbc:h2:"
            + caravel.home().resolve("database/caravel")
            + ";IFEXISTS=TRUE;MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC",
        "caravel",
        "");
  }

  static Home mariaDb(CaravelProcess caravel, MariaDbNode node, String url) {
    return new Home(caravel.home(), url, node.user(), node.password());
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(databaseUrl, user, password);
  }

  /**
   * The same of the database as it lies there, which this does not touch: an embedded one is copied
   * before, and must have ended.
   */
  Connection connectToCopy() throws SQLException, IOException {
    return isEmbedded() ? connectToCopyOf(databaseFile()) : connect();
  }

  /** Of an embedded database's file, wherever it lies. */
  Connection connectToCopyOf(Path original) throws SQLException, IOException {
    Path copy = Files.createTempDirectory("caravel-copy-");
    copy.toFile().deleteOnExit();
    Path file = copy.resolve("caravel.mv.db");
    file.toFile().deleteOnExit();
    Files.copy(original, file);
    String url = databaseUrl.replace("" + directory.resolve("database"), copy.toString());
    return DriverManager.getConnection(url, user, password);
  }

  boolean isEmbedded() {
    return databaseUrl.startsWith("jdbc:h2:");
  }

  /** Of an embedded database. */
  Path databaseFile() {
    return directory.resolve("database/caravel.mv.db");
  }

  Path inbox() {
    return directory.resolve("inbox");
  }

  /** Where uploads lie until they are accepted. */
  Path incoming() {
    return directory.resolve("originals/.incoming");
  }

  /** Every regular file below this directory. */
  static List<Path> files(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files that the inbox has not let go of yet. */
  List<Path> waitingInInbox() {
    return files(inbox()).stream()
        .filter(file -> !file.startsWith(inbox().resolve(".done")))
        .toList();
  }
}
