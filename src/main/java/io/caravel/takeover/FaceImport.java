package io.caravel.takeover;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.face.Encoding;
import io.caravel.face.FaceFinder;
import io.caravel.photo.Photos;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Brings the rows of the old table faces over, those first that stand for others: each with its
 * encoding and what was decided of it, under its old id where that is free. Of two that are one
 * face, since their images have the same bytes, one comes over, and a decision wins over none.
 */
final class FaceImport {
  static final List<String> COLUMNS =
      List.of(
          "id",
          "parent_id",
          "image_id",
          "face_index",
          "name",
          "status",
          "encoding",
          "created_at",
          "updated_at",
          "deleted_at");

  /** Those of {@link OldFace}. */
  static final List<String> STRUCTURE =
      List.of("id", "parent_id", "image_id", "name", "status", "deleted_at");

  /** Euclidean; two encodings nearer than this are of the same pixels. */
  private static final double SAME = 0.05;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final JdbcClient database;
  private final TransactionTemplate transaction;
  private final ImportIds ids;
  private final Remarks remarks;
  private final Counts counts;
  private final OldPeople people;
  private final Map<Long, Long> images;
  private final double threshold;

  /**
   * @param images the ids of all that came over, there and here
   */
  FaceImport(Rooms rooms, OldPeople people, Map<Long, Long> images) {
    this.database = rooms.database();
    this.transaction = rooms.transaction();
    this.ids = rooms.ids();
    this.remarks = rooms.remarks();
    this.counts = rooms.counts();
    this.threshold = rooms.threshold();
    this.people = people;
    this.images = images;
  }

  /** What a row says of where it belongs; null where its id cannot be held. */
  static @Nullable OldFace structure(OldRow row, Remarks remarks) {
    Long id = row.number("id");
    if (id == null) {
      String said = String.valueOf(row.text("id"));
      remarks.tell(OldTables.FACES, said, "Its id is none from 1 to 2^63-1: it cannot come over.");
      return null;
    }
    String status = Objects.requireNonNullElse(row.text("status"), "");
    if (!Set.of("process", "unknown", "not_face", "ok").contains(status)) {
      remarks.tell(
          OldTables.FACES,
          id,
          "Its status is \"%s\", which is none: it comes over as one to review.".formatted(status));
      status = "process";
    }
    String name = row.text("name");
    return new OldFace(
        id,
        row.number("parent_id"),
        row.number("image_id"),
        status,
        name == null || name.isBlank() ? null : name.strip(),
        row.time("deleted_at") != null);
  }

  /** A face that is to come over. */
  private record Fresh(OldFace face, OldRow row, @Nullable Long photo) {}

  /** A face that is here. */
  private record Here(
      long id,
      @Nullable Long photo,
      int index,
      String status,
      @Nullable Long parent,
      @Nullable String name,
      float @Nullable [] encoding,
      @Nullable Long old) {

    boolean standsForAPerson() {
      return parent == null && status.equals("ok");
    }
  }

  private static Here here(ResultSet row, int number) throws SQLException {
    byte[] descriptor = row.getBytes("descriptor");
    return new Here(
        row.getLong("id"),
        row.getObject("image_id", Long.class),
        row.getInt("face_index"),
        row.getString("status"),
        row.getObject("parent_id", Long.class),
        row.getString("name"),
        descriptor == null ? null : Encoding.floats(descriptor),
        row.getObject("old_id", Long.class));
  }

  /**
   * Brings some rows over, in one transaction.
   *
   * @param roots whether those that stand under nobody, or the others
   */
  void take(List<OldRow> rows, boolean roots) {
    transaction.executeWithoutResult(status -> takeWithin(rows, roots));
  }

  private void takeWithin(List<OldRow> rows, boolean roots) {
    Map<Long, OldRow> asked = new TreeMap<>();
    for (OldRow row : rows) {
      Long id = row.number("id");
      OldFace placed = id == null ? null : people.placed(id);
      if (placed != null && (placed.parent() == null) == roots) {
        asked.put(placed.id(), row);
      }
    }
    Map<Long, Long> known = ids.of(asked.keySet(), ImportIds.FACES, ImportIds.JOINED);
    counts.facesExisting += known.size();
    List<Fresh> fresh = new ArrayList<>();
    asked.forEach(
        (id, row) -> {
          OldFace face = Objects.requireNonNull(people.placed(id));
          if (!known.containsKey(id) && comes(face)) {
            Long photo = face.image() == null ? null : images.get(face.image());
            fresh.add(new Fresh(face, row, photo));
          }
        });
    if (!fresh.isEmpty()) {
      bring(fresh);
    }
    if (!known.isEmpty()) {
      follow(known);
    }
  }

