package io.caravel.face;

import io.caravel.change.Notice;
import io.caravel.change.Outbox;
import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceIndex.Match;
import io.caravel.job.Job;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The faces' rows as the program writes them: kept, matched, replaced. A face whose status is not
 * {@code process} was reviewed by a person, and is left alone.
 */
@Component("faces")
public class Faces {
  /** Intersection over union, from which two boxes are of one face. */
  private static final double SAME_BOX = 0.5;

  /**
   * Below this distance two encodings in one photo are of one face, whose pixels were only scaled
   * in another way; two faces are farther apart, even of twins.
   */
  private static final double SAME_ENCODING = 0.2;

  /** Confirmed faces of one decision that are held against new faces once more. */
  private static final int AGAIN = 32;

  /** How often a candidate may turn out to be none any more. */
  private static final int LOOKS = 3;

  private final JdbcClient database;
  private final FaceIndex index;
  private final Outbox outbox;
  private final TransactionTemplate transaction;
  private final double threshold;

  Faces(
      JdbcClient database,
      FaceIndex index,
      Outbox outbox,
      TransactionTemplate transaction,
      @Value("${caravel.face.threshold}") double threshold) {
    if (!(threshold > 0 && threshold <= 2)) {
      throw new IllegalArgumentException(
          "CARAVEL_FACE_THRESHOLD is " + threshold + ": give it a number above 0, at most 2.");
    }
    this.database = database;
    this.index = index;
    this.outbox = outbox;
    this.transaction = transaction;
    this.threshold = threshold;
  }

  /** A face just kept. */
  private record New(long id, float[] encoding, @Nullable Long parent) {}

  /** The faces of a photo that were kept, and the ids of those they replace. */
  public record Kept(List<New> faces, List<Long> replaced) {}

  /** A face of the photo that a person has reviewed. */
  private record Reviewed(
      @Nullable Integer index,
      @Nullable Integer left,
      @Nullable Integer top,
      @Nullable Integer width,
      @Nullable Integer height,
      float @Nullable [] encoding) {

    boolean is(Face face) {
      if (left == null || top == null || width == null || height == null) {
        return encoding != null
            && encoding.length == face.encoding().length
            && Encoding.distance(encoding, face.encoding()) < SAME_ENCODING;
      }
      double across =
          Math.min(left + width, face.left() + face.width()) - Math.max(left, face.left());
      double down = Math.min(top + height, face.top() + face.height()) - Math.max(top, face.top());
      double common = Math.max(0, across) * Math.max(0, down);
      double all = (double) width * height + (double) face.width() * face.height() - common;
      return common / all >= SAME_BOX;
    }
  }

  /**
   * Keeps what was found in a job's photo, each face with the person nearest to it below the
   * threshold. A photo that has faces keeps them, unless the job is forced: then those in {@code
   * process} are replaced, and a detection that is a reviewed face adds nothing. To be called in
   * the transaction that ends the job.
   */
  public Kept keep(Job job, FaceSearch.Searched searched) {
    long photo = job.photo().id();
    holdInOrder(photo, searched);
    if (!job.force() && has(photo)) {
      return new Kept(List.of(), List.of());
    }
    List<Long> replaced = discardUnreviewed(photo);
    List<Reviewed> reviewed = reviewed(photo);
    List<Integer> taken = new ArrayList<>();
    reviewed.forEach(each -> taken.add(each.index()));
    List<New> kept = new ArrayList<>();
    int number = 0;
    for (Face face : searched.faces()) {
      if (reviewed.stream().noneMatch(each -> each.is(face))) {
        while (taken.contains(number)) {
          number++;
        }
        kept.add(keep(photo, number++, face, searched.engine(), kept));
      }
    }
    return new Kept(kept, replaced);
  }

  /**
   * The photo, then the people its faces may join by their ids: whoever waits, waits in one order.
   */
  private void holdInOrder(long photo, FaceSearch.Searched searched) {
    database
        .sql("select id from images where id = :photo for update")
        .param("photo", photo)
        .query(Long.class)
        .list();
    List<Long> people =
        searched.faces().stream()
            .flatMap(face -> index.nearestPerson(face.encoding()).stream())
            .filter(match -> match.distance() < threshold)
            .map(Match::face)
            .distinct()
            .toList();
    if (!people.isEmpty()) {
      database
          .sql("select id from faces where id in (:people) order by id for update")
          .param("people", people)
          .query(Long.class)
          .list();
    }
  }

