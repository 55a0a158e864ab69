package io.caravel.takeover;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The table import_ids: what came over, and which number it has here. */
final class ImportIds {
  static final String IMAGES = "images";
  static final String FACES = "faces";

  /** A face that is one with another, of an image of the same bytes. */
  static final String JOINED = "joined";

  static final String QUEUES = "queues";

  /** An image whose photo was put into the trash since it was deleted there. */
  static final String TRASHED = "trashed";

  /** A face that was deleted since it was deleted there. */
  static final String DELETED = "deleted";

  /** Rows of one statement; from 1,000 on MariaDB makes a table of a list. */
  private static final int CHUNK = 500;

  private final JdbcClient database;

  ImportIds(JdbcClient database) {
    this.database = database;
  }

  /** Of all that came over of these kinds, the ids there and here. */
  Map<Long, Long> all(String... kinds) {
    Map<Long, Long> ids = new HashMap<>();
    database
        .sql("select old_id, new_id from import_ids where kind in (:kinds)")
        .param("kinds", List.of(kinds))
        .query(
            row -> {
              ids.put(row.getLong(1), row.getLong(2));
            });
    return ids;
  }

  /** Of those of these that came over, the ids there and here. */
  Map<Long, Long> of(Collection<Long> oldIds, String... kinds) {
    Map<Long, Long> ids = new HashMap<>();
    List<Object[]> keys = new ArrayList<>();
    for (String kind : kinds) {
      oldIds.forEach(id -> keys.add(new Object[] {kind, id}));
    }
    // By whole keys: of two lists H2 takes the index for one, and reads all rows of these kinds.
    for (int from = 0; from < keys.size(); from += CHUNK) {
      database
          .sql("select old_id, new_id from import_ids where (kind, old_id) in (:keys)")
          .param("keys", keys.subList(from, Math.min(keys.size(), from + CHUNK)))
          .query(
              row -> {
                ids.put(row.getLong(1), row.getLong(2));
              });
    }
    return ids;
  }

  /** Notes what came over; in the transaction that brings it over. */
  void note(String kind, Map<Long, Long> ids) {
    List<Object[]> rows = new ArrayList<>();
    ids.forEach((old, here) -> rows.add(new Object[] {kind, old, here}));
    for (int from = 0; from < rows.size(); from += CHUNK) {
      database
          .sql(
              """
              insert into import_ids (kind, old_id, new_id) values :rows
              on duplicate key update new_id = values(new_id)
              """)
          .param("rows", rows.subList(from, Math.min(rows.size(), from + CHUNK)))
          .update();
    }
  }

  void forget(String kind, long oldId) {
    database
        .sql("delete from import_ids where kind = :kind and old_id = :id")
        .param("kind", kind)
        .param("id", oldId)
        .update();
  }
}
