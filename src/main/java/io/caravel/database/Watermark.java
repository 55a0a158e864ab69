package io.caravel.database;

import io.caravel.ground.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * How far a database has certainly reached the disk: at least so far it must reach when it is
 * opened again. H2 opens a file that was cut off at the last version that is still whole, or as an
 * empty one, and says nothing.
 *
 * @param created when H2 made the file, milliseconds since 1970: tells one file from another
 * @param version of H2's store; grows with each write of it, also while it is compacted
 * @param path of the database, below CARAVEL_HOME where it lies there
 */
record Watermark(long created, long version, String path) {
  private static final String WHY =
      "# How far this database has reached the disk: a file that was cut off is known by it.";

  private static final String NEW = "new";

  static Watermark of(HomeDatabase database, long created, long version) {
    Path file = database.file();
    return new Watermark(
        created,
        version,
        (file.startsWith(database.home()) ? database.home().relativize(file) : file).toString());
  }

  /**
   * What was noted of this database. One that cannot be read counts as one that says nothing about
   * how far, but that the database was there.
   */
  static Optional<Watermark> read(HomeDatabase database) {
    try {
      List<String> lines = Files.readAllLines(database.watermark(), StandardCharsets.UTF_8);
      String[] numbers = lines.get(0).strip().split(" +");
      Watermark read =
          new Watermark(
              Long.parseLong(numbers[0], 16), Long.parseLong(numbers[1], 16), lines.get(1));
      return read.path.equals(of(database, 0, 0).path) ? Optional.of(read) : Optional.empty();
    } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
      return Files.exists(database.watermark())
          ? Optional.of(of(database, 0, 0))
          : Optional.empty();
    }
  }

  /** Whether somebody asked for an empty database in place of the one that was here. */
  static boolean allowsNew(HomeDatabase database) {
    try {
      return Files.readString(database.watermark()).startsWith(NEW);
    } catch (IOException e) {
      return false;
    }
  }

  /** Lets the next start begin with an empty database. */
  static void allowNew(HomeDatabase database) throws IOException {
    DurableFiles.write((NEW + "\n").getBytes(StandardCharsets.UTF_8), database.watermark());
  }

  /** Writes it so that it outlives a power cut. */
  void write(HomeDatabase database) throws IOException {
    DurableFiles.write(bytes(), database.watermark());
  }

  /**
   * Writes it over the one of the same database, without a sync of its own: what a power cut leaves
   * of it is this one or an earlier one, and each holds.
   */
  void writeOver(HomeDatabase database) throws IOException {
    try (FileChannel file = FileChannel.open(database.watermark(), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(bytes()), 0);
    }
  }

  private byte[] bytes() {
    return "%016x %016x%n%s%n%s%n"
        .formatted(created, version, path, WHY)
        .getBytes(StandardCharsets.UTF_8);
  }
}