  private boolean has(long photo) {
    return database
            .sql("select count(*) from faces where image_id = :photo and deleted_at is null")
            .param("photo", photo)
            .query(Long.class)
            .single()
        > 0;
  }

  /** Marked as deleted first, so that other nodes hear of it; the rows go later. */
  private List<Long> discardUnreviewed(long photo) {
    List<Long> ids =
        database
            .sql(
                "select id from faces where image_id = :photo and status = 'process' and deleted_at is null for update")
            .param("photo", photo)
            .query(Long.class)
            .list();
    if (!ids.isEmpty()) {
      database
          .sql(
              """
              update faces set parent_id = null, distance = null, revision = revision + 1,
                changed_at = current_timestamp(6) where parent_id in (:ids)
              """)
          .param("ids", ids)
          .update();
      database
          .sql(
              """
              update faces set parent_id = null, deleted_at = current_timestamp(3), revision = revision + 1,
                changed_at = current_timestamp(6) where id in (:ids)
              """)
          .param("ids", ids)
          .update();
    }
    return ids;
  }

  private List<Reviewed> reviewed(long photo) {
    return database
        .sql(
            """
            select face_index, box_left, box_top, box_width, box_height, descriptor from faces
            where image_id = :photo and deleted_at is null
            """)
        .param("photo", photo)
        .query(
            (row, n) -> {
              byte[] descriptor = row.getBytes("descriptor");
              return new Reviewed(
                  row.getObject("face_index", Integer.class),
                  row.getObject("box_left", Integer.class),
                  row.getObject("box_top", Integer.class),
                  row.getObject("box_width", Integer.class),
                  row.getObject("box_height", Integer.class),
                  descriptor == null ? null : Encoding.floats(descriptor));
            })
        .list();
  }

  private New keep(long photo, int number, Face face, String engine, List<New> earlier) {
    Match parent = parent(face.encoding(), earlier);
    KeyHolder key = new GeneratedKeyHolder();
    database
        .sql(
            """
            insert into faces (parent_id, image_id, face_index, encoding, descriptor, box_left, box_top, box_width,
              box_height, score, distance, engine)
            values (:parent, :photo, :number, :encoding, :descriptor, :left, :top, :width, :height, :score, :distance,
              :engine)
            """)
        .param("parent", parent == null ? null : parent.face())
        .param("photo", photo)
        .param("number", number)
        .param("encoding", Encoding.json(face.encoding()))
        .param("descriptor", Encoding.bytes(face.encoding()))
        .param("left", face.left())
        .param("top", face.top())
        .param("width", face.width())
        .param("height", face.height())
        .param("score", face.score())
        .param("distance", parent == null ? null : parent.distance())
        .param("engine", engine)
        .update(key, "id");
    Number id = key.getKey();
    if (id == null) {
      throw new IllegalStateException("The database gave no key for a new face");
    }
    return new New(id.longValue(), face.encoding(), parent == null ? null : parent.face());
  }

  /**
   * The root that a face belongs to: of the person, or the earlier face of the same photo, that is
   * nearest below the threshold.
   */
  private @Nullable Match parent(float[] encoding, List<New> earlier) {
    Match person = person(encoding).orElse(null);
    New nearest = null;
    double least = person == null ? threshold : person.distance();
    for (New each : earlier) {
      double distance = Encoding.distance(encoding, each.encoding());
      if (distance < least) {
        least = distance;
        nearest = each;
      }
    }
    if (nearest == null) {
      return person;
    }
    Long root = nearest.parent();
    return root == null
        ? new Match(nearest.id(), least)
        : new Match(root, distance(encoding, root, earlier));
  }

  private double distance(float[] encoding, long root, List<New> earlier) {
    for (New each : earlier) {
      if (each.id() == root) {
        return Encoding.distance(encoding, each.encoding());
      }
    }
    byte[] descriptor =
        database
            .sql("select descriptor from faces where id = :id")
            .param("id", root)
            .query(byte[].class)
            .single();
    return Encoding.distance(encoding, Encoding.floats(descriptor));
  }

