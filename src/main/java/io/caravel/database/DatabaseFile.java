package io.caravel.database;

/**
 * The database's commits on their way to the disk. A server sees to both by itself: MariaDB and
 * MySQL sync their log at each commit ({@code innodb_flush_log_at_trx_commit = 1}, their default)
 * and use the room of deleted rows again. Thread-safe.
 */
public interface DatabaseFile {
  /** To be called before anything is written. */
  default void prepare() {}

  /**
   * Returns once all that was committed before the call outlives kill -9 and a power cut. Calls
   * that wait share one sync. Not to be called within a transaction, whose commit is still to come.
   */
  void sync();

  /** As {@link #sync}, if anything was written since the last one. */
  default void syncChanges() {}

  /** Whether a {@link #compact} would make the file smaller by much. Cheap. */
  default boolean wantsCompacting() {
    return false;
  }

  /** Makes the file smaller by one step of some hundred milliseconds, during which writers wait. */
  default void compact() {}
}
