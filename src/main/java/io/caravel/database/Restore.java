package io.caravel.database;

import io.caravel.ground.DurableFiles;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.MVStoreTool;
import org.springframework.core.env.PropertyResolver;
import org.springframework.core.env.StandardEnvironment;

/**
 * {@code restore} lists the copies of the embedded database; {@code restore FILE} gives one to a
 * CARAVEL_HOME whose database is gone or was moved away; {@code restore --new} lets the next start
 * begin with an empty one. Says in a sentence what it did, or why not.
 */
public final class Restore {
  private static final String ANEW = "--new";

  private final HomeDatabase database;
  private final String user;
  private final String password;
  private final List<Path> roots;
  private final PrintStream out;

  private Restore(
      HomeDatabase database, String user, String password, List<Path> roots, PrintStream out) {
    this.database = database;
    this.user = user;
    this.password = password;
    this.roots = roots;
    this.out = out;
  }

  /**
   * @param arguments what follows the word restore
   * @return the exit status
   */
  public static int run(List<String> arguments, PrintStream out) {
    return run(arguments, new StandardEnvironment(), out);
  }

  static int run(List<String> arguments, PropertyResolver settings, PrintStream out) {
    String url = settings.getProperty("caravel.db.url", "");
    Path home =
        Path.of(settings.getProperty("caravel.home", "./data")).toAbsolutePath().normalize();
    HomeDatabase standard = new HomeDatabase(home, home.resolve("database/caravel").toString());
    try {
      HomeDatabase database =
          url.isBlank()
              ? standard
              : HomeDatabase.of(settings)
                  .orElseThrow(
                      () ->
                          new Refusal(
                              "CARAVEL_DB_URL names a database server: its copies are made and restored with its own programs, such as mariadb-dump and mariadb."));
      new Restore(
              database,
              settings.getProperty("caravel.db.user", "caravel"),
              settings.getProperty("caravel.db.password", ""),
              roots(home, settings.getProperty("caravel.disks", "")),
              out)
          .run(arguments);
      return 0;
    } catch (Refusal e) {
      out.println("caravel: " + e.getMessage());
      return 1;
    } catch (IOException e) {
      out.println("caravel: restore failed: " + e);
      return 1;
    }
  }

  /** CARAVEL_HOME and the storage roots. */
  private static List<Path> roots(Path home, String disks) {
    return Stream.concat(
            Stream.of(home, home.resolve("originals")),
            Stream.of(disks.split(","))
                .filter(disk -> disk.contains("="))
                .map(disk -> Path.of(disk.substring(disk.indexOf('=') + 1).strip())))
        .toList();
  }

  private void run(List<String> arguments) throws IOException {
    if (arguments.isEmpty()) {
      list();
      return;
    }
    if (arguments.size() > 1) {
      throw new Refusal("restore takes one file, or " + ANEW + ".");
    }
    refuseWhileItRuns();
    refuseBesideADatabase();
    if (arguments.get(0).equals(ANEW)) {
      Files.createDirectories(database.home());
      Watermark.allowNew(database);
      for (Path root : roots) {
        if (Files.exists(root.resolve(".caravel-root"))) {
          // As ./caravel adopt-root: their marks name the database that is gone.
          Files.write(root.resolve(".caravel-adopt-root"), new byte[0]);
        }
      }
      out.println(
          "caravel: the next start begins with an empty database in %s and takes in all originals anew; people, names and the trash are gone."
              .formatted(database.home()));
    } else {
      take(arguments.get(0));
    }
  }

  private void list() {
    List<Copies.Copy> copies = Copies.in(database);
    if (copies.isEmpty()) {
      out.println(
          "caravel: there is no copy of the database in %s: one is made each day while Caravel runs and rests."
              .formatted(database.copies()));
      return;
    }
    for (Copies.Copy copy : copies) {
      String holds;
      try {
        holds = Contents.of(copy.file(), user, password).toString();
      } catch (SQLException e) {
        holds = "cannot be read: " + firstLine(e);
      }
      out.println(
          "%s  %s  %.1f MB  %s"
              .formatted(
                  copy.file().getFileName(), made(copy.file()), megabytes(copy.file()), holds));
    }
    out.println(
        "caravel: \"./caravel restore FILE\" takes one of them (of %s, or a path) in place of a database that is gone."
            .formatted(database.copies()));
  }