  /** A face without a photo is of use only where it stands for a person. */
  private boolean comes(OldFace face) {
    if (face.image() != null && images.containsKey(face.image())
        || face.isConfirmed() && face.parent() == null) {
      return true;
    }
    counts.facesLeft++;
    remarks.tell(
        OldTables.FACES,
        face.id(),
        face.image() == null
            ? "It hangs on no image and stands for no person."
            : "Its image %d did not come over.".formatted(face.image()));
    return false;
  }

  private void bring(List<Fresh> fresh) {
    Map<Long, List<Here>> ofPhotos = ofPhotos(fresh);
    Map<Long, Here> parents = parents(fresh.stream().map(each -> each.face().parent()).toList());
    Set<Long> taken = taken(fresh);
    Map<Long, Long> came = new TreeMap<>();
    Map<Long, Long> joined = new TreeMap<>();
    for (Fresh each : fresh) {
      OldFace face = each.face();
      float[] encoding = encoding(face.id(), each.row().text("encoding"));
      List<Here> there =
          each.photo() == null
              ? List.of()
              : ofPhotos.computeIfAbsent(each.photo(), none -> new ArrayList<>());
      Here parent = face.parent() == null ? null : parents.get(face.parent());
      Here same = same(face, encoding, there);
      if (same != null) {
        joined.put(face.id(), same.id());
        counts.facesJoined++;
        Here joint = join(face, same, parent);
        there.replaceAll(one -> one.id() == joint.id() ? joint : one);
        continue;
      }
      Here kept = insert(each, encoding, parent, there, taken.contains(face.id()));
      came.put(face.id(), kept.id());
      taken.add(kept.id());
      counts.faces++;
      if (each.photo() != null) {
        there.add(kept);
      }
    }
    ids.note(ImportIds.FACES, came);
    ids.note(ImportIds.JOINED, joined);
  }

  private Map<Long, List<Here>> ofPhotos(List<Fresh> fresh) {
    Map<Long, List<Here>> ofPhotos = new HashMap<>();
    List<Long> asked =
        fresh.stream().map(Fresh::photo).filter(Objects::nonNull).distinct().toList();
    if (!asked.isEmpty()) {
      database
          .sql(
              """
              select f.id, f.image_id, f.face_index, f.status, f.parent_id, f.name, f.descriptor, m.old_id
              from faces f left join import_ids m on m.kind = 'faces' and m.new_id = f.id
              where f.image_id in (:photos) and f.deleted_at is null
              """)
          .param("photos", asked)
          .query(FaceImport::here)
          .list()
          .forEach(
              face ->
                  ofPhotos
                      .computeIfAbsent(
                          Objects.requireNonNull(face.photo()), none -> new ArrayList<>())
                      .add(face));
    }
    return ofPhotos;
  }

  /** The faces here that the old parents have become; of one that is a child here, its root. */
  private Map<Long, Here> parents(Collection<@Nullable Long> oldParents) {
    List<Long> asked = oldParents.stream().filter(Objects::nonNull).distinct().toList();
    Map<Long, Long> known = ids.of(asked, ImportIds.FACES, ImportIds.JOINED);
    Map<Long, Here> faces = faces(known.values());
    Map<Long, Here> roots =
        faces(
            faces.values().stream().map(Here::parent).filter(Objects::nonNull).distinct().toList());
    Map<Long, Here> parents = new HashMap<>();
    known.forEach(
        (old, id) -> {
          Here face = faces.get(id);
          Here root = face == null || face.parent() == null ? face : roots.get(face.parent());
          if (root != null) {
            parents.put(old, root);
          }
        });
    return parents;
  }

