package io.caravel.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.RandomAccessStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceUtils;

/**
 * The file of the embedded H2. It writes a chunk as a prefix of all commits, so a sync takes all
 * earlier commits with it.
 */
final class EmbeddedFile implements DatabaseFile {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedFile.class);

  /**
   * Chunks below so many percent of live pages are written anew. What is written anew is some 83 %
   * live at once, for each chunk holds the way down to its pages: above that, it would never end.
   */
  private static final int LIVE_PAGES = 80;

  /** Chunks are moved to the front while the file's blocks are used by fewer percent. */
  private static final int USED_BLOCKS = 95;

  /** Rewritten and moved in one step, as H2 does: a chunk larger than that would never be. */
  private static final int STEP_BYTES = 16 << 20;

  /** A file is as large for a while as what is written in it while nothing is freed. */
  private static final int ROOM_BYTES = 1 << 20;

  /** A file is left alone that is at most so much larger than what lives in it. */
  private static final double ENOUGH = 1.24;

  /** A file that so many steps have not made smaller by a hundredth is left alone, too. */
  private static final int VAIN_STEPS = 10;

  /** Beside those, which take it so many times as a whole: first it grows by what is rewritten. */
  private static final int ROUNDS = 3;

  /** Until so much was written again: this program's own sign of life writes every few seconds. */
  private static final int WRITES_BETWEEN = 200;

  /**
   * The room of a chunk is used again when it has been dead for so many writes: more than H2 has
   * under way (FileStore.PIPE_LENGTH, and five of storeIt, 2.3.232). It frees the chunk by the
   * version in memory, so one that is still to be written could go into the room of a chunk that
   * the last on the disk wants.
   */
  private static final int VERSIONS_TO_KEEP = 16;

  private final DataSource source;
  private final SharedSync sync;
  private final Duration closing;
  private volatile long syncedVersion = -1;

  // Of the compaction, by one thread at a time.
  private long smallest = Long.MAX_VALUE;
  private int vainSteps;
  private long quietUntilWrites;

  /**
   * @param closing how long {@link #close} may make the file smaller
   */
  EmbeddedFile(DataSource source, Duration closing) {
    this.source = source;
    this.closing = closing;
    JdbcClient database = JdbcClient.create(source);
    this.sync = new SharedSync(() -> database.sql("checkpoint sync").update());
  }

  @Override
  public void prepare() {
    store();
  }

  @Override
  public void sync() {
    sync.await();
  }

  @Override
  public void syncChanges() {
    MVStore store = store();
    if (store != null
        && (store.hasUnsavedChanges() || store.getCurrentVersion() != syncedVersion)) {
      long version = store.getCurrentVersion(); // what is written meanwhile is the next sync's
      sync.await();
      syncedVersion = version;
    }
  }

  @Override
  public synchronized boolean wantsCompacting() {
    MVStore store = store();
    FileStore<?> file = store == null ? null : store.getFileStore();
    boolean bloated = file != null && isBloated(file);
    if (!bloated) {
      smallest = Long.MAX_VALUE;
      vainSteps = 0;
    }
    return file != null && bloated && file.getWriteCount() >= quietUntilWrites;
  }

  private static boolean isBloated(FileStore<?> file) {
    double live = file.size() * (file.getFillRate() / 100.0) * (file.getChunksFillRate() / 100.0);
    boolean mayShrink =
        file.getChunksFillRate() < LIVE_PAGES || file.getFillRate() <= USED_BLOCKS; // as H2 asks
    return file instanceof RandomAccessStore
        && mayShrink
        && file.size() > ENOUGH * live + ROOM_BYTES;
  }

  /**
   * Not by {@code MVStore.compactFile}: it takes seconds when the machine has other work, and it
   * leaves RETENTION_TIME at 0.
   */
  @Override
  public synchronized void compact() {
    MVStore store = store();
    if (store == null || !(store.getFileStore() instanceof RandomAccessStore file)) {
      return;
    }
    store.compact(LIVE_PAGES, STEP_BYTES);
    sync.await();
    freeDeadChunks(store, file);
    file.compactMoveChunks(USED_BLOCKS, STEP_BYTES, store);
    if (file.size() < smallest - smallest / 100) {
      smallest = file.size();
      vainSteps = 0;
    } else if (++vainSteps > VAIN_STEPS + ROUNDS * file.size() / STEP_BYTES) {
      vainSteps = 0;
      smallest = Long.MAX_VALUE;
      quietUntilWrites = file.getWriteCount() + WRITES_BETWEEN;
    }
  }

  /** Those of the last writes, too: nothing is under way while this is done. */
  private static void freeDeadChunks(MVStore store, FileStore<?> file) {
    store.executeFilestoreOperation(
        () -> {
          store.setVersionsToKeep(0);
          try {
            file.dropUnusedChunks();
          } finally {
            store.setVersionsToKeep(VERSIONS_TO_KEEP);
          }
        });
  }

  /**
   * Makes the file smaller and closes the database. Before the pool does: that waits five seconds
   * for a connection to close, then the program ends in the midst of it. H2's own compaction at its
   * end (MAX_COMPACT_TIME) writes pages anew and may leave their room in the file.
   */
  void close() {
    MVStore store = store();
    if (store != null && store.getFileStore() != null) {
      store.setRetentionTime(0); // OrderedFile syncs before room is used again
      long until = System.nanoTime() + closing.toNanos();
      while (isBloated(store.getFileStore()) && System.nanoTime() < until) {
        compact();
      }
      try {
        sync.await();
        freeDeadChunks(store, store.getFileStore());
        JdbcClient.create(source).sql("shutdown").update();
      } catch (DataAccessException e) {
        LOG.debug("The database is closed", e);
      }
    }
  }

  /** Asked for each time: a database that was closed comes back as another. */
  private @Nullable MVStore store() {
    Connection connection = DataSourceUtils.getConnection(source);
    try {
      return connection.unwrap(JdbcConnection.class).getSession() instanceof SessionLocal session
          ? keptVersions(session.getDatabase().getStore().getMvStore())
          : null;
    } catch (SQLException e) {
      throw new IllegalStateException("The embedded database does not say what it is", e);
    } finally {
      DataSourceUtils.releaseConnection(connection, source);
    }
  }

  private static MVStore keptVersions(MVStore store) {
    store.setVersionsToKeep(VERSIONS_TO_KEEP);
    return store;
  }
}
