package io.caravel.face;

import io.caravel.change.Notice;
import io.caravel.change.Outbox;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What the site writes into the rows of {@code faces} by SQL: its parent, name, status and deletion
 * where they are not as Caravel last wrote them, which is in the columns {@code known_…}. Whoever
 * of Caravel writes the ones writes the others. Only on a database server: nobody else writes into
 * the embedded one.
 */
@Component
class SiteWrites {
  /** Faces that are taken at once. */
  private static final int BATCH = 1000;

  /** The site's model sets updated_at in whole seconds, before its commit. */
  private static final Duration BEFORE_LAST = Duration.ofSeconds(2);

  /** For transactions that last, and clocks of any zone: looked at more rarely. */
  private static final Duration BEFORE_WIDE = Duration.ofHours(26);

  private static final Duration WIDE_EVERY = Duration.ofMinutes(1);

  /** Since then all is looked at. */
  private static final LocalDateTime EVER = LocalDateTime.of(1000, 1, 1, 0, 0);

  private static final String DIFFERS =
      """
      known_status is not null and (not (parent_id <=> known_parent_id) or status <> known_status
        or not (cast(name as binary) <=> cast(known_name as binary))
        or (deleted_at is not null) <> known_deleted)
      """;

  private final JdbcClient database;
  private final SiteDeletions deletions;
  private final Outbox outbox;
  private final boolean hears;
  private volatile LocalDateTime since = EVER;
  private volatile long wideAt;

  SiteWrites(
      JdbcClient database,
      SiteDeletions deletions,
      Outbox outbox,
      @Value("${caravel.db.hears}") boolean hears) {
    this.database = database;
    this.outbox = outbox;
    this.deletions = deletions;
    this.hears = hears;
  }

  /**
   * A face that the site has written.
   *
   * @param photo that it is in; null: it is gone
   * @param known as Caravel wrote it last
   * @param written as the site wrote it
   * @param deleted by the site
   * @param undeleted a row that Caravel has deleted
   */
  record Written(
      long face,
      @Nullable Long photo,
      FaceState known,
      FaceState written,
      boolean deleted,
      boolean undeleted) {
    Written known(FaceState now) {
      return new Written(face, photo, now, written, deleted, undeleted);
    }
  }

  boolean hears() {
    return hears;
  }

  /** Looks further on from now, once all up to now has been taken. */
  LocalDateTime look() {
    LocalDateTime now =
        database.sql("select current_timestamp(3)").query(LocalDateTime.class).single();
    if (!since.equals(EVER) && System.nanoTime() - wideAt > WIDE_EVERY.toNanos()) {
      since = now.minus(BEFORE_WIDE);
      wideAt = System.nanoTime();
    }
    return now;
  }

  /**
   * @param at when the look began
   */
  void looked(LocalDateTime at) {
    if (since.equals(EVER)) {
      wideAt = System.nanoTime();
    }
    since = at.minus(BEFORE_LAST);
  }

  /** The faces that the site has written; asks without locking anything. */
  List<Long> found() {
    return database
        .sql(
            "select id from faces force index (faces_updated) where updated_at >= :since and "
                + DIFFERS
                + " order by updated_at, id limit :most")
        .param("since", since)
        .param("most", BATCH)
        .query(Long.class)
        .list();
  }

  /** Puts these faces back to what is known, and answers what was written into them. */
  List<Written> takeBack(List<Long> faces) {
    List<Written> written = lock(faces);
    Set<Long> gone = parentsThatAreGone(written);
    if (!gone.isEmpty() && deletions.bringBack()) {
      written = lock(faces); // not the site has written that they stand under nobody
      gone = parentsThatAreGone(written);
    }
    if (written.isEmpty()) {
      return written;
    }
    List<Long> ids = written.stream().map(Written::face).toList();
    if (!gone.isEmpty()) {
      database
          .sql(
              "update faces set known_parent_id = null where known_parent_id in (:gone) and id in (:ids)")
          .param("gone", gone)
          .param("ids", ids)
          .update();
      written = orphaned(written, gone);
    }
    database
        .sql(
            """
            update faces set parent_id = known_parent_id, name = known_name, status = known_status,
              deleted_at = case when known_deleted then current_timestamp(3) else null end,
              revision = revision + 1, changed_at = current_timestamp(6)
            where id in (:ids)
            """)
        .param("ids", ids)
        .update();
    return written;
  }

  /** A root that went before it was noted takes what stood under it along, which is told. */
  private List<Written> orphaned(List<Written> written, Set<Long> gone) {
    List<Notice> told = new ArrayList<>();
    List<Written> orphaned = new ArrayList<>();
    for (Written each : written) {
      FaceState known = each.known();
      if (known.parentId() == null || !gone.contains(known.parentId())) {
        orphaned.add(each);
        continue;
      }
      FaceState alone = new FaceState(null, known.name(), known.status(), null);
      String kind = known.is(FaceState.PROCESS) ? "suggested" : "detach";
      told.add(
          new Notice(
              kind, each.photo(), each.face(), null, Ledger.text(known), Ledger.text(alone)));
      orphaned.add(each.known(alone));
    }
    outbox.write(told);
    return orphaned;
  }

  private List<Written> lock(List<Long> faces) {
    return database
        .sql("select * from faces where id in (:ids) and " + DIFFERS + " order by id for update")
        .param("ids", faces)
        .query(SiteWrites::written)
        .list();
  }

  private Set<Long> parentsThatAreGone(List<Written> written) {
    Set<Long> parents =
        written.stream()
            .map(each -> each.known().parentId())
            .filter(Objects::nonNull)
            .collect(Collectors.toSet());
    if (!parents.isEmpty()) {
      parents.removeAll(
          database
              .sql("select id from faces where id in (:ids)")
              .param("ids", parents)
              .query(Long.class)
              .set());
    }
    return parents;
  }

  private static Written written(ResultSet row, int number) throws SQLException {
    boolean isDeleted = row.getObject("deleted_at") != null;
    boolean knownDeleted = row.getBoolean("known_deleted");
    return new Written(
        row.getLong("id"),
        row.getObject("image_id", Long.class),
        state(row, "known_"),
        state(row, ""),
        isDeleted && !knownDeleted,
        !isDeleted && knownDeleted);
  }

  /** Of a row, as it is written (no prefix) or known. */
  static FaceState state(ResultSet row, String prefix) throws SQLException {
    @Nullable Double distance = row.getObject("distance", Double.class);
    return new FaceState(
        row.getObject(prefix + "parent_id", Long.class),
        row.getString(prefix + "name"),
        row.getString(prefix + "status"),
        distance);
  }
}