  private Map<Long, Here> faces(Collection<Long> asked) {
    Map<Long, Here> faces = new HashMap<>();
    if (!asked.isEmpty()) {
      database
          .sql(
              """
              select id, image_id, face_index, status, parent_id, name, descriptor, null as old_id
              from faces where id in (:ids) and deleted_at is null
              """)
          .param("ids", asked)
          .query(FaceImport::here)
          .list()
          .forEach(face -> faces.put(face.id(), face));
    }
    return faces;
  }

  /** The ids there that are other faces' here. */
  private Set<Long> taken(List<Fresh> fresh) {
    return new HashSet<>(
        database
            .sql("select id from faces where id in (:ids)")
            .param("ids", fresh.stream().map(each -> each.face().id()).toList())
            .query(Long.class)
            .list());
  }

  /** 128 finite numbers; null: there is none that is whole. */
  private float @Nullable [] encoding(long id, @Nullable String json) {
    if (json == null) {
      return null;
    }
    try {
      JsonNode numbers = JSON.readTree(json);
      float[] encoding = new float[FaceFinder.ENCODING];
      boolean whole = numbers.isArray() && numbers.size() == encoding.length;
      for (int i = 0; whole && i < encoding.length; i++) {
        encoding[i] = (float) numbers.get(i).asDouble();
        whole = numbers.get(i).isNumber() && Float.isFinite(encoding[i]);
      }
      if (whole) {
        return encoding;
      }
    } catch (JsonProcessingException e) {
      // told below
    }
    remarks.tell(
        OldTables.FACES,
        id,
        "Its encoding is none of %d numbers: it comes over without one, and nothing is matched with it."
            .formatted(FaceFinder.ENCODING));
    return null;
  }

  /** The face here of the same pixels, that is not of the same image there. */
  private @Nullable Here same(OldFace face, float @Nullable [] encoding, List<Here> there) {
    for (Here each : there) {
      OldFace old = each.old() == null ? null : people.old(each.old());
      boolean ofThisImage = old != null && Objects.equals(old.image(), face.image());
      if (encoding != null
          && each.encoding() != null
          && !ofThisImage
          && Encoding.distance(encoding, each.encoding()) < SAME) {
        return each;
      }
    }
    return null;
  }

  /** Two faces are one: what was decided of the one that comes counts where nothing was yet. */
  private Here join(OldFace face, Here same, @Nullable Here parent) {
    if (face.is("process")) {
      return same;
    }
    if (!same.status().equals("process")) {
      Long root = same.parent() == null ? Long.valueOf(same.id()) : same.parent();
      Long wanted = parent == null ? null : parent.id();
      if (!same.status().equals(face.status())
          || face.isConfirmed() && !Objects.equals(same.name(), face.name())
          || wanted != null && !wanted.equals(root)) {
        remarks.tell(
            OldTables.FACES,
            face.id(),
            "It is the same face as %d here, of an image of the same bytes, of which something else was decided: that stands."
                .formatted(same.id()));
      }
      return same;
    }
    return decide(same, face, parent);
  }

  /** What was decided there is so here, too. */
  private Here decide(Here now, OldFace face, @Nullable Here parent) {
    boolean under = parent != null && parent.id() != now.id() && mayStand(face, now, parent);
    Long root = under ? Objects.requireNonNull(parent).id() : null;
    Double distance = under ? distance(now.encoding(), Objects.requireNonNull(parent)) : null;
    String name = face.isConfirmed() && under ? Objects.requireNonNull(parent).name() : face.name();
    if (root != null || !face.isConfirmed()) {
      database
          .sql(
              """
              update faces set parent_id = null, known_parent_id = null, distance = null, revision = revision + 1,
                changed_at = current_timestamp(6) where parent_id = :id and status = 'process'
              """)
          .param("id", now.id())
          .update();
    }
    database
        .sql(
            """
            update faces set parent_id = :parent, name = :name, status = :status, known_parent_id = :parent,
              known_name = :name, known_status = :status, distance = :distance,
              revision = revision + 1, changed_at = current_timestamp(6), updated_at = current_timestamp(3)
            where id = :id
            """)
        .param("parent", root)
        .param("name", name)
        .param("status", face.status())
        .param("distance", distance)
        .param("id", now.id())
        .update();
    return new Here(
        now.id(), now.photo(), now.index(), face.status(), root, name, now.encoding(), now.old());
  }

