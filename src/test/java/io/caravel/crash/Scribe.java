package io.caravel.crash;

import io.caravel.ground.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** A program that writes to the disk it is told, and then stops without a word. */
final class Scribe {
  private Scribe() {}

  /** {@code DIRECTORY COMMAND…}, such as {@code write:note:text} or {@code sync:note}. */
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    for (int i = 1; i < arguments.length; i++) {
      String[] words = arguments[i].split(":", 3);
      Path file = home.resolve(words[1]);
      switch (words[0]) {
        case "write" -> write(file, words[2], 0);
        case "overwrite" -> write(file, words[2].substring(1), words[2].charAt(0) - '0');
        case "pages" -> pages(file, words[2]);
        case "cut" -> cut(file, Long.parseLong(words[2]));
        case "durable" -> DurableFiles.write(words[2].getBytes(StandardCharsets.UTF_8), file);
        case "durable-in" -> {
          DurableFiles.createDirectories(file);
          DurableFiles.write(words[2].getBytes(StandardCharsets.UTF_8), file.resolve("note"));
        }
        case "sync" -> DurableFiles.sync(file);
        case "list" -> DurableFiles.syncDirectory(file);
        case "make" -> Files.createDirectory(file);
        case "move" -> Files.move(file, home.resolve(words[2]), StandardCopyOption.ATOMIC_MOVE);
        case "link" -> Files.createLink(home.resolve(words[2]), file);
        case "delete" -> Files.delete(file);
        case "commit" -> commit(home, words[1], words[2].equals("synced"));
        default -> throw new IllegalArgumentException(arguments[i]);
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static void write(Path file, String text, long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), at);
    }
  }

  /** 64 pages of this sign. */
  private static void pages(Path file, String sign) throws IOException {
    write(file, sign.repeat(64 * 4096), 0);
  }

  private static void cut(Path file, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  /** 200 commits to an H2 that writes at once, the last of them with or without a sync. */
  private static void commit(Path directory, String name, boolean synced)
      throws SQLException, IOException {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:h2:async:" + directory.resolve(name) + ";WRITE_DELAY=0");
        Statement statement = connection.createStatement()) {
      statement.execute("create table answered (id int primary key)");
      statement.execute("checkpoint sync");
      DurableFiles.syncDirectory(directory);
      for (int id = 1; id <= 200; id++) {
        statement.execute("insert into answered values (" + id + ")");
      }
      if (synced) {
        statement.execute("checkpoint sync");
      }
      Runtime.getRuntime().halt(0);
    }
  }
}