  /**
   * The nearest person below the threshold, whose root is held until the end of the transaction:
   * while it is merged, rejected or deleted elsewhere nobody joins it.
   */
  private Optional<Match> person(float[] encoding) {
    for (int look = 0; look < LOOKS; look++) {
      Optional<Match> nearest =
          index.nearestPerson(encoding).filter(match -> match.distance() < threshold);
      if (nearest.isEmpty() || isRoot(nearest.get().face())) {
        return nearest;
      }
      index.changed(List.of(nearest.get().face()));
    }
    return Optional.empty();
  }

  private boolean isRoot(long face) {
    return database
        .sql(
            """
            select id from faces where id = :id and parent_id is null and status = 'ok' and deleted_at is null
            for update
            """)
        .param("id", face)
        .query(Long.class)
        .optional()
        .isPresent();
  }

  /**
   * After the commit: the index learns of the faces, and each that has no person yet is held
   * against those who were confirmed at the same moment, and so saw nothing of it.
   */
  public void meet(Kept kept) {
    Collection<Long> changed = new ArrayList<>(kept.replaced());
    kept.faces().forEach(face -> changed.add(face.id()));
    index.changed(changed);
    index.refresh();
    for (New face : kept.faces()) {
      if (face.parent() == null
          && index
              .nearestPerson(face.encoding())
              .filter(match -> match.distance() < threshold)
              .isPresent()) {
        transaction.executeWithoutResult(
            status -> person(face.encoding()).ifPresent(person -> join(face.id(), person)));
      }
    }
  }

  /**
   * After a decision: faces that were kept while it was made, and so were not seen by it, are held
   * against the people it has confirmed.
   */
  void meetAgain(Collection<Long> confirmed) {
    index.refresh();
    List<Long> ids = confirmed.stream().limit(AGAIN).toList();
    for (New known : encoded("id in (:ids) and status = 'ok'", ids)) {
      List<Long> near =
          index.toReviewWithin(known.encoding(), threshold).stream().map(Match::face).toList();
      for (int from = 0; from < near.size(); from += FaceTable.CHUNK) {
        List<Long> some = near.subList(from, Math.min(near.size(), from + FaceTable.CHUNK));
        for (New face :
            encoded("id in (:ids) and status = 'process' and parent_id is null", some)) {
          transaction.executeWithoutResult(
              status -> person(face.encoding()).ifPresent(person -> join(face.id(), person)));
          index.changed(List.of(face.id()));
        }
      }
    }
  }

  private List<New> encoded(String which, List<Long> ids) {
    return ids.isEmpty()
        ? List.of()
        : database
            .sql(
                "select id, descriptor from faces where descriptor is not null and deleted_at is null and "
                    + which)
            .param("ids", ids)
            .query(
                (row, n) ->
                    new New(row.getLong("id"), Encoding.floats(row.getBytes("descriptor")), null))
            .list();
  }

  /** A face that is a root joins a person, and its children follow. */
  private void join(long face, Match person) {
    int joined =
        database
            .sql(
                """
                update faces set parent_id = :person, distance = :distance, revision = revision + 1,
                  changed_at = current_timestamp(6), updated_at = current_timestamp(3)
                where id = :id and parent_id is null and status = 'process' and deleted_at is null
                """)
            .param("person", person.face())
            .param("distance", person.distance())
            .param("id", face)
            .update();
    if (joined == 1) {
      outbox.write(List.of(suggested(face)));
      children(face).forEach(child -> follow(child, person.face()));
    }
  }

  private List<New> children(long face) {
    return database
        .sql("select id, descriptor from faces where parent_id = :id for update")
        .param("id", face)
        .query(
            (row, n) ->
                new New(row.getLong("id"), Encoding.floats(row.getBytes("descriptor")), face))
        .list();
  }

  private static Notice suggested(long face) {
    return new Notice("suggested", null, face, null, null, null);
  }

  private void follow(New child, long root) {
    database
        .sql(
            """
            update faces set parent_id = :root, distance = :distance, revision = revision + 1,
              changed_at = current_timestamp(6), updated_at = current_timestamp(3)
            where id = :id
            """)
        .param("root", root)
        .param("distance", distance(child.encoding(), root, List.of()))
        .param("id", child.id())
        .update();
    outbox.write(List.of(suggested(child.id())));
  }
}