  private static boolean mayStand(OldFace face, Here now, Here parent) {
    return parent.standsForAPerson()
        || face.is("process")
            && parent.status().equals("process")
            && parent.parent() == null
            && Objects.equals(parent.photo(), now.photo());
  }

  private static @Nullable Double distance(float @Nullable [] encoding, Here parent) {
    return encoding == null || parent.encoding() == null
        ? null
        : Encoding.distance(encoding, parent.encoding());
  }

  private Here insert(
      Fresh fresh,
      float @Nullable [] encoding,
      @Nullable Here parent,
      List<Here> there,
      boolean isTaken) {
    OldFace face = fresh.face();
    Here now =
        new Here(
            face.id(),
            fresh.photo(),
            index(fresh, there),
            face.status(),
            null,
            face.name(),
            encoding,
            face.id());
    Double distance = parent == null ? null : distance(encoding, parent);
    boolean suggestedAnew =
        face.is("process") && face.parent() != null && people.isHeir(face.parent());
    Here root =
        parent != null
                && mayStand(face, now, parent)
                && !(suggestedAnew && (distance == null || distance >= threshold))
            ? parent
            : null;
    KeyHolder key = new GeneratedKeyHolder();
    Long wanted = isTaken || face.id() > Photos.HIGHEST_ID ? null : face.id();
    database
        .sql(
            """
            insert into faces (id, parent_id, image_id, face_index, name, encoding, descriptor, status, distance,
              created_at, updated_at)
            values (:id, :parent, :photo, :index, :name, :encoding, :descriptor, :status, :distance, :created, :updated)
            """)
        .param("id", wanted)
        .param("parent", root == null ? null : root.id())
        .param("photo", fresh.photo())
        .param("index", now.index())
        .param("name", face.name())
        .param("encoding", encoding == null ? null : fresh.row().text("encoding"))
        .param("descriptor", encoding == null ? null : Encoding.bytes(encoding))
        .param("status", face.status())
        .param("distance", root == null ? null : distance)
        .param("created", Times.text(fresh.row().time("created_at")))
        .param("updated", Times.text(fresh.row().time("updated_at")))
        .update(key, "id");
    Number id = wanted == null ? key.getKey() : wanted;
    if (id == null) {
      throw new IllegalStateException("The database gave no key for a face");
    }
    return new Here(
        id.longValue(),
        now.photo(),
        now.index(),
        now.status(),
        root == null ? null : root.id(),
        now.name(),
        encoding,
        face.id());
  }

  /** Its own; of two images that are one photo the next that is free. */
  private static int index(Fresh fresh, List<Here> there) {
    Long said = fresh.row().number("face_index");
    int index = said == null || said > Integer.MAX_VALUE ? 0 : said.intValue();
    Set<Integer> taken = new HashSet<>();
    there.forEach(each -> taken.add(each.index()));
    while (taken.contains(index)) {
      index++;
    }
    return index;
  }

  /** What was decided there since it came over, and not here, comes over. */
  private void follow(Map<Long, Long> known) {
    Map<Long, Long> own = ids.of(known.keySet(), ImportIds.FACES);
    Map<Long, Here> faces = faces(own.values());
    Set<Long> joined = new HashSet<>(ids.all(ImportIds.JOINED).values());
    Map<Long, Here> parents =
        parents(
            own.keySet().stream()
                .map(id -> Objects.requireNonNull(people.placed(id)).parent())
                .toList());
    own.forEach(
        (old, id) -> {
          OldFace face = Objects.requireNonNull(people.placed(old));
          Here now = faces.get(id);
          if (now == null || face.is("process") && joined.contains(id)) {
            return; // gone here, or decided as the other that it is one with
          }
          Here parent = face.parent() == null ? null : parents.get(face.parent());
          if (differs(face, now, parent)) {
            if (isDecidedHere(id)) {
              remarks.tell(
                  OldTables.FACES,
                  old,
                  "Something else was decided of it here (face %d) than there: that stands."
                      .formatted(id));
            } else {
              decide(now, face, parent);
              counts.changed++;
            }
          }
        });
  }

