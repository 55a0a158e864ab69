package io.caravel.face;

import io.caravel.ground.Failure;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The table faces, for those who decide. Rows are locked in the order of their ids. */
@Component
class FaceTable {
  /** Ids in one statement. */
  static final int CHUNK = 1000;

  private final JdbcClient database;
  private final JdbcTemplate batches;
  private final SiteDeletions deletions;
  private final boolean hears;
  private final String there;

  FaceTable(
      JdbcClient database,
      JdbcTemplate batches,
      SiteDeletions deletions,
      @Value("${caravel.db.hears}") boolean hears) {
    this.database = database;
    this.batches = batches;
    this.deletions = deletions;
    this.hears = hears;
    this.there =
        hears
            ? "case when known_status is null then deleted_at is null else not known_deleted end"
            : "deleted_at is null";
  }

  static Failure unknown(long id) {
    return Failure.lasting(
        "no-such-face",
        "There is no face "
            + id
            + ", or its photo lies in the trash: its photo may have been searched anew, so load its faces again.");
  }

  /** In ascending order, at most {@value #CHUNK} each. */
  static List<List<Long>> chunks(Collection<Long> ids) {
    List<Long> sorted = List.copyOf(new TreeSet<>(ids));
    List<List<Long>> chunks = new ArrayList<>();
    for (int from = 0; from < sorted.size(); from += CHUNK) {
      chunks.add(sorted.subList(from, Math.min(sorted.size(), from + CHUNK)));
    }
    return chunks;
  }

  /** Waits for this node's turn to decide, and keeps it until the transaction ends. */
  void takeTurn() {
    database
        .sql("select id from decision_turn where id = 1 for update")
        .query(Integer.class)
        .single();
  }

  /**
   * Locks those of the faces that are there, as Caravel knows them: what the site commits while it
   * waits for a row is heard after this.
   */
  List<FaceRow> lock(Collection<Long> ids) {
    List<FaceRow> locked = new ArrayList<>();
    for (List<Long> chunk : chunks(ids)) {
      List<FaceRow> rows = lockChunk(chunk);
      if (rows.stream().anyMatch(FaceRow::mayHaveLostItsRoot) && deletions.bringBack()) {
        rows = lockChunk(chunk);
      }
      locked.addAll(rows);
    }
    return locked;
  }

  private List<FaceRow> lockChunk(List<Long> chunk) {
    Set<Long> visible =
        database
            .sql(
                """
                select f.id from faces f join images i on i.id = f.image_id
                where f.id in (:ids) and i.deleted_at is null
                """)
            .param("ids", chunk)
            .query(Long.class)
            .set();
    return database
        .sql(
            """
            select id, image_id, parent_id, name, status, distance, score, revision, box_left, known_parent_id,
              known_name, known_status from faces
            where id in (:ids) and
            """
                + there
                + " order by id for update")
        .param("ids", chunk)
        .query((row, number) -> row(row, visible))
        .list();
  }

  private FaceRow row(ResultSet row, Set<Long> visible) throws SQLException {
    FaceState written = SiteWrites.state(row, "");
    boolean isKnown = hears && row.getString("known_status") != null;
    FaceState known = isKnown ? SiteWrites.state(row, "known_") : written;
    return new FaceRow(
        row.getLong("id"),
        row.getObject("image_id", Long.class),
        visible.contains(row.getLong("id")),
        row.getObject("box_left") != null,
        row.getObject("score") == null ? Double.NEGATIVE_INFINITY : row.getDouble("score"),
        row.getLong("revision"),
        known,
        written.equals(known) ? null : written);
  }

  /** The faces under these roots, those in the trash included. */
  List<Long> under(Collection<Long> roots) {
    List<Long> children = new ArrayList<>();
    for (List<Long> chunk : chunks(roots)) {
      children.addAll(
          database
              .sql("select id from faces where parent_id in (:roots) and deleted_at is null")
              .param("roots", chunk)
              .query(Long.class)
              .list());
    }
    return children;
  }

  /** The photos with faces to review that are thought to be these people. */
  List<Long> photosOfSuggested(Collection<Long> people) {
    List<Long> photos = new ArrayList<>();
    for (List<Long> chunk : chunks(people)) {
      photos.addAll(
          database
              .sql(
                  """
                  select distinct image_id from faces
                  where parent_id in (:people) and status = 'process' and image_id is not null and deleted_at is null
                  """)
              .param("people", chunk)
              .query(Long.class)
              .list());
    }
    return photos;
  }

  /** Those of the faces that are confirmed. */
  List<Long> confirmed(Collection<Long> faces) {
    List<Long> confirmed = new ArrayList<>();
    for (List<Long> chunk : chunks(faces)) {
      confirmed.addAll(
          database
              .sql(
                  "select id from faces where id in (:ids) and status = 'ok' and deleted_at is null")
              .param("ids", chunk)
              .query(Long.class)
              .list());
    }
    return confirmed;
  }

  /** The photos of these faces. */
  List<Long> photos(Collection<Long> faces) {
    List<Long> photos = new ArrayList<>();
    for (List<Long> chunk : chunks(faces)) {
      photos.addAll(
          database
              .sql(
                  "select distinct image_id from faces where id in (:ids) and image_id is not null")
              .param("ids", chunk)
              .query(Long.class)
              .list());
    }
    return photos;
  }

