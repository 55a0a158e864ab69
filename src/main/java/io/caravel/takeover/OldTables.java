package io.caravel.takeover;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The tables of the site that is taken over, which are only read. */
interface OldTables extends AutoCloseable {
  String IMAGES = "images";
  String FACES = "faces";
  String QUEUES = "queues";

  /** All that are looked at: nothing of any other is read. */
  Set<String> NAMES = Set.of(IMAGES, FACES, QUEUES);

  /** The columns of a table in their order; none: there is no such table. */
  List<String> columns(String table);

  /** How many rows a table has, about. */
  long count(String table);

  /**
   * Reads the rows of a table one after the other, in no order.
   *
   * @param columns the values wanted of each
   * @param since only rows whose updated_at is this or later; null: all
   * @throws OldTrouble they cannot be read (any more)
   */
  void read(
      String table, List<String> columns, @Nullable LocalDateTime since, Consumer<OldRow> rows);

  /** What of it is to be known beforehand, as sentences. */
  List<String> remarks();

  @Override
  void close();
}
