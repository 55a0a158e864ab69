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
  private final Set<Long> putBack = new HashSet<>();

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

  /** What was asked about is put back for review: it is somebody else, so nobody is suggested. */
  void putBack() {
    putBack.addAll(asked);
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

  /** Lets all faces of a person stand under another. */
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
      if (child.now.is(FaceState.PROCESS)
          && child.isUnder(root.id)
          && !root.now.standsForAPerson()) {
        // Those that this program has found are suggested anew; others follow the person.
        child.now =
            heir == null
                ? child.now.under(null, null)
                : child.now.under(heir.id, child.now.distance());
      }
    }
  }

  private static boolean isOfAnotherName(FaceRow child, FaceRow root) {
    String name = child.now.name();
    return name != null && !name.equals(root.now.name());
  }

  /**
   * Suggests people anew wherever this decision may make a difference: in the photos of the faces
   * it changes, of those that are thought to be people it changes, and of those that are like faces
   * it has confirmed. A face that it puts back for review is left without a person.
   */
  void suggest(FaceIndex index) {
    Set<Long> people = new HashSet<>();
    Set<Long> near = new HashSet<>();
    Set<Long> photos = new HashSet<>();
    List<FaceRow> changed = changed();
    readEncodings(changed);
    for (FaceRow row : changed) {
      for (FaceState state : List.of(row.before, row.now)) {
        Long parent = state.parentId();
        if (parent != null || state.standsForAPerson()) {
          people.add(parent == null ? Long.valueOf(row.id) : parent);
        }
      }
      if (row.photo != null) {
        photos.add(row.photo);
      }
      float[] encoding = encodings.get(row.id);
      if (row.now.is(FaceState.OK) && asked.contains(row.id) && encoding != null) {
        index.toReviewWithin(encoding, threshold).forEach(match -> near.add(match.face()));
      }
    }
    photos.addAll(table.photosOfSuggested(people));
    photos.addAll(table.photos(near));
    suggest(index, photos);
  }

  /** Suggests people anew for the faces to review of these photos. */
  void suggest(FaceIndex index, Collection<Long> photos) {
    List<Long> ids = new ArrayList<>(table.toReview(photos));
    rows.values().stream()
        .filter(row -> row.photo != null && photos.contains(row.photo))
        .filter(row -> row.isChanged() && row.hasBox && row.now.is(FaceState.PROCESS))
        .forEach(row -> ids.add(row.id));
    load(ids);
    List<FaceRow> toReview =
        ids.stream()
            .distinct()
            .map(rows::get)
            .filter(Objects::nonNull)
            .filter(row -> row.now.is(FaceState.PROCESS) && !putBack.contains(row.id))
            // What the site wrote is heard first, and suggested anew then.
            .filter(row -> row.written == null || row.isChanged())
            .toList();
    readEncodings(toReview);
    List<FaceRow> changed = changed();
    readEncodings(changed);
    Map<Long, Suggestions> byPhoto = new HashMap<>();
    for (FaceRow row : toReview) {
      float[] encoding = encodings.get(row.id);
      if (encoding != null && row.photo != null) {
        byPhoto
            .computeIfAbsent(row.photo, photo -> new Suggestions())
            .add(row.id, people(encoding, index, changed));
      }
    }
    Map<Long, FaceIndex.Match> chosen = new HashMap<>();
    byPhoto.values().forEach(each -> chosen.putAll(each.chosen()));
    for (FaceRow row : toReview) {
      if (encodings.containsKey(row.id)) {
        FaceIndex.Match person = chosen.get(row.id);
        row.now =
            person == null
                ? row.now.under(null, null)
                : row.now.under(person.face(), person.distance());
      }
    }
  }

  /** Who it may be, as things are after this decision, each at the distance of its nearest face. */
  private Map<Long, Double> people(float[] encoding, FaceIndex index, List<FaceRow> changed) {
    Map<Long, Double> people = new HashMap<>();
    for (FaceIndex.Known known : index.confirmedWithin(encoding, threshold)) {
      FaceRow row = rows.get(known.face());
      if (row == null || !row.isChanged()) {
        people.merge(known.person(), known.distance(), Math::min);
      }
    }
    for (FaceRow row : changed) {
      float[] confirmed = encodings.get(row.id);
      if (row.now.is(FaceState.OK) && confirmed != null) {
        Long parent = row.now.parentId();
        double distance = Encoding.distance(encoding, confirmed);
        if (distance < threshold) {
          people.merge(parent == null ? Long.valueOf(row.id) : parent, distance, Math::min);
        }
      }
    }
    load(people.keySet());
    people
        .keySet()
        .removeIf(
            id -> {
              FaceRow root = rows.get(id);
              return root == null || !root.now.standsForAPerson();
            });
    return people;
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