  /** Suggestions may differ: those of here are newer. */
  private static boolean differs(OldFace face, Here now, @Nullable Here parent) {
    Long wanted = parent == null || !parent.standsForAPerson() ? null : parent.id();
    if (wanted != null && wanted == now.id()) {
      wanted = null;
    }
    return !face.status().equals(now.status())
        || face.isConfirmed()
            && (!Objects.equals(wanted, now.parent())
                || !Objects.equals(
                    wanted == null ? face.name() : Objects.requireNonNull(parent).name(),
                    now.name()));
  }

  private boolean isDecidedHere(long id) {
    return database
            .sql("select count(*) from decision_faces where face_id = :id and kind = 'decided'")
            .param("id", id)
            .query(Long.class)
            .single()
        > 0;
  }

  /** Deletes what was deleted there since it came over, but for what was decided about here. */
  void deleteGone() {
    Map<Long, Long> gone = new TreeMap<>(ids.all(ImportIds.FACES));
    gone.keySet().removeIf(old -> people.placed(old) != null);
    gone.forEach(
        (old, id) ->
            transaction.executeWithoutResult(
                status -> {
                  if (faces(List.of(id)).isEmpty()) {
                    return; // gone here, too
                  }
                  if (isDecidedHere(id)) {
                    remarks.tell(
                        OldTables.FACES,
                        old,
                        "It is deleted there, but was decided about here (face %d): it stays."
                            .formatted(id));
                    return;
                  }
                  List<Long> left = under(id);
                  delete(id);
                  ids.note(ImportIds.DELETED, Map.of(old, id));
                  counts.changed++;
                  follow(left);
                }));
  }

  /** Those that came over and stand under a face here, by their ids there. */
  private List<Long> under(long id) {
    return database
        .sql(
            """
            select m.old_id from faces f join import_ids m on m.kind = 'faces' and m.new_id = f.id
            where f.parent_id = :id and f.deleted_at is null
            """)
        .param("id", id)
        .query(Long.class)
        .list();
  }

  /** Brings back what was deleted here and is there again, with those that stand under it. */
  void putBack() {
    Map<Long, Long> again = new TreeMap<>(ids.all(ImportIds.DELETED));
    again.keySet().removeIf(old -> people.placed(old) == null);
    if (again.isEmpty()) {
      return;
    }
    transaction.executeWithoutResult(
        status -> {
          again.forEach(
              (old, id) -> {
                int there =
                    database
                        .sql(
                            """
                            update faces set deleted_at = null, known_deleted = false, revision = revision + 1,
                              changed_at = current_timestamp(6), updated_at = current_timestamp(3) where id = :id
                            """)
                        .param("id", id)
                        .update();
                ids.forget(ImportIds.DELETED, old);
                if (there == 0) {
                  ids.forget(ImportIds.FACES, old); // its row is cleaned away: it comes anew
                } else {
                  counts.changed++;
                }
              });
          follow(again.keySet());
          follow(people.under(again.keySet()));
        });
  }

  /** Has these be as they are there: first those that stand for somebody. */
  private void follow(Collection<Long> olds) {
    Map<Boolean, List<Long>> roots =
        olds.stream()
            .filter(old -> people.placed(old) != null)
            .collect(
                Collectors.partitioningBy(
                    old -> Objects.requireNonNull(people.placed(old)).parent() == null));
    for (boolean root : new boolean[] {true, false}) {
      List<Long> some = Objects.requireNonNull(roots.get(root));
      if (!some.isEmpty()) {
        follow(ids.of(some, ImportIds.FACES));
      }
    }
  }

  /** As a search does that replaces it: marked first, so that every node hears of it. */
  private void delete(long id) {
    database
        .sql(
            """
            update faces set parent_id = null, known_parent_id = null, distance = null, revision = revision + 1,
              changed_at = current_timestamp(6) where parent_id = :id
            """)
        .param("id", id)
        .update();
    database
        .sql(
            """
            update faces set parent_id = null, known_parent_id = null, deleted_at = current_timestamp(3),
              known_deleted = true, revision = revision + 1, changed_at = current_timestamp(6) where id = :id
            """)
        .param("id", id)
        .update();
  }
}
