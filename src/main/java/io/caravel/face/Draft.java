package io.caravel.face;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A decision in the making: the rows it locks, and what they shall be. Within one transaction, on
 * one thread.
 */
final class Draft {
  /** Confirmed faces of one decision that the faces to review are matched with, the best. */
  private static final int PATTERNS = 32;

  /** Of the confirmed faces of a person, the one to stand for it comes first. */
  private static final Comparator<FaceRow> BEST =
      Comparator.comparing((FaceRow row) -> !row.visible)
          .thenComparing(row -> -row.score)
          .thenComparing(row -> row.id);

  private final FaceTable table;
  private final double threshold;
  private final Map<Long, FaceRow> rows = new TreeMap<>();
  private final Map<Long, float[]> encodings = new HashMap<>();
  private final Set<Long> encodingsRead = new HashSet<>();
  private final Set<Long> childrenRead = new HashSet<>();
  private final Set<Long> asked = new LinkedHashSet<>();
  private final Set<Long> relied = new LinkedHashSet<>();

  Draft(FaceTable table, double threshold) {
    this.table = table;
    this.threshold = threshold;
  }

  /** Locks those of the faces that are there and are not locked yet. */
  void load(Collection<Long> ids) {
    List<Long> missing = ids.stream().filter(id -> !rows.containsKey(id)).toList();
    table.lock(missing).forEach(row -> rows.put(row.id, row));
  }

  /** Null when it is not there. */
  @Nullable FaceRow find(long id) {
    load(List.of(id));
    return rows.get(id);
  }

  FaceRow row(long id) {
    FaceRow row = find(id);
    if (row == null) {
      throw FaceTable.unknown(id);
    }
    return row;
  }

  /** A person decides about this face itself. */
  void ask(FaceRow face) {
    asked.add(face.id);
  }

  /** The faces that stand under a root as things are now. */
  List<FaceRow> under(long root) {
    readChildren(List.of(root));
    return rows.values().stream().filter(row -> row.isUnder(root)).toList();
  }

  private void readChildren(Collection<Long> roots) {
    List<Long> unread = roots.stream().filter(childrenRead::add).toList();
    load(table.under(unread));
  }

  /** Confirms a face as one of a person. */
  void join(FaceRow face, FaceRow person) {
    Double distance = face.isUnder(person.id) ? face.now.distance() : null;
    face.now =
        new FaceState(
            person.id,
            person.now.name(),
            FaceState.OK,
            distance == null ? distance(face, person) : distance);
    relied.add(person.id);
  }

  /** Lets all faces of a person stand under another; suggestions keep their distance. */
  void merge(FaceRow person, FaceRow into) {
    relied.add(into.id);
    for (FaceRow child : under(person.id)) {
      child.now = child.now.under(into.id, child.now.distance());
      if (child.now.is(FaceState.OK)) {
        child.now = child.now.named(into.now.name());
      }
    }
    join(person, into);
  }

  /** Gives a person another name, and its confirmed faces with it. */
  void rename(FaceRow person, String name) {
    person.now = person.now.named(name);
    for (FaceRow child : under(person.id)) {
      if (child.now.is(FaceState.OK)) {
        child.now = child.now.named(name);
      }
    }
  }

  /**
   * Lets a person live on in another confirmed face, which its faces then stand under.
   *
   * @return false when there is none in a visible photo
   */
  boolean liveOn(FaceRow root) {
    FaceRow heir =
        under(root.id).stream()
            .filter(child -> child.now.is(FaceState.OK) && child.visible)
            .min(BEST)
            .orElse(null);
    if (heir == null) {
      return false;
    }
    heir.now = FaceState.root(root.now.name());
    for (FaceRow child : under(root.id)) {
      child.now = child.now.under(heir.id, child.now.distance());
    }
    root.now = root.now.under(heir.id, distance(root, heir));
    return true;
  }

  /** Gives a home to whoever stands under a face that stands for another, or for nobody, now. */
  void settle() {
    List<FaceRow> roots =
        rows.values().stream()
            .filter(row -> row.isChanged() && row.before.parentId() == null)
            .toList();
    readChildren(roots.stream().map(row -> row.id).toList());
    Map<Long, List<FaceRow>> byParent = new HashMap<>();
    for (FaceRow row : rows.values()) {
      Long parent = row.now.parentId();
      if (parent != null) {
        byParent.computeIfAbsent(parent, id -> new ArrayList<>()).add(row);
      }
    }
    for (FaceRow root : roots) {
      settle(root, byParent.getOrDefault(root.id, List.of()));
    }
  }

  private void settle(FaceRow root, List<FaceRow> children) {
    List<FaceRow> stranded =
        children.stream()
            .filter(child -> child.now.is(FaceState.OK))
            .filter(child -> !root.now.standsForAPerson() || isOfAnotherName(child, root))
            .toList();
    FaceRow heir = stranded.stream().min(BEST).orElse(null);
    if (heir != null) {
      readEncodings(children);
      String name = heir.now.name();
      heir.now = FaceState.root(name == null ? root.before.name() : name);
      for (FaceRow child : stranded) {
        if (child != heir) {
          child.now = child.now.under(heir.id, distance(child, heir));
        }
      }
    }
    for (FaceRow child : children) {
      if (child.now.is(FaceState.PROCESS) && child.isUnder(root.id)) {
        suggestAnew(child, root, heir);
      }
    }
  }

