package io.caravel.database;

import com.zaxxer.hikari.HikariDataSource;
import io.caravel.ground.DurableFiles;
import io.caravel.ground.Failure;
import io.caravel.ground.Rest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipFile;
import javax.sql.DataSource;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.MVStoreTool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * A copy of the embedded database each day, the last three kept, made while nothing works on it.
 * Each is read to its last page before it counts: a database that broke unseen never takes the
 * place of a whole copy. And a copy at any moment, for whoever takes it away. A server's database
 * is the server's to copy.
 */
@Component("dailyCopy")
public class DailyCopy {
  private static final Logger LOG = LoggerFactory.getLogger(DailyCopy.class);
  private static final long MB = 1L << 20;

  /** Times the file's size: what H2 packs, that unpacked, and what is kept of it. */
  private static final int ROOM = 3;

  private final DataSource pool;
  private final JdbcClient database;
  private final Rest work;
  private final Optional<HomeDatabase> file;
  private final String url;
  private final String user;
  private final String password;
  private final Duration period;
  private final int kept;
  private final long keepFree;
  private @Nullable Long madeAt; // of System.nanoTime
  private String copied = "";
  private boolean rested;
  private volatile @Nullable String trouble;

  DailyCopy(
      DataSource pool,
      JdbcClient database,
      Rest work,
      Environment settings,
      @Value("${caravel.db.user}") String user,
      @Value("${caravel.db.password}") String password,
      @Value("${caravel.backup.hours}") int hours,
      @Value("${caravel.backup.kept}") int kept,
      @Value("${caravel.keep-free-mb}") long keepFreeMb) {
    this.pool = pool;
    this.database = database;
    this.work = work;
    this.file = HomeDatabase.of(settings);
    this.url = settings.getProperty("caravel.db.url", "");
    this.user = user;
    this.password = password;
    this.period = Duration.ofHours(hours);
    this.kept = Math.max(1, kept);
    this.keepFree = keepFreeMb * MB;
  }

  /** What there is to tell of the copies; null: the database is a server's. */
  public @Nullable State state() {
    return file.map(
            embedded -> {
              List<Copies.Copy> copies = Copies.in(embedded);
              return new State(
                  copies.isEmpty() ? null : copies.get(0).file().toString(),
                  copies.size(),
                  trouble);
            })
        .orElse(null);
  }

  /**
   * The copies there are.
   *
   * @param newest null: there is none yet
   * @param trouble why the one that is due was not made, and what to do; null: none is due
   */
  public record State(@Nullable String newest, int count, @Nullable String trouble) {}

  /** Makes the copy that is due, if Caravel has been at rest now and at the last call. */
  public synchronized void makeIfDue() {
    file.ifPresent(
        embedded -> {
          List<Copies.Copy> copies = Copies.in(embedded);
          Duration age = age(copies);
          if (age.compareTo(period) < 0) {
            return;
          }
          boolean restedBefore = rested;
          rested = atRest(age.compareTo(period.multipliedBy(2)) > 0 && !copies.isEmpty());
          String now = rested ? content() : "";
          if (rested && restedBefore && !now.equals(copied)) {
            make(embedded, copies);
            copied = trouble == null ? now : copied;
          }
        });
  }

  /** Of the newest copy: in this life by the monotonic clock, before it by the file's time. */
  private Duration age(List<Copies.Copy> copies) {
    Long made = madeAt;
    if (made != null) {
      return Duration.ofNanos(System.nanoTime() - made);
    }
    if (copies.isEmpty()) {
      return period;
    }
    try {
      Instant time = Files.getLastModifiedTime(copies.get(0).file()).toInstant();
      // One from the future was made by a wrong clock.
      return Duration.between(time, Instant.now()).abs();
    } catch (IOException e) {
      return period;
    }
  }