  /**
   * The faces to review of these photos which this program has found. Rows taken over from another
   * site, which have no box, keep the person they came with until they are reviewed.
   */
  List<Long> toReview(Collection<Long> photos) {
    List<Long> faces = new ArrayList<>();
    for (List<Long> chunk : chunks(photos)) {
      faces.addAll(
          database
              .sql(
                  """
                  select id from faces where image_id in (:photos) and status = 'process' and box_left is not null
                    and descriptor is not null and deleted_at is null
                  """)
              .param("photos", chunk)
              .query(Long.class)
              .list());
    }
    return faces;
  }

  /** The encodings of those of the faces that have one. */
  Map<Long, float[]> encodings(Collection<Long> ids) {
    Map<Long, float[]> encodings = new HashMap<>();
    for (List<Long> chunk : chunks(ids)) {
      database
          .sql("select id, descriptor from faces where id in (:ids) and descriptor is not null")
          .param("ids", chunk)
          .query(
              row -> {
                encodings.put(row.getLong("id"), Encoding.floats(row.getBytes("descriptor")));
              });
    }
    return encodings;
  }

  /** In the transaction in which a face came. */
  void came(long face) {
    if (hears) {
      deletions.note(face);
    }
  }

  /** Writes what has changed. */
  void write(Collection<FaceRow> changed) {
    batches.batchUpdate(
        """
        update faces set parent_id = ?, name = ?, status = ?, distance = ?, known_parent_id = ?, known_name = ?,
          known_status = ?, revision = revision + 1, updated_at = current_timestamp(3),
          changed_at = current_timestamp(6)
        where id = ?
        """,
        changed,
        CHUNK,
        (update, row) -> {
          update.setObject(1, row.now.parentId());
          update.setString(2, row.now.name());
          update.setString(3, row.now.status());
          update.setObject(4, row.now.distance());
          update.setObject(5, row.now.parentId());
          update.setString(6, row.now.name());
          update.setString(7, row.now.status());
          update.setLong(8, row.id);
        });
    if (hears) {
      batches.batchUpdate(
          """
          update face_rows set parent_id = ?, name = ?, status = ?, distance = ?, revision = revision + 1
          where id = ?
          """,
          changed,
          CHUNK,
          (update, row) -> {
            update.setObject(1, row.now.parentId());
            update.setString(2, row.now.name());
            update.setString(3, row.now.status());
            update.setObject(4, row.now.distance());
            update.setLong(5, row.id);
          });
    }
  }

  /** The person of that name, in any case; null when there is none. */
  @Nullable Long personNamed(String name) {
    return bearing(name, people()).stream().findFirst().orElse(null);
  }

  /**
   * Refuses what would make two people of one name, in any case, where there was one or none. In a
   * turn: nobody else makes one meanwhile.
   *
   * @throws Failure conflict
   */
  void refuseSecondOfAName(Collection<FaceRow> changed) {
    Map<Long, String> come = new TreeMap<>();
    for (FaceRow row : changed) {
      String name = row.now.name();
      if (row.now.standsForAPerson() && name != null) {
        come.put(row.id, name);
      }
    }
    if (changed.stream().noneMatch(row -> come.containsKey(row.id) && !isThatPerson(row))) {
      return;
    }
    Map<Long, String> before = people();
    Map<Long, String> after = new TreeMap<>(before);
    changed.forEach(row -> after.remove(row.id));
    after.putAll(come);
    come.forEach(
        (id, name) -> {
          List<Long> bear = bearing(name, after);
          if (bear.size() > 1 && bear.size() > bearing(name, before).size()) {
            Long other = bear.get(0).equals(id) ? bear.get(1) : bear.get(0);
            throw Failure.lasting(
                "conflict",
                "Person %d has the name %s already: undo that naming first, or give one of the two another name."
                    .formatted(other, name));
          }
        });
  }

  private static boolean isThatPerson(FaceRow row) {
    return row.before.standsForAPerson() && Objects.equals(row.before.name(), row.now.name());
  }

  private static List<Long> bearing(String name, Map<Long, String> people) {
    String sought = PersonName.folded(name);
    return people.entrySet().stream()
        .filter(person -> PersonName.folded(person.getValue()).equals(sought))
        .map(Map.Entry::getKey)
        .toList();
  }

  private Map<Long, String> people() {
    Map<Long, String> people = new TreeMap<>();
    database
        .sql(
            """
            select id, name from faces
            where status = 'ok' and parent_id is null and deleted_at is null and name is not null
            """)
        .query(
            row -> {
              people.put(row.getLong("id"), row.getString("name"));
            });
    return people;
  }

  /** The faces of a photo, whatever became of them. */
  List<Long> ofPhoto(long photo) {
    return database
        .sql("select id from faces where image_id = :photo and deleted_at is null")
        .param("photo", photo)
        .query(Long.class)
        .list();
  }

  /**
   * Deletes these faces; whoever stood under one of them stands alone. They are marked first, so
   * that other nodes hear of it, and their rows go later.
   */
  void delete(Collection<Long> ids) {
    for (List<Long> chunk : chunks(ids)) {
      database
          .sql(
              """
              update faces set parent_id = null, known_parent_id = null, distance = null, revision = revision + 1,
                changed_at = current_timestamp(6)
              where parent_id in (:ids)
              """)
          .param("ids", chunk)
          .update();
      database
          .sql(
              """
              update faces set parent_id = null, known_parent_id = null, deleted_at = current_timestamp(3),
                known_deleted = true, revision = revision + 1, changed_at = current_timestamp(6)
              where id in (:ids)
              """)
          .param("ids", chunk)
          .update();
    }
  }
}
