package io.caravel.takeover;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The faces of the old site as the people they make: there a parent may have a parent itself, be in
 * a ring, be deleted, or be no confirmed face. Here each face stands under a root or is one: a
 * confirmed face, or of the faces to review of one photo the first.
 */
final class OldPeople {
  private final TreeMap<Long, OldFace> faces = new TreeMap<>();
  private final Map<Long, Long> roots = new HashMap<>();
  private final Map<Long, OldFace> placed = new HashMap<>();

  void add(OldFace face) {
    faces.put(face.id(), face);
  }

  /** How a face shall come over; null: not at all. */
  @Nullable OldFace placed(long id) {
    return placed.get(id);
  }

  /** Those that shall stand under one of these. */
  List<Long> under(Collection<Long> roots) {
    return placed.values().stream()
        .filter(face -> face.parent() != null && roots.contains(face.parent()))
        .map(OldFace::id)
        .toList();
  }

  /** A face as it was; null: there is none. */
  @Nullable OldFace old(long id) {
    return faces.get(id);
  }

  /** Whether a face stands for a person in place of another that does not come over. */
  boolean isHeir(long id) {
    Long root = roots.get(id);
    return root != null && root != id;
  }

  /** The greatest number of a face there that a counter may have drawn; 0: there is none. */
  long highest() {
    return Objects.requireNonNullElse(faces.lowerKey(Counters.HIGHEST), 0L);
  }

  /** How many faces there are. */
  int size() {
    return faces.size();
  }

  /** The images that were searched: faces of them are to come over. */
  Set<Long> images() {
    Set<Long> images = new LinkedHashSet<>();
    faces.values().stream()
        .filter(face -> !face.deleted() && face.image() != null)
        .forEach(face -> images.add(Objects.requireNonNull(face.image())));
    return images;
  }

  /**
   * Finds the place of each face.
   *
   * @param comes whether the image of that id comes over
   */
  void place(LongPredicate comes, Remarks remarks) {
    Map<Long, List<OldFace>> groups = new LinkedHashMap<>();
    for (OldFace face : faces.values()) {
      if (!face.deleted()) {
        groups.computeIfAbsent(root(face.id()), root -> new ArrayList<>()).add(face);
      }
    }
    groups.forEach((root, members) -> place(root, members, comes, remarks));
    tellNamesakes(remarks);
  }

  /** The end of the chain of parents; of a ring, the first that is confirmed, else the first. */
  private long root(long id) {
    List<Long> way = new ArrayList<>();
    Set<Long> seen = new LinkedHashSet<>();
    long at = id;
    while (true) {
      Long known = roots.get(at);
      OldFace face = faces.get(at);
      if (known != null) {
        at = known;
        break;
      }
      if (!seen.add(at)) {
        at = firstOfRing(way.subList(way.indexOf(at), way.size()));
        break;
      }
      way.add(at);
      if (face == null || face.parent() == null) {
        break;
      }
      at = face.parent();
    }
    for (long each : way) {
      roots.put(each, at);
    }
    return at;
  }

  private long firstOfRing(List<Long> ring) {
    return ring.stream()
        .filter(id -> isAliveAndConfirmed(faces.get(id)))
        .min(Long::compare)
        .orElseGet(() -> ring.stream().min(Long::compare).orElseThrow());
  }

  private static boolean isAliveAndConfirmed(@Nullable OldFace face) {
    return face != null && !face.deleted() && face.isConfirmed();
  }

  private void place(long rootId, List<OldFace> members, LongPredicate comes, Remarks remarks) {
    OldFace root = faces.get(rootId);
    OldFace leader = leader(root, members, comes);
    String name = leader == null ? null : name(root, leader, members);
    for (OldFace face : members) {
      placed.put(face.id(), place(face, root, leader, name, remarks));
    }
    if (leader != null && leader.id() != rootId && members.size() > 1) {
      remarks.tell(
          OldTables.FACES,
          rootId,
          "It stands for no person here (%s): face %d does in its place."
              .formatted(reason(root, comes), leader.id()));
    }
  }

  private static String reason(@Nullable OldFace root, LongPredicate comes) {
    if (root == null) {
      return "it is not there";
    }
    if (root.deleted()) {
      return "it was deleted";
    }
    return root.isConfirmed() && !hasImage(root, comes)
        ? "its image does not come over"
        : "its status is " + root.status();
  }

  private static boolean hasImage(OldFace face, LongPredicate comes) {
    return face.image() != null && comes.test(face.image());
  }

  /** The confirmed face that stands for the person; null: they are no person's. */
  private static @Nullable OldFace leader(
      @Nullable OldFace root, List<OldFace> members, LongPredicate comes) {
    boolean rootIsConfirmed = isAliveAndConfirmed(root);
    if (root != null && rootIsConfirmed && hasImage(root, comes)) {
      return root;
    }
    return members.stream()
        .filter(OldFace::isConfirmed)
        .filter(face -> hasImage(face, comes))
        .findFirst()
        .orElseGet(
            () ->
                rootIsConfirmed
                    ? root
                    : members.stream().filter(OldFace::isConfirmed).findFirst().orElse(null));
  }

  private static @Nullable String name(
      @Nullable OldFace root, OldFace leader, List<OldFace> members) {
    if (leader.name() != null) {
      return leader.name();
    }
    return root != null && root.isConfirmed() && root.name() != null
        ? root.name()
        : members.stream()
            .filter(OldFace::isConfirmed)
            .map(OldFace::name)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
  }

  private OldFace place(
      OldFace face,
      @Nullable OldFace root,
      @Nullable OldFace leader,
      @Nullable String name,
      Remarks remarks) {
    Long parent = null;
    String called = face.name();
    if (face.isConfirmed()) {
      parent = leader == null || leader.id() == face.id() ? null : leader.id();
      called = name;
      if (face.name() != null && !face.name().equals(name)) {
        remarks.tell(
            OldTables.FACES,
            face.id(),
            "It is called \"%s\" there, but stands under face %d, \"%s\": it is called so here."
                .formatted(face.name(), parent, name));
      }
    } else if (face.is("process") && face.parent() != null) {
      if (leader != null) {
        parent = leader.id();
      } else if (root != null
          && root.id() != face.id()
          && !root.deleted()
          && root.is("process")
          && Objects.equals(root.image(), face.image())) {
        parent = root.id();
      }
    }
    if (parent == null && face.parent() != null && !(leader != null && leader.id() == face.id())) {
      remarks.tell(
          OldTables.FACES,
          face.id(),
          face.is("process")
              ? "Its parent %d stands for no person: it has none here.".formatted(face.parent())
              : "Its status is %s: it has no parent here (there %d)."
                  .formatted(face.status(), face.parent()));
    }
    return new OldFace(face.id(), parent, face.image(), face.status(), called, false);
  }

  /** People of one name stay as many as they are: whether they are one is not for us to say. */
  private void tellNamesakes(Remarks remarks) {
    Map<String, OldFace> people = new HashMap<>();
    for (long id : faces.keySet()) {
      OldFace face = placed.get(id);
      if (face != null && face.isConfirmed() && face.parent() == null && face.name() != null) {
        OldFace other = people.putIfAbsent(face.name(), face);
        if (other != null) {
          remarks.tell(
              OldTables.FACES,
              id,
              "It stands for a person called \"%s\" as face %d does: merge them under People if they are one."
                  .formatted(face.name(), other.id()));
        }
      }
    }
  }
}