  /**
   * Whether no job runs or could, and no request works on the database.
   *
   * @param late the copy is late for a day: the geocoder's queue, which may last for weeks, is not
   *     waited for any longer
   */
  private boolean atRest(boolean late) {
    try {
      return pool.unwrap(HikariDataSource.class).getHikariPoolMXBean().getActiveConnections() == 0
          && work.atRestBut(late ? "geolocation" : "");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Changes with whatever is worth another copy. */
  private String content() {
    return database
        .sql(
            """
            select concat_ws(' ', (select max(id) from journey), (select max(id) from decisions),
              (select max(id) from images))
            """)
        .query(String.class)
        .single();
  }

  private void make(HomeDatabase embedded, List<Copies.Copy> copies) {
    Path folder = embedded.copies();
    Path zip = folder.resolve(".copy.zip");
    Path raw = folder.resolve(".raw.mv.db");
    Path copy = folder.resolve(".copy.mv.db");
    try {
      DurableFiles.createDirectories(folder);
      discard(folder);
      String tooFull = tooFull(embedded, folder);
      if (tooFull != null) {
        trouble = tooFull;
        return;
      }
      Contents contents = copy(zip, raw, copy);
      Path named = folder.resolve(Copies.next(copies, LocalDate.now().toString()));
      DurableFiles.publish(copy, named);
      for (Copies.Copy old : copies.subList(Math.min(kept - 1, copies.size()), copies.size())) {
        Files.delete(old.file());
      }
      madeAt = System.nanoTime();
      trouble = null;
      LOG.info("Copied the database to {}: {}.", named, contents);
    } catch (IOException | SQLException | MVStoreException | IllegalStateException e) {
      String was = trouble;
      trouble =
          "The copy of the database in %s could not be made (%s): the earlier ones are kept."
              .formatted(folder, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      if (!Objects.equals(was, trouble)) {
        LOG.warn(trouble);
      }
    } finally {
      discard(folder);
    }
  }

  /** Why there is no room for a copy, as a sentence; null: there is. */
  private @Nullable String tooFull(HomeDatabase embedded, Path folder) throws IOException {
    long wanted = keepFree + ROOM * Files.size(embedded.file());
    long free = folder.toFile().getUsableSpace();
    return free >= wanted
        ? null
        : "No copy of the database was made, for %s has %,d MB left: make room, %,d MB at least."
            .formatted(folder, free / MB, wanted / MB);
  }

  /** Copies the database as it stands, by way of two other files, and reads the copy through. */
  private Contents copy(Path zip, Path raw, Path copy) throws IOException, SQLException {
    pack(zip);
    unpack(zip, raw);
    Files.delete(zip);
    Contents.settle(raw, user, password);
    MVStoreTool.compact(raw.toString(), copy.toString(), false); // reads every page there is
    return Contents.of(copy, user, password);
  }

  /**
   * A copy of the embedded database as it stands now, whatever works on it: all that was committed
   * before. It has no name any more: it is gone once it was closed, or Caravel was killed.
   *
   * @throws Failure conflict: the database is a server's, and the sentence tells its own command;
   *     disk-full; internal: it could not be made
   */
  public synchronized FileChannel takeNow() {
    HomeDatabase embedded =
        file.orElseThrow(() -> Failure.lasting("conflict", ServerCopy.sentence(url, user)));
    Path folder = embedded.copies();
    try {
      DurableFiles.createDirectories(folder);
      discard(folder);
      String tooFull = tooFull(embedded, folder);
      if (tooFull != null) {
        throw Failure.passing("disk-full", tooFull);
      }
      return takeNow(folder);
    } catch (IOException e) {
      throw broken(folder, e);
    } finally {
      discard(folder);
    }
  }

  private FileChannel takeNow(Path folder) throws IOException {
    Path copy = folder.resolve(".copy.mv.db");
    Exception last = null;
    // Read while it is written: a copy that is not whole is seen as one, and made again.
    for (int tries = 0; tries < 3; tries++) {
      try {
        Contents contents = copy(folder.resolve(".copy.zip"), folder.resolve(".raw.mv.db"), copy);
        LOG.info("A copy of the database was taken away: {}.", contents);
        return FileChannel.open(copy, StandardOpenOption.READ);
      } catch (SQLException | MVStoreException | IllegalStateException e) {
        last = e;
        discard(folder);
      }
    }
    throw broken(folder, Objects.requireNonNull(last));
  }

  private static Failure broken(Path folder, Exception e) {
    return Failure.passing(
        "internal",
        "The copy of the database in %s could not be made (%s): try again, and look at Caravel's log."
            .formatted(folder, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
        e);
  }

  private void pack(Path zip) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement backup = connection.prepareStatement("backup to ?")) {
      backup.setString(1, zip.toString());
      backup.execute();
    }
  }

  private static void unpack(Path zip, Path raw) throws IOException {
    try (ZipFile packed = new ZipFile(zip.toFile());
        InputStream in =
            packed.getInputStream(
                packed.stream()
                    .filter(e -> e.getName().endsWith(".mv.db"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("H2 put no database into " + zip)))) {
      Files.copy(in, raw, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Removes what a copy that was not finished has left. */
  private static void discard(Path folder) {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, ".{copy,raw}.*")) {
      for (Path each : left) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      LOG.warn("What a copy has left in {} could not be removed: {}", folder, e.getMessage());
    }
  }
}