  private static String made(Path file) {
    try {
      Instant time = Files.getLastModifiedTime(file).toInstant();
      return time.atZone(ZoneId.systemDefault())
          .toLocalDateTime()
          .truncatedTo(ChronoUnit.MINUTES)
          .toString()
          .replace('T', ' ');
    } catch (IOException e) {
      return "?";
    }
  }

  private static double megabytes(Path file) {
    return file.toFile().length() / 1e6;
  }

  private void refuseWhileItRuns() throws IOException {
    Path locks = database.home().resolve("nodes"); // DerivedSettings
    if (Files.isDirectory(locks)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(locks, "*.lock")) {
        for (Path file : files) {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
              FileLock lock = channel.tryLock()) {
            if (lock == null) {
              throw new Refusal("a Caravel runs on %s: stop it first.".formatted(database.home()));
            }
          }
        }
      }
    }
  }

  private void refuseBesideADatabase() {
    Path there = database.opened();
    if (HomeDatabase.isThere(there)) {
      throw new Refusal(
          "there is a database already, which is not overwritten: move it away first: mv %s %s.away"
              .formatted(there, there));
    }
  }

  private void take(String name) throws IOException {
    Path listed = database.copies().resolve(name);
    Path copy = Files.exists(listed) ? listed : Path.of(name).toAbsolutePath();
    if (!Files.isRegularFile(copy)) {
      throw new Refusal(
          "there is no file %s, neither in %s nor as a path: \"./caravel restore\" lists what there is."
              .formatted(name, database.copies()));
    }
    Path target = database.file();
    DurableFiles.createDirectories(Objects.requireNonNull(target.getParent()));
    Path whole = target.resolveSibling(".restored.mv.db");
    Path read = target.resolveSibling(".restoring.mv.db");
    try {
      Files.copy(copy, read, StandardCopyOption.REPLACE_EXISTING);
      Files.deleteIfExists(whole);
      MVStoreTool.compact(read.toString(), whole.toString(), false); // reads every page there is
      Contents contents = Contents.of(whole, user, password);
      StoredDatabase stored = StoredDatabase.look(whole);
      // Before the file: a crash in between leaves a database that is known and missing.
      Watermark.of(database, stored.created(), stored.version()).write(database);
      if (!HomeDatabase.isThere(database.home().resolve(".caravel-root"))) {
        // A home that is new, or whose mark was not in the backup.
        Files.write(database.home().resolve(".caravel-adopt-root"), new byte[0]);
      }
      DurableFiles.publish(whole, target);
      out.println(
          "caravel: %s is the database of %s now (%s): start Caravel, which takes in the originals that have come since; what was named, trashed or decided since is not in it."
              .formatted(copy, database.home(), contents));
    } catch (SQLException
        | MVStoreException
        | IllegalStateException
        | IllegalArgumentException
        | StoredDatabase.InUse
        | StoredDatabase.OfAnotherVersion
        | StoredDatabase.NoRoom e) {
      if (StoredDatabase.isFull(e)) {
        throw new Refusal(
            "there is no room to read %s through and lay it beside: make room on the disk of %s, three times its size."
                .formatted(copy, database.home()));
      }
      throw new Refusal(
          "%s is no whole database of Caravel's (%s): take another.".formatted(copy, firstLine(e)));
    } finally {
      Files.deleteIfExists(whole);
      Files.deleteIfExists(read);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** Nothing was done; the message is the whole sentence. */
  private static final class Refusal extends RuntimeException {
    private Refusal(String sentence) {
      super(sentence);
    }
  }
}
