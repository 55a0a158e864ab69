package io.caravel.takeover;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The site's own model: writes into the rows of faces by SQL, whether Caravel is up or not, and
 * remembers what of it was to be heard.
 */
final class TwinWriter {
  /** Whether a row is not as Caravel wrote it last. */
  private static final String DIFFERS =
      """
      not (parent_id <=> known_parent_id) or status <> known_status
        or not (cast(name as binary) <=> cast(known_name as binary)) or (deleted_at is not null) <> known_deleted
      """;

  private static final int FEWEST = 40;

  private final TwinSite site;
  private final BooleanSupplier mayGoOn;
  private final Random random;
  private final AtomicInteger done = new AtomicInteger();
  private final Map<String, Integer> written = new ConcurrentSkipListMap<>();

  /** Of each face, how often something is to be heard of it by name of the database. */
  private final Map<Long, Integer> heard = new TreeMap<>();

  private final List<String> amiss = new ArrayList<>();

  /**
   * @param mayGoOn whether the other side has come as far: else most would be written while the
   *     program starts
   */
  TwinWriter(TwinSite site, BooleanSupplier mayGoOn, long seed) {
    this.site = site;
    this.mayGoOn = mayGoOn;
    this.random = new Random(seed);
  }

  /** How many writes were committed. */
  int done() {
    return done.get();
  }

  /** By kind. */
  Map<String, Integer> written() {
    return new TreeMap<>(written);
  }

  /** So many writes, as Eloquent does: updated_at in whole seconds. */
  void work(int writes) {
    while (done.get() < writes) {
      try {
        if (mayGoOn.getAsBoolean() && write()) {
          done.incrementAndGet();
        }
      } catch (SQLException e) {
        if (e.getErrorCode() != 1213
            && e.getErrorCode() != 1205) { // a deadlock: the site tries again
          amiss.add("the site could not write: " + e);
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(30)));
    }
  }

  /**
   * @return false: nothing was written
   */
  private boolean write() throws SQLException {
    try (Connection connection = site.connect();
        Statement statement = connection.createStatement()) {
      List<Long> faces = new ArrayList<>();
      try (ResultSet rows =
          statement.executeQuery("select id from faces where deleted_at is null order by id")) {
        while (rows.next()) {
          faces.add(rows.getLong(1));
        }
      }
      if (faces.size() < FEWEST) {
        return false; // until Caravel has brought some back
      }
      long face = faces.get(random.nextInt(faces.size()));
      long other = faces.get(random.nextInt(faces.size()));
      String name = "Person " + random.nextInt(12);
      String[] kinds = {
        "sql name",
        "sql confirm",
        "sql parent",
        "sql reject",
        "sql review",
        "sql delete",
        "sql unname",
        "sql destroy"
      };
      int kind = random.nextInt(kinds.length);
      String set =
          switch (kind) {
            case 0 -> "status = 'ok', name = '" + name + "'";
            case 1 -> "status = 'ok', parent_id = " + other;
            case 2 -> "parent_id = " + other;
            case 3 ->
                "status = '"
                    + (random.nextBoolean() ? "unknown" : "not_face")
                    + "', name = null, parent_id = null";
            case 4 -> "status = 'process', name = null";
            case 5 -> "deleted_at = current_timestamp";
            case 6 -> "name = null";
            default -> "";
          };
      String ids = kind < 2 && random.nextInt(3) == 0 ? face + ", " + other : "" + face;
      connection.setAutoCommit(false);
      Map<Long, Boolean> before = differing(statement, ids);
      Map<Long, Boolean> after;
      if (!set.isEmpty()) {
        statement.executeUpdate(
            "update faces set updated_at = cast(current_timestamp as datetime(0)), %s where id in (%s)"
                .formatted(set, ids));
        after = differing(statement, ids);
      } else if (isNoted(statement, face)) {
        statement.executeUpdate("delete from faces where id = " + face);
        after = Map.of(face, true);
      } else {
        connection.rollback(); // a face of this moment: nobody has known it long enough
        return false;
      }
      connection.commit();
      after.forEach(
          (id, differs) -> {
            // What was not heard yet is heard together with this, or has been taken back by it.
            int pending = Boolean.TRUE.equals(before.get(id)) ? 1 : 0;
            heard.merge(id, (differs ? 1 : 0) - pending, Integer::sum);
          });
      written.merge(kinds[kind], 1, Integer::sum);
      return true;
    }
  }

  private static boolean isNoted(Statement statement, long face) throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(
            "select id from face_rows where id = %1$d and face_id = %1$d".formatted(face))) {
      return rows.next();
    }
  }

  private static Map<Long, Boolean> differing(Statement statement, String ids) throws SQLException {
    Map<Long, Boolean> differing = new HashMap<>();
    try (ResultSet rows =
        statement.executeQuery(
            "select id, (%s) from faces where id in (%s) order by id for update"
                .formatted(DIFFERS, ids))) {
      while (rows.next()) {
        differing.put(rows.getLong(1), rows.getBoolean(2));
      }
    }
    return differing;
  }

  /** What was written and is neither a decision nor told as put back. */
  List<String> amiss() {
    List<String> all = new ArrayList<>(amiss);
    heard.forEach(
        (face, times) -> {
          long told =
              site.caravels()
                  .sql("select count(*) from changes where who = 'database' and face_id = :face")
                  .param("face", face)
                  .query(Long.class)
                  .single();
          if (told < times) {
            all.add(
                "the site has written face %d so that %d changes were due, and %d were told"
                    .formatted(face, times, told));
          }
        });
    return all;
  }
}
