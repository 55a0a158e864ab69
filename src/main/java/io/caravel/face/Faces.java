package io.caravel.face;

import io.caravel.change.Notice;
import io.caravel.change.Outbox;
import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceIndex.Match;
import io.caravel.ground.Failure;
import io.caravel.job.Job;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
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
   * Below this distance two encodings in one photo are of one face, which was only cut out or
   * scaled in another way: what YuNet sees is within 0.29 of what HOG saw, 99 times of 100.
   */
  private static final double SAME_ENCODING = 0.3;

  /** Confirmed faces of one decision that are held against new faces once more. */
  private static final int AGAIN = 32;

  /** A job that keeps faces ends its transaction sooner. */
  private static final int JUST_KEPT_SECONDS = 60;

  /** Not drawn by hand. */
  private static final String FOUND = "(engine is null or engine not like 'drawn%')";

  /** How often a candidate may turn out to be none any more. */
  private static final int LOOKS = 3;

  private final JdbcClient database;
  private final FaceTable table;
  private final FaceIndex index;
  private final Outbox outbox;
  private final TransactionTemplate transaction;
  private final double threshold;

  Faces(
      JdbcClient database,
      FaceTable table,
      FaceIndex index,
      Outbox outbox,
      TransactionTemplate transaction,
      @Value("${caravel.face.threshold}") double threshold) {
    if (!(threshold > 0 && threshold <= 2)) {
      throw new IllegalArgumentException(
          "CARAVEL_FACE_THRESHOLD is " + threshold + ": give it a number above 0, at most 2.");
    }
    this.database = database;
    this.table = table;
    this.index = index;
    this.outbox = outbox;
    this.transaction = transaction;
    this.threshold = threshold;
  }

  /** A face just kept. */
  private record New(long id, float[] encoding, @Nullable Match person) {}

  /** The faces of a photo that were kept, and the ids of those they replace. */
  public record Kept(long photo, List<New> faces, List<Long> replaced) {}

  /** A face of the photo that a person has reviewed. */
  private record Reviewed(
      long id,
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
   * Keeps what was found in a job's photo, each face with the person whom it is like: {@link
   * Suggestions}. A photo that has faces keeps them, unless the job is forced: then those in {@code
   * process} are replaced, but for drawn ones, and a detection that is a reviewed face adds
   * nothing. To be called in the transaction that ends the job. A face that has no box, since it
   * came over from another program, gets that of the same face now found, and stays. What metadata
   * tell of, and is none of the photo's faces, is kept in any case, as one that was drawn.
   */
  public Kept keep(Job job, FaceSearch.Searched searched) {
    long photo = job.photo().id();
    holdInOrder(photo, searched);
    List<Long> boxed = giveBoxes(photo, searched.faces());
    boolean all = job.force() || !has(photo);
    if (!all && searched.told().isEmpty()) {
      return new Kept(photo, List.of(), List.of());
    }
    List<Long> replaced = all ? discardUnreviewed(photo, boxed) : List.of();
    List<Reviewed> reviewed = reviewed(photo);
    List<Integer> taken = new ArrayList<>();
    reviewed.forEach(each -> taken.add(each.index()));
    List<Face> found =
        Stream.concat(all ? searched.faces().stream() : Stream.of(), searched.told().stream())
            .filter(face -> reviewed.stream().noneMatch(each -> each.is(face)))
            .toList();
    Map<Long, Match> people = heldPeople(found);
    List<New> kept = new ArrayList<>();
    int number = 0;
    for (int i = 0; i < found.size(); i++) {
      while (taken.contains(number)) {
        number++;
      }
      Match person = people.get(Long.valueOf(i));
      Face face = found.get(i);
      boolean told = searched.told().contains(face);
      String engine = told ? FaceSearch.drawn(searched.engine()) : searched.engine();
      long id = insert(photo, number++, face, engine, FaceState.PROCESS, person);
      kept.add(new New(id, face.encoding(), person));
    }
    return new Kept(photo, kept, replaced);
  }

  /**
   * The photo, then the people its faces may join by their ids: whoever waits, waits in one order.
   */
  private void holdInOrder(long photo, FaceSearch.Searched searched) {
    holdPhoto(photo);
    List<Long> people =
        Stream.concat(searched.faces().stream(), searched.told().stream())
            .flatMap(face -> index.confirmedWithin(face.encoding(), threshold).stream())
            .map(FaceIndex.Known::person)
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

  /**
   * Holds a photo until the transaction ends.
   *
   * @throws Failure no-such-photo: also one in the trash
   */
  void holdVisible(long photo) {
    if (database
        .sql("select id from images where id = :photo and deleted_at is null for update")
        .param("photo", photo)
        .query(Long.class)
        .optional()
        .isEmpty()) {
      throw Failure.lasting("no-such-photo", "There is no photo " + photo + ".");
    }
  }

  private void holdPhoto(long photo) {
    database
        .sql("select id from images where id = :photo for update")
        .param("photo", photo)
        .query(Long.class)
        .list();
  }

  /** Faces that a search has found. */
  private boolean has(long photo) {
    return database
            .sql(
                "select count(*) from faces where image_id = :photo and deleted_at is null and "
                    + FOUND)
            .param("photo", photo)
            .query(Long.class)
            .single()
        > 0;
  }

  /** A face of the photo of which nobody knows where in the photo it is. */
  private record Boxless(long id, float[] encoding) {
    double distance(Face face) {
      return encoding.length == face.encoding().length
          ? Encoding.distance(encoding, face.encoding())
          : Double.MAX_VALUE;
    }
  }

  /** The ids of the faces that got a box. */
  private List<Long> giveBoxes(long photo, List<Face> found) {
    List<Long> given = new ArrayList<>();
    List<Boxless> boxless =
        database
            .sql(
                """
                select id, descriptor from faces
                where image_id = :photo and deleted_at is null and box_left is null and descriptor is not null for update
                """)
            .param("photo", photo)
            .query(
                (row, n) ->
                    new Boxless(row.getLong("id"), Encoding.floats(row.getBytes("descriptor"))))
            .list();
    List<Face> left = new ArrayList<>(found);
    for (Boxless each : boxless) {
      left.stream()
          .filter(face -> each.distance(face) < SAME_ENCODING)
          .min(Comparator.comparingDouble(each::distance))
          .ifPresent(
              face -> {
                left.remove(face);
                giveBox(each.id(), face);
                given.add(each.id());
              });
    }
    return given;
  }

  private void giveBox(long id, Face face) {
    database
        .sql(
            """
            update faces set box_left = :left, box_top = :top, box_width = :width, box_height = :height,
              score = :score, revision = revision + 1, changed_at = current_timestamp(6)
            where id = :id
            """)
        .param("left", face.left())
        .param("top", face.top())
        .param("width", face.width())
        .param("height", face.height())
        .param("score", face.score())
        .param("id", id)
        .update();
  }

  /** Marked as deleted first, so that other nodes hear of it; the rows go later. */
  private List<Long> discardUnreviewed(long photo, List<Long> but) {
    List<Long> ids =
        database
            .sql(
                "select id from faces where image_id = :photo and status = 'process' and deleted_at is null and "
                    + FOUND
                    + " and not exists (select 1 from decision_faces d where d.face_id = faces.id and d.kind = 'decided')"
                    + " for update")
            .param("photo", photo)
            .query(Long.class)
            .list()
            .stream()
            .filter(id -> !but.contains(id))
            .toList();
    if (!ids.isEmpty()) {
      database
          .sql(
              """
              update faces set parent_id = null, known_parent_id = null, distance = null, revision = revision + 1,
                changed_at = current_timestamp(6) where parent_id in (:ids)
              """)
          .param("ids", ids)
          .update();
      database
          .sql(
              """
              update faces set parent_id = null, known_parent_id = null, deleted_at = current_timestamp(3),
                known_deleted = true, revision = revision + 1, changed_at = current_timestamp(6) where id in (:ids)
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
            select id, face_index, box_left, box_top, box_width, box_height, descriptor from faces
            where image_id = :photo and deleted_at is null and status <> 'undrawn'
            """)
        .param("photo", photo)
        .query(
            (row, n) -> {
              byte[] descriptor = row.getBytes("descriptor");
              return new Reviewed(
                  row.getLong("id"),
                  row.getObject("face_index", Integer.class),
                  row.getObject("box_left", Integer.class),
                  row.getObject("box_top", Integer.class),
                  row.getObject("box_width", Integer.class),
                  row.getObject("box_height", Integer.class),
                  descriptor == null ? null : Encoding.floats(descriptor));
            })
        .list();
  }

  /**
   * Keeps a face that somebody has drawn, as {@link FaceState#UNDRAWN}: the decision about it makes
   * it one to review. In the transaction of that, which holds the photo.
   *
   * @return its id
   * @throws Failure conflict: there is a face already, or was one that is none
   */
  long keepDrawn(long photo, Face face, String engine) {
    List<Reviewed> there = reviewed(photo);
    there.stream()
        .filter(each -> each.is(face))
        .findFirst()
        .ifPresent(
            each -> {
              throw Failure.lasting(
                  "conflict",
                  "Face %d of the photo is in that place already: decide about that one, or draw another box."
                      .formatted(each.id()));
            });
    int number =
        database
            .sql(
                "select coalesce(max(face_index), -1) + 1 from faces where image_id = :photo and deleted_at is null")
            .param("photo", photo)
            .query(Integer.class)
            .single();
    return insert(photo, number, face, engine, FaceState.UNDRAWN, null);
  }

  private long insert(
      long photo, int number, Face face, String engine, String status, @Nullable Match person) {
    KeyHolder key = new GeneratedKeyHolder();
    database
        .sql(
            """
            insert into faces (parent_id, image_id, face_index, encoding, descriptor, box_left, box_top, box_width,
              box_height, score, distance, engine, status)
            values (:parent, :photo, :number, :encoding, :descriptor, :left, :top, :width, :height, :score, :distance,
              :engine, :status)
            """)
        .param("parent", person == null ? null : person.face())
        .param("photo", photo)
        .param("number", number)
        .param("encoding", Encoding.json(face.encoding()))
        .param("descriptor", Encoding.bytes(face.encoding()))
        .param("left", face.left())
        .param("top", face.top())
        .param("width", face.width())
        .param("height", face.height())
        .param("score", face.score())
        .param("distance", person == null ? null : person.distance())
        .param("engine", engine)
        .param("status", status)
        .update(key, "id");
    Number id = key.getKey();
    if (id == null) {
      throw new IllegalStateException("The database gave no key for a new face");
    }
    table.came(id.longValue());
    return id.longValue();
  }

  /**
   * Whom the faces of a photo are thought to be, by their places in the list. The people's roots
   * are held until the end of the transaction: while one is merged, rejected or deleted elsewhere
   * nobody joins it.
   */
  private Map<Long, Match> heldPeople(List<Face> faces) {
    for (int look = 0; look < LOOKS; look++) {
      Map<Long, float[]> encodings = new TreeMap<>();
      for (int i = 0; i < faces.size(); i++) {
        encodings.put((long) i, faces.get(i).encoding());
      }
      Map<Long, Match> people = people(encodings);
      List<Long> none =
          people.values().stream().map(Match::face).sorted().filter(id -> !isRoot(id)).toList();
      if (none.isEmpty()) {
        return people;
      }
      List<Long> stale = new ArrayList<>(none);
      encodings
          .values()
          .forEach(
              encoding ->
                  index.confirmedWithin(encoding, threshold).stream()
                      .filter(known -> none.contains(known.person()))
                      .forEach(known -> stale.add(known.face())));
      index.changed(stale);
    }
    return Map.of();
  }

  /** Whom the faces of one photo are thought to be, as the index has it. */
  private Map<Long, Match> people(Map<Long, float[]> faces) {
    Suggestions suggestions = new Suggestions();
    faces.forEach(
        (face, encoding) -> {
          Map<Long, Double> people = new HashMap<>();
          index
              .confirmedWithin(encoding, threshold)
              .forEach(known -> people.merge(known.person(), known.distance(), Math::min));
          suggestions.add(face, people);
        });
    return suggestions.chosen();
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
   * After the commit: the index learns of the faces, and where they are thought to be others than
   * they would be now, since somebody decided at the same moment, they are suggested anew.
   */
  public void meet(Kept kept) {
    Collection<Long> changed = new ArrayList<>(kept.replaced());
    Map<Long, float[]> encodings = new TreeMap<>();
    Map<Long, Match> people = new HashMap<>();
    for (New face : kept.faces()) {
      changed.add(face.id());
      encodings.put(face.id(), face.encoding());
      if (face.person() != null) {
        people.put(face.id(), face.person());
      }
    }
    index.changed(changed);
    index.refresh();
    if (!people(encodings).equals(people)) {
      suggestAnew(List.of(kept.photo()));
    }
  }

  /**
   * After a decision: faces that were kept while it was made, and so were not seen by it, are held
   * against the people it has confirmed.
   */
  void meetAgain(Collection<Long> confirmed) {
    index.refresh();
    Set<Long> near = new TreeSet<>();
    table
        .encodings(table.confirmed(confirmed).stream().limit(AGAIN).toList())
        .values()
        .forEach(
            encoding ->
                index.toReviewWithin(encoding, threshold).forEach(face -> near.add(face.face())));
    Set<Long> photos = new TreeSet<>();
    for (List<Long> some : FaceTable.chunks(near)) {
      photos.addAll(
          database
              .sql(
                  """
                  select distinct image_id from faces
                  where id in (:ids) and parent_id is null and image_id is not null
                    and created_at > timestampadd(second, :ago, current_timestamp(3))
                  """)
              .param("ids", some)
              .param("ago", -JUST_KEPT_SECONDS)
              .query(Long.class)
              .list());
    }
    if (!photos.isEmpty()) {
      suggestAnew(photos);
    }
  }

  /** Suggests people for the faces to review of these photos as things are now. */
  private void suggestAnew(Collection<Long> photos) {
    List<Long> changed =
        transaction.execute(
            status -> {
              table.takeTurn();
              index.refresh();
              Draft draft = new Draft(table, threshold);
              draft.suggest(index, photos);
              table.write(draft.changed());
              outbox.write(
                  draft.changed().stream()
                      .map(
                          row ->
                              new Notice(
                                  "suggested",
                                  row.photo,
                                  row.id,
                                  null,
                                  Ledger.text(row.before),
                                  Ledger.text(row.now)))
                      .toList());
              return draft.changed().stream().map(row -> row.id).toList();
            });
    index.changed(Objects.requireNonNull(changed));
  }
}
