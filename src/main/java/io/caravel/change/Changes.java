package io.caravel.change;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.caravel.ground.Failure;
import io.caravel.ground.LivedTime;
import io.caravel.ground.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The changes that are numbered, as they are told and until they are forgotten. */
@Component("changes")
public class Changes {
  /** Changes on one page. */
  static final int PAGE = 500;

  /** Changes that are forgotten in one transaction. */
  private static final int BATCH = 1000;

  private final JdbcClient database;
  private final TransactionTemplate transaction;
  private final LivedTime livedTime;
  private final int days;

  public Changes(
      JdbcClient database,
      TransactionTemplate transaction,
      LivedTime livedTime,
      @Value("${caravel.changes.days}") int days) {
    this.database = database;
    this.transaction = transaction;
    this.livedTime = livedTime;
    this.days = days;
  }

  /** A change as it is told. */
  public record Told(
      long seq,
      @Nullable Instant at,
      String kind,
      @Nullable Long photo,
      @Nullable Long face,
      @Nullable String who,
      @JsonRawValue @Nullable String before,
      @JsonRawValue @Nullable String after) {}

  /**
   * Changes in their order.
   *
   * @param last after which the next page begins
   */
  public record Page(List<Told> items, long last) {}

  private record Kept(long numbered, long forgotten) {}

  private record Aged(long seq, LocalDateTime at) {}

  private Kept kept() {
    return database
        .sql("select numbered, forgotten from changes_numbered where id = 1")
        .query((row, number) -> new Kept(row.getLong(1), row.getLong(2)))
        .single();
  }

  /** The greatest number given. */
  public long last() {
    return kept().numbered();
  }

  /** After which number those begin that are kept. */
  public long forgotten() {
    return kept().forgotten();
  }

  /**
   * What follows a number, at most 500 changes.
   *
   * @param upTo nothing with a greater number
   * @throws Failure bad-request, where none has that number yet; changes-forgotten
   */
  public Page after(long seq, long upTo) {
    Kept kept = kept();
    if (seq > kept.numbered()) {
      throw Failure.lasting(
          "bad-request",
          "The last change is "
              + kept.numbered()
              + ", so nothing comes after "
              + seq
              + ": where an older database was put back, read everything anew and go on from "
              + kept.numbered()
              + ".");
    }
    List<Told> items =
        seq < kept.forgotten() ? List.of() : items(seq, Math.min(upTo, kept.numbered()));
    boolean whole = items.isEmpty() ? seq >= kept.forgotten() : items.get(0).seq() == seq + 1;
    if (!whole) {
      throw Failure.lasting(
          "changes-forgotten",
          "Changes are kept for "
              + days
              + " days, and some after "
              + seq
              + " are gone: read everything anew and go on from "
              + kept.numbered()
              + ".");
    }
    return new Page(items, items.isEmpty() ? seq : items.get(items.size() - 1).seq());
  }

  private List<Told> items(long after, long upTo) {
    return database
        .sql(
            """
            select * from changes where seq > :after and seq <= :upTo order by seq limit :most
            """)
        .param("after", after)
        .param("upTo", upTo)
        .param("most", PAGE)
        .query(Changes::told)
        .list();
  }

  private static Told told(ResultSet row, int number) throws SQLException {
    return new Told(
        row.getLong("seq"),
        Utc.instant(row, "changed_at"),
        row.getString("kind"),
        row.getObject("image_id", Long.class),
        row.getObject("face_id", Long.class),
        row.getString("who"),
        row.getString("before_json"),
        row.getString("after_json"));
  }

  /**
   * Deletes the changes that are {@code caravel.changes.days} of Caravel's own life old, from the
   * first on: what is kept has no gap, though one was written before another that has the smaller
   * number.
   */
  public void forget() {
    LocalDateTime before = livedTime.daysAgo(days);
    while (Boolean.TRUE.equals(transaction.execute(status -> forgetSome(before)))) {
      // the next batch
    }
  }

  private boolean forgetSome(LocalDateTime before) {
    long forgotten = forgotten();
    List<Aged> oldest =
        database
            .sql(
                "select seq, changed_at from changes where seq > :forgotten order by seq limit :most")
            .param("forgotten", forgotten)
            .param("most", BATCH)
            .query((row, n) -> new Aged(row.getLong(1), row.getObject(2, LocalDateTime.class)))
            .list();
    long upTo =
        oldest.stream()
            .takeWhile(each -> each.at().isBefore(before))
            .mapToLong(Aged::seq)
            .reduce(forgotten, (one, next) -> next);
    if (upTo == forgotten) {
      return false;
    }
    database
        .sql("update changes_numbered set forgotten = :upTo where id = 1 and forgotten < :upTo")
        .param("upTo", upTo)
        .update();
    database.sql("delete from changes where seq <= :upTo").param("upTo", upTo).update();
    return upTo - forgotten == BATCH;
  }
}
