package io.caravel.face;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.ground.Failure;
import io.caravel.photo.Photos;
import io.caravel.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What people decide about several photos at once: into the trash, out of it. It stands in the same
 * ledger as what they decide about faces, and is undone as one.
 */
@Component("photoDecisions")
public class PhotoDecisions {
  /** Photos in one decision. */
  static final int MOST = 5000;

  private static final String TRASH = "trash";
  private static final String RESTORE = "restore";

  private final JdbcClient database;
  private final Photos photos;
  private final Ledger ledger;
  private final Decisions faces;
  private final TransactionTemplate transaction;

  PhotoDecisions(
      JdbcClient database,
      Photos photos,
      Ledger ledger,
      Decisions faces,
      TransactionTemplate transaction) {
    this.database = database;
    this.photos = photos;
    this.ledger = ledger;
    this.faces = faces;
    this.transaction = transaction;
  }

  /**
   * Decides about photos; those that are so already are left out.
   *
   * @param request its body is {"photos": [ids], "action": trash | restore}
   * @throws Failure bad-request, no-such-photo
   */
  public Decisions.Decided decide(Request request) {
    JsonNode body = Objects.requireNonNull(request.body());
    Set<Long> wanted = new TreeSet<>();
    body.path("photos").forEach(photo -> wanted.add(photo.asLong()));
    if (wanted.isEmpty() || wanted.size() > MOST) {
      throw Failure.lasting(
          "bad-request",
          "A decision is about 1 to " + MOST + " photos: send their ids as \"photos\".");
    }
    String action = body.path("action").asText();
    return Objects.requireNonNull(
        transaction.execute(
            status -> {
              List<Long> changed = changed(List.copyOf(wanted), action);
              if (changed.isEmpty()) {
                return new Decisions.Decided(null, null, 0, 0);
              }
              String subject =
                  changed.size() == 1 ? "Photo " + changed.get(0) : changed.size() + " photos";
              String sentence =
                  action.equals(TRASH)
                      ? subject + " put into the trash."
                      : subject + " taken out of the trash.";
              long entry = ledger.write(action, request.who(), sentence, null);
              for (long photo : changed) {
                database
                    .sql("insert into decision_photos (decision_id, image_id) values (:id, :photo)")
                    .param("id", entry)
                    .param("photo", photo)
                    .update();
              }
              return new Decisions.Decided(ledger.view(entry), null, changed.size(), 0);
            }));
  }

  /**
   * Puts photos into the trash, or takes them out.
   *
   * @return those that were not so already
   */
  private List<Long> changed(List<Long> wanted, String action) {
    List<Long> changed = new ArrayList<>();
    for (List<Long> some : FaceTable.chunks(wanted)) {
      List<Long> there = ids("select id from images where id in (:ids)", some);
      for (long id : some) {
        if (!there.contains(id)) {
          throw Failure.lasting("no-such-photo", "There is no photo " + id + ".");
        }
      }
      changed.addAll(turned(some, action));
    }
    return changed;
  }

  /** As {@link #changed}, of those that are there still. */
  private List<Long> turned(List<Long> wanted, String action) {
    boolean trash = action.equals(TRASH);
    List<Long> changed =
        ids(
            "select id from images where id in (:ids) and deleted_at is %s null order by id"
                .formatted(trash ? "" : "not"),
            wanted);
    for (long id : changed) {
      if (trash) {
        photos.trash(id);
      } else {
        photos.restore(id);
      }
    }
    return changed;
  }

  private List<Long> ids(String sql, List<Long> ids) {
    return database.sql(sql).param("ids", ids).query(Long.class).list();
  }

  /**
   * Takes a decision back, about photos or faces; of an undo, makes its decision again.
   *
   * @throws Failure no-such-decision, conflict
   */
  public Decisions.Decided undo(Request request) {
    Ledger.Entry asked = ledger.entry(request.id());
    Ledger.Entry base = asked;
    boolean redo = false;
    for (Long undoes = base.undoes(); undoes != null; undoes = base.undoes()) {
      base = ledger.entry(undoes);
      redo = !redo;
    }
    if (!Set.of(TRASH, RESTORE).contains(base.action())) {
      return faces.undo(request);
    }
    long first = base.id();
    boolean again = redo;
    return Objects.requireNonNull(
        transaction.execute(status -> undo(request.id(), first, again, request.who())));
  }

  private Decisions.Decided undo(long id, long first, boolean redo, String who) {
    database
        .sql("select id from decisions where id = :id for update")
        .param("id", first)
        .query(Long.class)
        .single();
    Ledger.Entry asked = ledger.entry(id);
    Ledger.Entry base = ledger.entry(first);
    Long undoneBy = base.undoneBy();
    if (asked.undoneBy() != null
        || (undoneBy == null) == redo
        || redo && !Objects.equals(undoneBy, asked.id())) {
      throw conflict(
          "Decision %d has been undone already, by decision %d: undo that one to have it again."
              .formatted(id, asked.undoneBy() == null ? undoneBy : asked.undoneBy()));
    }
    boolean trash = base.action().equals(TRASH) == redo;
    List<Long> of =
        database
            .sql("select image_id from decision_photos where decision_id = :id order by image_id")
            .param("id", first)
            .query(Long.class)
            .list();
    List<Long> changed = new ArrayList<>();
    for (List<Long> some : FaceTable.chunks(of)) {
      changed.addAll(turned(some, trash ? TRASH : RESTORE));
    }
    if (changed.isEmpty()) {
      throw conflict(
          trash
              ? "Its photos lie in the trash already, or have been deleted."
              : "None of its photos lies in the trash any more: they are back, or have been deleted.");
    }
    long entry = ledger.write("undo", who, Sentences.undone(base, redo), asked.id());
    ledger.undone(asked.id(), entry);
    if (redo) {
      ledger.standsAgain(base.id(), entry);
    } else {
      ledger.undone(base.id(), entry);
      if (base.standing() != base.id()) {
        ledger.undone(base.standing(), entry);
      }
    }
    return new Decisions.Decided(ledger.view(entry), null, changed.size(), 0);
  }

  private static Failure conflict(String sentence) {
    return Failure.lasting("conflict", sentence);
  }
}