  private static boolean isOfAnotherName(FaceRow child, FaceRow root) {
    String name = child.now.name();
    return name != null && !name.equals(root.now.name());
  }

  private void suggestAnew(FaceRow child, FaceRow root, @Nullable FaceRow heir) {
    Double toHeir = heir == null ? null : distance(child, heir);
    if (heir != null && toHeir != null && toHeir < threshold) {
      child.now = child.now.under(heir.id, toHeir);
    } else if (root.now.standsForAPerson()) {
      return;
    } else if (root.now.is(FaceState.OK) || isOnlySuggested(root)) {
      // What it was matched with is a face of that person now.
      child.now = child.now.under(root.now.parentId(), child.now.distance());
    } else if (!isRootOfItsPhoto(root, child)) {
      child.now = child.now.under(null, null);
    }
  }

  /** A face to review that was one before: it has only been given a suggestion. */
  private static boolean isOnlySuggested(FaceRow root) {
    return root.now.parentId() != null
        && root.now.is(FaceState.PROCESS)
        && root.before.is(FaceState.PROCESS);
  }

  /** Of the faces to review of one photo, one may stand for the others. */
  boolean isRootOfItsPhoto(FaceRow root, FaceRow child) {
    return root.now.parentId() == null
        && root.now.is(FaceState.PROCESS)
        && root.photo != null
        && root.photo.equals(child.photo);
  }

  /** Matches the faces to review with those that this decision has confirmed. */
  void suggest(FaceIndex index) {
    List<FaceRow> confirmed =
        rows.values().stream()
            .filter(row -> row.isChanged() && row.now.is(FaceState.OK) && asked.contains(row.id))
            .sorted(
                Comparator.comparing((FaceRow row) -> !row.now.standsForAPerson())
                    .thenComparing(BEST))
            .limit(PATTERNS)
            .toList();
    readEncodings(confirmed);
    Map<Long, FaceState> nearest = new HashMap<>();
    for (FaceRow pattern : confirmed) {
      float[] encoding = encodings.get(pattern.id);
      if (encoding != null) {
        Long person =
            pattern.now.parentId() == null ? Long.valueOf(pattern.id) : pattern.now.parentId();
        for (FaceIndex.Match match : index.toReviewWithin(encoding, threshold)) {
          nearest.merge(
              match.face(),
              new FaceState(person, null, FaceState.PROCESS, match.distance()),
              (one, other) -> isNearer(other, one) ? other : one);
        }
      }
    }
    load(nearest.keySet());
    nearest.forEach(
        (id, suggestion) -> {
          FaceRow row = rows.get(id);
          if (row != null
              && row.now.is(FaceState.PROCESS)
              && !asked.contains(id)
              && isNearer(suggestion, row.now)) {
            row.now = row.now.under(suggestion.parentId(), suggestion.distance());
          }
        });
  }

  /** Whether a suggestion is to take the place of what a face has. */
  static boolean isNearer(FaceState suggestion, FaceState present) {
    Double distance = suggestion.distance();
    Double held = present.distance();
    return present.parentId() == null || held == null || (distance != null && distance < held);
  }

  private @Nullable Double distance(FaceRow one, FaceRow other) {
    readEncodings(List.of(one, other));
    float[] from = encodings.get(one.id);
    float[] to = encodings.get(other.id);
    return from == null || to == null ? null : Encoding.distance(from, to);
  }

  private void readEncodings(Collection<FaceRow> faces) {
    encodings.putAll(
        table.encodings(faces.stream().map(row -> row.id).filter(encodingsRead::add).toList()));
  }

  /** The best of the faces to stand for a new person. */
  static FaceRow best(Collection<FaceRow> faces) {
    return faces.stream().min(BEST).orElseThrow();
  }

  List<FaceRow> changed() {
    return rows.values().stream().filter(FaceRow::isChanged).toList();
  }

  /** How a row stands in the ledger: decided by a person, or a suggestion that went along. */
  String kind(FaceRow row) {
    boolean suggestion =
        row.before.is(FaceState.PROCESS)
            && row.now.is(FaceState.PROCESS)
            && !asked.contains(row.id);
    return suggestion ? Ledger.FOLLOWS : Ledger.DECIDED;
  }

  /** The roots that the changed faces had or have and that stay as they are. */
  List<FaceRow> relied() {
    Set<Long> all = new LinkedHashSet<>(relied);
    for (FaceRow row : changed()) {
      for (FaceState state : List.of(row.before, row.now)) {
        Long parent = state.parentId();
        if (state.is(FaceState.OK) && parent != null) {
          all.add(parent);
        }
      }
    }
    load(all);
    return all.stream()
        .map(rows::get)
        .filter(Objects::nonNull)
        .filter(row -> !row.isChanged())
        .toList();
  }
}
