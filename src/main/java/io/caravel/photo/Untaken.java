package io.caravel.photo;

import io.caravel.ground.Utc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * The files of the inbox that this node cannot take: each rests longer and longer before it is
 * tried again, its reason is told once, and lies in the table {@code inbox_untaken}, where all
 * nodes see it. A rest ends at once when the file or the rights of its folder change.
 */
@Component("untaken")
public class Untaken {
  private static final Logger LOG = LoggerFactory.getLogger(Untaken.class);
  private static final int SENTENCE = 1024;
  private static final int NAME = 1000;
  private static final int SHOWN = 100;

  private final JdbcClient database;
  private final Path inbox;
  private final String node;
  private final long restNanos;
  private final long longestNanos;
  private final Map<Path, Rest> rests = new ConcurrentHashMap<>();

  Untaken(
      JdbcClient database,
      @Value("${caravel.inbox}") String inbox,
      @Value("${caravel.node}") String node,
      @Value("${caravel.inbox-settings.rest-ms}") long restMs,
      @Value("${caravel.inbox-settings.rest-longest-ms}") long longestMs) {
    this.database = database;
    this.inbox = Path.of(inbox);
    this.node = node;
    this.restNanos = restMs * 1_000_000;
    this.longestNanos = longestMs * 1_000_000;
  }

  /**
   * @param seen the file and the rights of its folder
   * @param until of System.nanoTime
   */
  private record Rest(String cause, String sentence, Object seen, int tries, long until) {}

  /** One file that was not taken. Times are the database's own. */
  public record Entry(
      String name, String cause, String sentence, int tries, @Nullable Instant triedAt) {}

  /** How many were not taken for one cause. */
  public record Cause(String cause, long count) {}

  /** Whether a file of the inbox, absolute, is to be left alone for now. */
  boolean rests(Path file) {
    Rest rest = rests.get(file);
    if (rest == null) {
      return false;
    }
    return System.nanoTime() - rest.until() < 0 && rest.seen().equals(seen(file));
  }

  /**
   * Has a file rest, twice as long as the time before.
   *
   * @param file where it lies, absolute
   * @param cause a short code to group by
   * @param sentence why it was not taken, and what to do
   */
  void rest(Path file, String cause, String sentence) {
    Rest before = rests.get(file);
    int tries = before == null ? 1 : before.tries() + 1;
    long pause = Math.min(longestNanos, restNanos << Math.min(tries - 1, 20));
    rests.put(file, new Rest(cause, sentence, seen(file), tries, System.nanoTime() + pause));
    String name = Filenames.shown(inbox.relativize(file));
    if (before == null || !before.sentence().equals(sentence)) {
      LOG.warn("inbox file {} waits: {} [{}] It is tried again by itself.", name, sentence, cause);
    }
    write(file, name, cause, sentence, tries);
  }

  private void write(Path file, String name, String cause, String sentence, int tries) {
    try {
      int known =
          database
              .sql(
                  """
                  update inbox_untaken set cause = :cause, sentence = :sentence, tries = :tries, tried_at = current_timestamp(3)
                  where name_key = :key
                  """)
              .param("cause", cause)
              .param("sentence", cut(sentence, SENTENCE))
              .param("tries", tries)
              .param("key", key(file))
              .update();
      if (known == 0) {
        database
            .sql(
                """
                insert into inbox_untaken (node, name_key, name, cause, sentence, tries)
                values (:node, :key, :name, :cause, :sentence, :tries)
                """)
            .param("node", node)
            .param("key", key(file))
            .param("name", cut(name, NAME))
            .param("cause", cause)
            .param("sentence", cut(sentence, SENTENCE))
            .param("tries", tries)
            .update();
      }
    } catch (DataAccessException | TransactionException e) {
      LOG.info("A file that was not taken could not be noted: {}", e.toString());
    }
  }

  /** What hindered it is mended. */
  void over(Path file) {
    if (rests.remove(file) != null) {
      database
          .sql("delete from inbox_untaken where name_key = :key")
          .param("key", key(file))
          .update();
    }
  }

  /** A name that is no UTF-8 is in its folder's list alone. */
  private static boolean isListed(Path file) {
    String name = file.getFileName().toString();
    if (name.indexOf('\ufffd') < 0) {
      return false;
    }
    try (Stream<Path> names = Files.list(file.resolveSibling(""))) {
      return names.anyMatch(each -> each.getFileName().toString().equals(name));
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  /** Forgets those that do not lie there any more: taken, renamed or deleted. */
  public void forgetGone() {
    for (Path file : rests.keySet()) {
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !isListed(file)) {
        over(file);
      }
    }
  }

  /**
   * Of a former life of this node, and of nodes that are gone: what still lies there is met again.
   */
  public void forgetFormer(Set<String> living) {
    database
        .sql("delete from inbox_untaken where node = :node or node not in (:living)")
        .param("node", node)
        .param("living", living)
        .update();
  }

  /**
   * Ends the rest of all files, or of those with this cause: they are tried at once.
   *
   * @return how many
   */
  public int again(@Nullable String cause) {
    int ended = 0;
    for (Map.Entry<Path, Rest> each : rests.entrySet()) {
      Rest rest = each.getValue();
      if (cause == null || cause.isBlank() || cause.equals(rest.cause())) {
        each.setValue(new Rest(rest.cause(), rest.sentence(), "again", 0, System.nanoTime()));
        ended++;
      }
    }
    return ended;
  }

  /** What was not taken on any node, by cause. */
  public List<Cause> causes() {
    return database
        .sql(
            "select cause, count(*) as files from inbox_untaken group by cause order by files desc, cause")
        .query((row, number) -> new Cause(row.getString("cause"), row.getLong("files")))
        .list();
  }

  /** The newest of one cause, at most 100. */
  public List<Entry> of(String cause) {
    return database
        .sql(
            """
            select name, cause, sentence, tries, tried_at from inbox_untaken where cause = :cause
            order by tried_at desc, id desc limit :shown
            """)
        .param("cause", cause)
        .param("shown", SHOWN)
        .query(
            (row, number) ->
                new Entry(
                    row.getString("name"),
                    row.getString("cause"),
                    row.getString("sentence"),
                    row.getInt("tries"),
                    Utc.instant(row, "tried_at")))
        .list();
  }

  /** What the operating system said, in its own words. */
  static String errno(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "Permission denied";
    }
    if (e instanceof AtomicMoveNotSupportedException) {
      return "Invalid cross-device link";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : Filenames.shown(reason);
  }

  private static Object seen(Path file) {
    try {
      return List.of(
          Look.at(file), Files.readAttributes(Objects.requireNonNull(file.getParent()), RIGHTS));
    } catch (IOException e) {
      return "unseen";
    }
  }

  private static final String RIGHTS = "unix:mode,uid,gid";

  private String key(Path file) {
    return Originals.fingerprint(
        inbox.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most);
  }
}
