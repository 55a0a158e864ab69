package io.caravel.photo;

import io.caravel.ground.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The mark of a storage root: a file that holds the number of the database it belongs to. It is
 * written at the first start at which the database does not know that root. A root that bears no
 * mark after that, or another's, is not the one it was: its disk is not mounted, or the folder is
 * another library's. {@code ./caravel adopt-root} leaves a file there that has it marked anew.
 *
 * <p>A root that is its owner's, whose photos are taken by reference, is not written to: that one,
 * and one that cannot be written, is known by an original that lies on it. A mark there, as former
 * versions wrote it, still counts. Thread-safe.
 */
@Component
class RootMarks {
  static final String MARK = ".caravel-root";

  /** Its presence asks for the root to be marked as this database's. */
  static final String ADOPT = ".caravel-adopt-root";

  private static final Logger LOG = LoggerFactory.getLogger(RootMarks.class);
  private static final Duration READ_AGAIN = Duration.ofSeconds(10);

  /** For a first original on a blank root: without one, all of the table is read. */
  private static final Duration SEEK_AGAIN = Duration.ofMinutes(1);

  private final JdbcClient database;
  private final boolean marking;
  private final String number;
  private final Map<String, Optional<String>> witnesses = new ConcurrentHashMap<>();

  /** Roots on which nothing of this library lies that could be missed, and when that was seen. */
  private final Map<String, Long> blank = new ConcurrentHashMap<>();

  private final Map<String, Seen> seen = new ConcurrentHashMap<>();

  /** A mark as it was read, and which file that was: device, inode, time. */
  private record Seen(String file, String number, long read) {}

  /**
   * @param marking false: nothing is written, as in the dry run of an import
   */
  RootMarks(JdbcClient database, @Value("${caravel.mark-roots}") boolean marking) {
    this.database = database;
    this.marking = marking;
    database
        .sql("insert ignore into database_number (id, number) values (1, :number)")
        .param("number", UUID.randomUUID().toString())
        .update();
    this.number =
        database
            .sql("select number from database_number where id = 1")
            .query(String.class)
            .single();
  }

  /**
   * Why this folder is not the root of that name which the database knows, as the end of a sentence
   * that begins with the root; null when it is. One stat, unless the mark has changed or was read
   * long ago.
   *
   * @param own whether Caravel's own files lie there, so that it may be marked
   */
  @Nullable String wrong(String name, Path root, boolean own) throws IOException {
    if (!known(name)) {
      meet(name, root, own);
    }
    if (marking && Files.exists(root.resolve(ADOPT))) {
      adopt(name, root, own);
    }
    String mark = read(root);
    if (number.equals(mark)) {
      return null;
    }
    if (mark != null) {
      return "belongs to another database than this one";
    }
    if (blank.containsKey(name) || hasWitness(name, root, own)) {
      return null;
    }
    return own
        ? "bears no mark of this library (%s): its disk may not be mounted".formatted(MARK)
        : "has none of the newest photos that were taken from it: its disk may not be mounted";
  }

  /** Whether the original is there by which a root is known that is not marked. */
  private boolean hasWitness(String name, Path root, boolean own) {
    Optional<String> witness = witnesses.getOrDefault(name, Optional.empty());
    if (own && witness.isEmpty()) {
      return false;
    }
    if (witness.isPresent() && Files.exists(root.resolve(witness.get()))) {
      return true;
    }
    String other = original(name, root); // that one may have been deleted since
    if (other != null) {
      database
          .sql("update storage_roots set witness = :witness where name = :name")
          .param("witness", other)
          .param("name", name)
          .update();
      witnesses.put(name, Optional.of(other));
    }
    return other != null;
  }

  /** The number a root is marked with; null: it has no mark. */
  private @Nullable String read(Path root) throws IOException {
    Path file = root.resolve(MARK);
    String name = file.toString();
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      String which = now.fileKey() + " " + now.lastModifiedTime();
      Seen before = seen.get(name);
      long nanos = System.nanoTime();
      if (before != null
          && before.file().equals(which)
          && nanos - before.read() < READ_AGAIN.toNanos()) {
        return before.number();
      }
      String mark = Files.readString(file).lines().findFirst().orElse("").strip();
      seen.put(name, new Seen(which, mark, nanos));
      return mark;
    } catch (NoSuchFileException e) {
      seen.remove(name);
      return null;
    }
  }

  /** Whether the database knows the root; asked of it until it does. */
  private boolean known(String name) {
    if (!witnesses.containsKey(name)) {
      database
          .sql("select coalesce(witness, '') from storage_roots where name = :name")
          .param("name", name)
          .query(String.class)
          .optional()
          .ifPresent(
              witness -> witnesses.put(name, Optional.of(witness).filter(each -> !each.isEmpty())));
    }
    return witnesses.containsKey(name);
  }

  /** The database sees this root for the first time: it is marked, unless it is another's. */
  private synchronized void meet(String name, Path root, boolean own) throws IOException {
    if (known(name) || !Files.isDirectory(root)) {
      return;
    }
    long now = System.nanoTime();
    if (!marking) {
      blank.put(name, now);
      return;
    }
    String mark = read(root);
    String witness = null;
    if (mark == null && !own) {
      Long sought = blank.get(name);
      if (sought != null && now - sought < SEEK_AGAIN.toNanos()) {
        return;
      }
      witness = original(name, root);
      if (witness == null) {
        blank.put(name, now);
        return;
      }
    } else if (mark == null) {
      try {
        mark(root);
      } catch (IOException e) {
        witness = original(name, root);
        if (witness == null) {
          blank.put(name, now);
          return;
        }
        LOG.info(
            "The storage root {} ({}) cannot be written ({}): it is known by its original {}.",
            name,
            root,
            e.getMessage(),
            witness);
      }
    } else if (!mark.equals(number)) {
      return;
    }
    blank.remove(name);
    database
        .sql("insert ignore into storage_roots (name, witness) values (:name, :witness)")
        .param("name", name)
        .param("witness", witness)
        .update();
    known(name);
  }

  /** One of the newest originals of that disk that lies below this folder. */
  private @Nullable String original(String name, Path root) {
    return database
        .sql(
            "select source_path, source_filename from images where source_disk = :name order by id desc limit 20")
        .param("name", name)
        .query(
            (row, number) ->
                Path.of(row.getString("source_path"), row.getString("source_filename")).toString())
        .list()
        .stream()
        .filter(each -> Files.exists(root.resolve(each)))
        .findFirst()
        .orElse(null);
  }

  private synchronized void adopt(String name, Path root, boolean own) throws IOException {
    if (own) {
      mark(root);
    } else {
      Files.deleteIfExists(root.resolve(MARK));
      database.sql("delete from storage_roots where name = :name").param("name", name).update();
      witnesses.remove(name);
      blank.remove(name);
      meet(name, root, false);
    }
    Files.deleteIfExists(root.resolve(ADOPT));
    LOG.info("The storage root {} ({}) is this library's, as was asked.", name, root);
  }

  private void mark(Path root) throws IOException {
    DurableFiles.write(
        (number
                + "\nThis folder belongs to the Caravel library whose database has this number. Leave this file here: without it"
                + " Caravel takes the folder for a disk that is not mounted.\n")
            .getBytes(StandardCharsets.UTF_8),
        root.resolve(MARK));
    seen.remove(root.resolve(MARK).toString());
  }
}
