package io.caravel.search;

import io.caravel.change.Changes;
import io.caravel.ground.WeatherLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.util.IOUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * This node's index of {@code image_text.words}, below CARAVEL_HOME. It follows the changes in
 * their order, those that are not numbered yet included, before it answers: what is committed is
 * found. It is made from the database alone, so it is thrown away and made anew, in the background,
 * where it is missing, broken, of another version or of another database, or where changes that it
 * has not seen are forgotten. Until then, and whenever it is far behind, it answers nothing, and
 * the database is asked. Thread-safe.
 */
@Component("textIndex")
public class TextIndex implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TextIndex.class);

  /** Of what is indexed, and how: one of another is made anew. */
  private static final String VERSION = "1";

  /** By which a photo's text may have changed. */
  private static final List<String> KINDS = List.of("accepted", "metadata-done", "deleted");

  private static final int BATCH = 1000;

  /** Changes that somebody who searches waits for; more are caught up with in the background. */
  private static final int FEW = 20_000;

  /** Photos between two commits: what a kill takes is read again. */
  private static final int COMMIT = 5000;

  /** After it could not be made. */
  private static final Duration REST = Duration.ofMinutes(1);

  private static final Duration TURN = Duration.ofSeconds(1);

  private final JdbcClient database;
  private final Changes changes;
  private final Path folder;
  private final String news;

  private final ReentrantLock turn = new ReentrantLock(); // of who writes
  private final ExecutorService background = Executors.newSingleThreadExecutor(TextIndex::thread);
  private final AtomicBoolean underWay = new AtomicBoolean();
  private volatile boolean closing;
  private volatile long notBefore = System.nanoTime();
  private volatile @Nullable GramFile ready;

  // Held by the turn.
  private long followed;
  private int uncommitted;

  /**
   * @param byIndex as MariaDB and H2 take it
   */
  TextIndex(
      JdbcClient database,
      Changes changes,
      @Value("${caravel.home}") Path home,
      @Value("${caravel.node}") String node,
      @Value("${caravel.db.by-index}") String byIndex) {
    this.database = database;
    this.changes = changes;
    this.folder = home.resolve("native").resolve(node).resolve("text");
    this.news =
        """
        select image_id from changes %1$s (changes_listed) where seq is null and kind in (:kinds)
        union
        select image_id from changes %1$s (changes_listed) where seq > :followed and seq <= :upTo and kind in (:kinds)
        """
            .formatted(byIndex);
  }

  @EventListener
  void ready(ApplicationReadyEvent event) {
    prepare();
  }

  /**
   * The ids of the photos whose folded texts hold a folded part, of the trash also; of all that is
   * committed. Empty: ask the database, also where they are more than {@code most}.
   */
  public Optional<List<Long>> holding(String part, int most) {
    GramFile file = ready;
    if (part.isEmpty()) {
      return Optional.empty();
    }
    if (file == null) {
      prepare();
      return Optional.empty();
    }
    try {
      if (!catchUp(file)) {
        return Optional.empty();
      }
      List<Long> found = file.holding(part, most);
      return found.size() > most ? Optional.empty() : Optional.of(found);
    } catch (IOException | AlreadyClosedException e) {
      distrust(file, e);
      return Optional.empty();
    }
  }

  /** Whether the file has all that is committed now. */
  private boolean catchUp(GramFile file) throws IOException {
    if (!mine()) {
      return false; // it is busy
    }
    try {
      if (ready != file) {
        return false;
      }
      long last = changes.last();
      if (last - followed > FEW || followed < changes.forgotten() || last < followed) {
        ready = null;
        release(file);
        prepare();
        return false;
      }
      follow(file, last, Long.MAX_VALUE); // one may be numbered at this moment
      return true;
    } finally {
      turn.unlock();
    }
  }

  private boolean mine() {
    try {
      return turn.tryLock(TURN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * @param last it has followed so far then: no greater number than was given before the call
   * @param upTo it looks so far
   */
  private void follow(GramFile file, long last, long upTo) throws IOException {
    List<Long> changed =
        database
            .sql(news)
            .param("kinds", KINDS)
            .param("followed", followed)
            .param("upTo", upTo)
            .query(Long.class)
            .list();
    for (int from = 0; from < changed.size(); from += BATCH) {
      read(file, changed.subList(from, Math.min(changed.size(), from + BATCH)));
    }
    if (!changed.isEmpty()) {
      file.refresh();
    }
    followed = last;
    uncommitted += changed.size();
    if (uncommitted >= COMMIT) {
      commit(file);
    }
  }

  private void read(GramFile file, List<Long> ids) throws IOException {
    Set<Long> gone = new HashSet<>(ids);
    for (Text text :
        database
            .sql("select image_id, words from image_text where image_id in (:ids)")
            .param("ids", ids)
            .query((row, n) -> new Text(row.getLong(1), row.getString(2)))
            .list()) {
      gone.remove(text.photo());
      file.put(text.photo(), text.words());
    }
    for (long id : gone) {
      file.remove(id);
    }
  }

  private record Text(long photo, String words) {
    Text(long photo, @Nullable String words) {
      this.photo = photo;
      this.words = words == null ? "" : words;
    }
  }

  private void commit(GramFile file) throws IOException {
    file.commit(
        Map.of(
            "version",
            VERSION,
            "followed",
            String.valueOf(followed),
            "witness",
            witness(followed).orElse("")));
    uncommitted = 0;
  }

  /** The change of that number, as no other database has it. Empty: it is forgotten, or none. */
  private Optional<String> witness(long seq) {
    return database
        .sql("select id, kind, image_id, changed_at from changes where seq = :seq")
        .param("seq", seq)
        .query(
            (row, n) ->
                String.join(
                    " ", row.getString(1), row.getString(2), row.getString(3), row.getString(4)))
        .optional();
  }

  /** Has it opened or made, unless that is under way, or has just failed. */
  void prepare() {
    if (!closing && System.nanoTime() - notBefore >= 0 && underWay.compareAndSet(false, true)) {
      try {
        background.execute(this::open);
      } catch (RejectedExecutionException e) {
        LOG.debug("The program ends", e);
      }
    }
  }

  private void open() {
    turn.lock();
    GramFile file = null;
    try {
      if (ready == null) {
        file = kept();
        if (file == null) {
          file = made();
        }
        for (long last = changes.last(); followed < last && !closing; ) {
          long upTo = Math.min(last, followed + FEW);
          follow(file, upTo, upTo);
        }
        if (closing) {
          release(file);
        } else {
          commit(file);
          ready = file;
        }
      }
    } catch (IOException | RuntimeException e) {
      release(file);
      notBefore = System.nanoTime() + REST.toNanos();
      if (!closing) {
        LOG.warn(
            WeatherLog.MARKER,
            "The index of the photos' words cannot be made in {} ({}): the database is searched instead, which is slower.",
            folder,
            String.valueOf(e));
      }
    } finally {
      turn.unlock();
      underWay.set(false);
    }
  }

  /** The one that is there, where it is one of this database that can be followed. */
  private @Nullable GramFile kept() {
    if (!Files.isDirectory(folder)) {
      return null;
    }
    GramFile file = null;
    try {
      file = new GramFile(folder);
      Map<String, String> notes = file.notes();
      long seq = Long.parseLong(notes.getOrDefault("followed", "0"));
      boolean ours =
          VERSION.equals(notes.get("version"))
              && seq >= changes.forgotten()
              && witness(seq).filter(its -> its.equals(notes.get("witness"))).isPresent();
      if (ours) {
        followed = seq;
        uncommitted = 0;
        return file;
      }
      release(file);
      LOG.debug("The index in {} is of another version or database", folder);
    } catch (IOException | IllegalArgumentException e) {
      release(file);
      LOG.info("The index of the photos' words is made anew: {}", String.valueOf(e));
    } catch (RuntimeException e) {
      release(file);
      throw e;
    }
    return null;
  }

  private GramFile made() throws IOException {
    FileSystemUtils.deleteRecursively(folder);
    Files.createDirectories(folder);
    GramFile file = new GramFile(folder);
    try {
      long began = System.nanoTime();
      long last = changes.last();
      long photos = 0;
      List<Text> texts;
      long after = 0;
      do {
        texts =
            database
                .sql(
                    "select image_id, words from image_text where image_id > :after order by image_id limit :batch")
                .param("after", after)
                .param("batch", BATCH)
                .query((row, n) -> new Text(row.getLong(1), row.getString(2)))
                .list();
        for (Text text : texts) {
          file.put(text.photo(), text.words());
          after = text.photo();
        }
        photos += texts.size();
      } while (texts.size() == BATCH && !closing);
      file.refresh();
      followed = last;
      uncommitted = 0;
      LOG.debug(
          "The words of {} photos are indexed, in {} ms",
          photos,
          Duration.ofNanos(System.nanoTime() - began).toMillis());
      return file;
    } catch (IOException | RuntimeException e) {
      release(file);
      throw e;
    }
  }

  /** It is made anew. */
  private void distrust(GramFile file, Exception problem) {
    turn.lock();
    try {
      if (ready == file) {
        ready = null;
        LOG.warn(
            "The index of the photos' words is made anew, for it cannot be read: {}",
            String.valueOf(problem));
        release(file);
        FileSystemUtils.deleteRecursively(folder);
      }
    } catch (IOException e) {
      LOG.debug("{} is left: it is looked at again when it is opened", folder, e);
    } finally {
      turn.unlock();
    }
    prepare();
  }

  private static void release(@Nullable GramFile file) {
    IOUtils.closeWhileHandlingException(file);
  }

  /** Keeps what it has followed; what is being made is dropped. */
  @Override
  public void close() {
    closing = true;
    background.shutdown(); // no interrupt: it would close the embedded database
    try {
      background.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    turn.lock();
    try {
      GramFile file = ready;
      ready = null;
      if (file != null && uncommitted > 0) {
        commit(file);
      }
      release(file);
    } catch (IOException | RuntimeException e) {
      LOG.debug("What was not committed is read again at the next start", e);
    } finally {
      turn.unlock();
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "text-index");
    thread.setDaemon(true);
    return thread;
  }
}
