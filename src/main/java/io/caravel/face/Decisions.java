package io.caravel.face;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.face.SiteWrites.Written;
import io.caravel.ground.Failure;
import io.caravel.photo.TrashListener;
import io.caravel.request.Request;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What people decide about faces: each decision is one transaction and one row of the ledger. They
 * are made one after the other, over all nodes.
 */
@Component("decisions")
public class Decisions implements TrashListener {
  /** Faces in one decision. */
  static final int MOST = 5000;

  private static final Logger LOG = LoggerFactory.getLogger(Decisions.class);

  /** Who decides what comes with the trash. */
  private static final String PROGRAM = "caravel";

  private static final String TRASHED = "photo-trashed";
  private static final String RESTORED = "photo-restored";
  private static final String DELETED = "photo-deleted";

  /** Who decides what a photo's metadata say. */
  private static final String METADATA = "metadata";

  /** Who decides what the site writes into the rows by SQL. */
  private static final String DATABASE = "database";

  /** The longest chain of parents that is followed to its root. */
  private static final int LONGEST_CHAIN = 100;

  private final FaceTable table;
  private final SiteWrites site;
  private final SiteDeletions deletions;
  private final Ledger ledger;
  private final Undoing undoing;
  private final FaceIndex index;
  private final Faces kept;
  private final TransactionTemplate transaction;
  private final double threshold;

  Decisions(
      FaceTable table,
      SiteWrites site,
      SiteDeletions deletions,
      Ledger ledger,
      Undoing undoing,
      FaceIndex index,
      Faces kept,
      TransactionTemplate transaction,
      @Value("${caravel.face.threshold}") double threshold) {
    this.table = table;
    this.site = site;
    this.deletions = deletions;
    this.ledger = ledger;
    this.undoing = undoing;
    this.index = index;
    this.kept = kept;
    this.transaction = transaction;
    this.threshold = threshold;
  }

  /**
   * What came of a decision.
   *
   * @param decision null, and left out: all was so already
   * @param person whom the faces belong to now; null: nobody, or several
   * @param changed faces that it decided about, or that followed their root
   * @param suggested faces to review that have another suggestion now
   */
  public record Decided(
      @JsonInclude(JsonInclude.Include.NON_NULL) Ledger.@Nullable View decision,
      @Nullable Long person,
      int changed,
      int suggested) {}

  /**
   * Decides about faces.
   *
   * @param request its body is {"faces": [ids], "action": confirm | unknown | not_face | detach,
   *     and for confirm perhaps "name" or "person"}
   * @throws Failure bad-request, no-such-face, no-such-person, conflict
   */
  public Decided decide(Request request) {
    JsonNode wish = body(request);
    List<Long> faces = faces(wish.path("faces"));
    String action = wish.path("action").asText();
    String name = wish.hasNonNull("name") ? PersonName.clean(wish.get("name").asText()) : null;
    Long person = wish.hasNonNull("person") ? wish.get("person").asLong() : null;
    Decided decided =
        inTurn(draft -> decide(draft, within(draft, faces), action, name, person, request.who()));
    if (action.equals("confirm")) {
      kept.meetAgain(faces);
    }
    return decided;
  }

  private Decided decide(
      Draft draft,
      List<FaceRow> faces,
      String action,
      @Nullable String name,
      @Nullable Long person,
      String who) {
    return decide(draft, faces, action, name, person, who, "");
  }

  /**
   * @param note a sentence that is added; "": none
   */
  private Decided decide(
      Draft draft,
      List<FaceRow> faces,
      String action,
      @Nullable String name,
      @Nullable Long person,
      String who,
      String note) {
    if (!action.equals("confirm") && (name != null || person != null)) {
      throw bad("Only confirm takes a name or a person: leave them out for " + action + ".");
    }
    if (name != null && person != null) {
      throw bad("A name and a person are given: send the one or the other.");
    }
    faces.forEach(draft::ask);
    switch (action) {
      case "confirm" -> confirm(draft, faces, name, person);
      case "unknown", "not_face" -> faces.forEach(face -> face.now = FaceState.of(action));
      case "detach" -> {
        faces.forEach(face -> face.now = FaceState.of(FaceState.PROCESS));
        draft.putBack();
      }
      default -> throw bad("The action is one of confirm, unknown, not_face and detach.");
    }
    draft.settle();
    draft.suggest(index);
    return write(draft, action, who, Sentences.of(action, faces) + note, onePerson(faces));
  }

  /**
   * Puts a face that somebody has drawn among those to review.
   *
   * @param engine by which it was encoded
   * @return its id
   * @throws Failure no-such-photo; conflict: there is a face in that place already
   */
  long draw(long photo, FaceFinder.Face face, String engine, String who) {
    long[] drawn = {0};
    transaction.executeWithoutResult(
        status -> {
          kept.holdVisible(photo); // before its turn, as the trash does
          inTurn(
              draft -> {
                FaceRow row = draft.row(kept.keepDrawn(photo, face, engine));
                drawn[0] = row.id;
                draft.ask(row);
                row.now = FaceState.of(FaceState.PROCESS);
                draft.suggest(index);
                return write(draft, "draw", who, Sentences.drawn(row.id, photo), null);
              });
        });
    return drawn[0];
  }

  private static @Nullable Long onePerson(List<FaceRow> faces) {
    Set<Long> people = new TreeSet<>();
    for (FaceRow face : faces) {
      Long parent = face.now.parentId();
      if (face.now.is(FaceState.OK)) {
        people.add(parent == null ? Long.valueOf(face.id) : parent);
      }
    }
    return people.size() == 1 ? people.iterator().next() : null;
  }

  private void confirm(
      Draft draft, List<FaceRow> faces, @Nullable String name, @Nullable Long person) {
    if (name == null && person == null) {
      confirmSuggested(draft, faces);
      return;
    }
    Long known = name == null ? person : table.personNamed(name);
    FaceRow root;
    if (known == null) {
      root = Draft.best(faces);
      root.now = FaceState.root(name);
    } else {
      root = person(draft, known);
    }
    for (FaceRow face : faces) {
      if (face != root && !(face.now.is(FaceState.OK) && face.isUnder(root.id))) {
        draft.join(face, root);
      }
    }
  }

  private static void confirmSuggested(Draft draft, List<FaceRow> faces) {
    for (FaceRow face : faces) {
      if (face.now.is(FaceState.OK)) {
        continue;
      }
      Long suggested = face.now.parentId();
      FaceRow root = suggested == null ? null : draft.find(suggested);
      if (root == null || !root.now.standsForAPerson()) {
        throw conflict(
            "Face " + face.id + " has no suggested person to confirm: give a name or a person.");
      }
      draft.join(face, root);
    }
  }

  private static FaceRow person(Draft draft, long id) {
    FaceRow root = draft.find(id);
    if (root == null || !root.now.standsForAPerson()) {
      throw Failure.lasting(
          "no-such-person", "There is no person " + id + ": GET /api/people lists them.");
    }
    return root;
  }

  /**
   * Confirms a face as the person whom its photo's metadata name.
   *
   * @throws Failure bad-request, no-such-face, conflict
   */
  void byMetadata(long face, String name) {
    String clean = PersonName.clean(name);
    inTurn(draft -> decide(draft, within(draft, List.of(face)), "confirm", clean, null, METADATA));
    kept.meetAgain(List.of(face));
  }

  /**
   * Changes one face, as decisions do.
   *
   * @param request its body is any of {"name", "status", "parent_id"}; {@code If-Match}: the ETag
   *     that the caller has seen
   * @throws Failure bad-request, no-such-face, no-such-person, conflict, changed-meanwhile
   */
  public Decided edit(Request request) {
    long id = request.id();
    String ifMatch = request.text("If-Match");
    String who = request.who();
    JsonNode wish = body(request);
    String name = wish.hasNonNull("name") ? PersonName.clean(wish.get("name").asText()) : null;
    String status = wish.hasNonNull("status") ? wish.get("status").asText() : null;
    Long parent = wish.hasNonNull("parent_id") ? wish.get("parent_id").asLong() : null;
    boolean alone = wish.has("parent_id") && parent == null;
    Decided decided =
        inTurn(
            draft -> {
              FaceRow face = within(draft, List.of(id)).get(0);
              if (ifMatch != null && !matches(ifMatch, face)) {
                throw Failure.lasting(
                    "changed-meanwhile",
                    "Face " + id + " was changed meanwhile: load it again, then decide.");
              }
              boolean confirms = name != null || parent != null || FaceState.OK.equals(status);
              if (!confirms) {
                String action =
                    status == null || status.equals(FaceState.PROCESS) ? "detach" : status;
                if (status == null && !alone) {
                  throw bad("Give a name, a status or a parent_id that is to be set.");
                }
                return decide(draft, List.of(face), action, null, null, who);
              }
              if (status != null && !status.equals(FaceState.OK)) {
                throw bad(
                    "A face with a name or a parent_id has the status ok, not " + status + ".");
              }
              if (name != null && parent == null && face.now.standsForAPerson()) {
                return rename(draft, face, name, who);
              }
              return decide(draft, List.of(face), "confirm", name, parent, who);
            });
    kept.meetAgain(List.of(id));
    return decided;
  }

  /** RFC 9110, 13.1.1: any of the entity tags, strong; {@code *}: whatever it is. */
  private static boolean matches(String ifMatch, FaceRow face) {
    for (String each : ifMatch.split(",")) {
      String tag = each.strip();
      if (tag.equals("*") || tag.equals("\"" + face.revision + "\"")) {
        return true;
      }
    }
    return false;
  }

  private Decided rename(Draft draft, FaceRow person, String name, String who) {
    Long known = table.personNamed(name);
    if (known != null && known != person.id) {
      throw conflict(
          "Person " + known + " has that name already: merge the two, or choose another.");
    }
    draft.ask(person);
    String sentence = Sentences.renamed(person, name);
    draft.rename(person, name);
    return write(draft, "name", who, sentence, person.id);
  }

  /**
   * Makes one person of two.
   *
   * @param request of the person that goes; its body is {"into": id of the person that remains}
   * @throws Failure bad-request, no-such-person
   */
  public Decided merge(Request request) {
    long id = request.id();
    String who = request.who();
    long into = body(request).path("into").asLong();
    if (into == id) {
      throw bad("A person cannot be merged into itself: name two.");
    }
    return inTurn(
        draft -> {
          draft.load(List.of(id, into));
          FaceRow person = person(draft, id);
          FaceRow remains = person(draft, into);
          String sentence = Sentences.merged(person, remains);
          draft.ask(person);
          draft.merge(person, remains);
          draft.suggest(index);
          return write(draft, "merge", who, sentence, remains.id);
        });
  }

  /**
   * Takes a decision back; of an undo, makes its decision again.
   *
   * @throws Failure no-such-decision, conflict
   */
  public Decided undo(Request request) {
    long id = request.id();
    String who = request.who();
    return inTurn(
        draft -> {
          Ledger.Entry asked = ledger.entry(id);
          Ledger.Entry base = asked;
          boolean redo = false;
          for (Long undoes = base.undoes(); undoes != null; undoes = base.undoes()) {
            base = ledger.entry(undoes);
            redo = !redo;
          }
          if (base.action().equals(Ledger.PUT_BACK)) {
            throw conflict(
                "Decision %d changed nothing, so there is nothing to undo: it tells what was put back."
                    .formatted(id));
          }
          boolean ofTrash = base.action().equals(TRASHED);
          if (base.action().equals(DELETED) || (ofTrash && (redo || !rootIsVisible(draft, base)))) {
            throw conflict(
                "Decision "
                    + id
                    + " came with the trash: DELETE /api/photos/{id} and POST /api/photos/{id}/restore make and undo it.");
          }
          Long undoneBy = base.undoneBy();
          boolean stands = undoneBy == null;
          if (asked.undoneBy() != null
              || stands == redo
              || (redo && !Objects.equals(undoneBy, asked.id()))) {
            throw conflict(
                "Decision %d has been undone already, by decision %d: undo that one to have it again."
                    .formatted(id, asked.undoneBy() == null ? undoneBy : asked.undoneBy()));
          }
          return takeBackOrMakeAgain(draft, asked, base, redo, "undo", who);
        });
  }

  private Decided takeBackOrMakeAgain(
      Draft draft, Ledger.Entry asked, Ledger.Entry base, boolean redo, String action, String who) {
    if (redo) {
      undoing.makeAgain(base, asked, draft);
      if (base.action().equals("detach")) {
        draft.putBack();
      }
    } else {
      undoing.takeBack(base, draft);
    }
    draft.settle();
    draft.suggest(index);
    String sentence = Sentences.undone(base, redo);
    long entry = ledger.write(action, who, sentence, asked.id(), draft);
    ledger.undone(asked.id(), entry);
    if (redo) {
      ledger.standsAgain(base.id(), entry);
    } else {
      ledger.undone(base.id(), entry);
      if (base.standing() != base.id()) {
        ledger.undone(base.standing(), entry);
      }
    }
    keep(draft.changed());
    return decided(draft, entry, null);
  }

  /**
   * Makes decisions of what the site has written into the rows by SQL. What breaks a rule is
   * mended, or put back as it was, with an entry of its own in the ledger.
   */
  public void hear() {
    LocalDateTime at = site.look();
    deletions.note(transaction);
    if (!deletions.found().isEmpty()) {
      transaction.executeWithoutResult(
          status -> {
            table.takeTurn();
            deletions.bringBack();
          });
    }
    for (List<Long> found = site.found(); !found.isEmpty(); found = site.found()) {
      List<Long> faces = found;
      List<Long> confirmed =
          Objects.requireNonNull(
              transaction.execute(
                  status -> {
                    table.takeTurn();
                    return hear(faces);
                  }));
      if (!confirmed.isEmpty()) {
        kept.meetAgain(confirmed);
      }
    }
    site.looked(at);
  }

  /**
   * @return the faces that are confirmed now
   */
  private List<Long> hear(List<Long> found) {
    List<Written> written = found.isEmpty() ? List.of() : site.takeBack(found);
    tellAfterCommit(written.stream().map(Written::face).toList());
    Map<SiteWish, List<Written>> rejected = new LinkedHashMap<>();
    Map<SiteWish, List<Written>> roots = new LinkedHashMap<>();
    List<Written> children = new ArrayList<>();
    for (Written each : written) {
      SiteWish wish = SiteWish.of(each);
      if (wish == null) {
        children.add(each);
      } else {
        (wish.isConfirming() ? roots : rejected)
            .computeIfAbsent(wish, one -> new ArrayList<>())
            .add(each);
      }
    }
    rejected.forEach(this::hear);
    roots.forEach(this::hear);
    Map<SiteWish, List<Written>> joining = new LinkedHashMap<>(); // once their roots stand
    for (Written each : children) {
      joining.computeIfAbsent(under(each), one -> new ArrayList<>()).add(each);
    }
    joining.forEach(this::hear);
    return Stream.of(roots, joining)
        .flatMap(each -> each.values().stream())
        .flatMap(List::stream)
        .map(Written::face)
        .toList();
  }

  /** What is meant by a parent that was written, which may be no root, or nobody. */
  private SiteWish under(Written written) {
    long wanted = Objects.requireNonNull(written.written().parentId());
    FaceRow root = rootOf(new Draft(table, threshold), wanted, written.face());
    if (root == null || root.id == written.face() || !root.now.standsForAPerson()) {
      return SiteWish.nobody(written, wanted, root != null && root.id == written.face());
    }
    return SiteWish.under(written, root.id, root.now.name());
  }

  /** The root of a face, or the face itself that asks; null: it is not there. */
  private static @Nullable FaceRow rootOf(Draft draft, long face, long asks) {
    FaceRow root = draft.find(face);
    for (int step = 0; root != null && step < LONGEST_CHAIN; step++) {
      Long above = root.id == asks ? null : root.now.parentId();
      if (above == null) {
        break;
      }
      root = draft.find(above);
    }
    return root;
  }

  private void hear(SiteWish wish, List<Written> rows) {
    if (wish.action().equals("merge") && rows.size() > 1) {
      rows.forEach(person -> hear(wish, List.of(person)));
      return;
    }
    Draft draft = new Draft(table, threshold);
    try {
      decided(wish, draft, rows.stream().map(Written::face).toList());
      List<Written> ignored =
          rows.stream().filter(each -> isIgnored(draft.row(each.face()), each)).toList();
      putBack(
          "It changes nothing else that the rules allow." + wish.note(), asTheyAre(draft, ignored));
    } catch (Failure e) {
      putBack(e.getMessage() + wish.note(), asTheyAre(draft, rows));
    }
  }

  /** What was written with it may have changed a row meanwhile, which is put back to that. */
  private static List<Written> asTheyAre(Draft draft, List<Written> rows) {
    return rows.stream()
        .map(
            each -> {
              FaceRow row = draft.find(each.face());
              return row == null ? each : each.known(row.before);
            })
        .toList();
  }

  /**
   * Nothing came of it; nor is it so already, since another that was written with it made it so.
   */
  private static boolean isIgnored(FaceRow row, Written written) {
    return !row.isChanged() && (written.deleted() || !row.now.says(written.written()));
  }

  private void putBack(String why, List<Written> rows) {
    if (!rows.isEmpty()) {
      String sentence = Sentences.putBack(rows.stream().map(Written::face).toList(), why);
      LOG.warn("{}", sentence);
      ledger.putBack(DATABASE, sentence, rows);
    }
  }

  /** Faces that were so already are not changed in the draft. */
  private void decided(SiteWish wish, Draft draft, List<Long> ids) {
    index.refresh(); // of those that were heard before
    String action = wish.action();
    String name = wish.name() == null ? null : PersonName.clean(wish.name());
    draft.load(ids);
    List<FaceRow> faces = ids.stream().map(draft::row).toList();
    FaceRow first = faces.get(0);
    Long person = wish.person();
    if (person != null && person != first.id) {
      FaceRow root = rootOf(draft, person, first.id); // which another decision may have merged
      person = root == null ? person : Long.valueOf(root.id);
      if (person == first.id) {
        throw bad("Another that was written with it has it stand under this face.");
      }
    }
    switch (action) {
      case "name" -> {
        Long known = name == null ? null : table.personNamed(name);
        if (name == null) {
          throw bad("A person keeps its name: give it another one.");
        }
        if (known != null && known != first.id) {
          merged(draft, first, person(draft, known), wish.note());
        } else {
          rename(draft, first, name, DATABASE);
        }
      }
      case "merge" ->
          merged(draft, first, person(draft, Objects.requireNonNull(person)), wish.note());
      case "suggest", "root" -> {
        faces.forEach(draft::ask);
        for (FaceRow face : faces) {
          face.now =
              person == null
                  ? FaceState.root(null)
                  : FaceState.of(FaceState.PROCESS).under(person, null);
        }
        draft.settle();
        if (person == null) {
          draft.suggest(index);
        }
        String sentence = Sentences.of(person == null ? "confirm" : action, faces) + wish.note();
        write(draft, person == null ? "confirm" : action, DATABASE, sentence, null);
      }
      case "none" -> throw bad("It breaks a rule.");
      default -> decide(draft, faces, action, name, person, DATABASE, wish.note());
    }
  }

  private void merged(Draft draft, FaceRow person, FaceRow remains, String note) {
    String sentence = Sentences.merged(person, remains) + note;
    draft.ask(person);
    draft.merge(person, remains);
    draft.suggest(index);
    write(draft, "merge", DATABASE, sentence, remains.id);
  }

  @Override
  public void trashed(long photo) {
    liveOn(photo, TRASHED, "The photo of %s was put into the trash; it lives on in another face.");
  }

  private void liveOn(long photo, String action, String sentence) {
    List<Long> faces = table.ofPhoto(photo);
    if (faces.isEmpty()) {
      return;
    }
    table.takeTurn();
    Draft locked = new Draft(table, threshold);
    locked.load(faces);
    for (long id : faces) {
      Draft draft = new Draft(table, threshold);
      FaceRow root = draft.find(id);
      if (root != null && root.now.standsForAPerson() && draft.liveOn(root)) {
        draft.ask(root);
        draft.suggest(index);
        write(draft, action, PROGRAM, sentence.formatted(Sentences.name(root)), null);
      }
    }
  }

  @Override
  public void restored(long photo) {
    List<Long> decisions = ledger.standing(TRASHED, photo);
    if (decisions.isEmpty()) {
      return;
    }
    table.takeTurn();
    for (long id : decisions) {
      Ledger.Entry decision = ledger.entry(id);
      Draft draft = new Draft(table, threshold);
      if (rootIsVisible(draft, decision)) {
        try {
          takeBackOrMakeAgain(draft, decision, decision, false, RESTORED, PROGRAM);
        } catch (Failure e) {
          LOG.info("Faces of photo {} keep what was decided meanwhile: {}", photo, e.getMessage());
        }
      }
    }
  }

  /** Whether the photo whose face stood for the person before it was trashed is back. */
  private boolean rootIsVisible(Draft draft, Ledger.Entry decision) {
    List<Ledger.Change> changes = ledger.changes(decision.id());
    draft.load(changes.stream().map(Ledger.Change::face).toList());
    for (Ledger.Change change : changes) {
      FaceRow row = draft.find(change.face());
      if (change.before().standsForAPerson() && (row == null || !row.visible)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void forgotten(long photo) {
    liveOn(photo, DELETED, "The photo of %s was deleted; it lives on in another face.");
    Draft draft = new Draft(table, threshold);
    List<Long> gone = new ArrayList<>();
    for (long id : table.ofPhoto(photo)) {
      FaceRow face = draft.find(id);
      if (face != null && !face.now.standsForAPerson()) {
        gone.add(id);
      }
    }
    if (gone.isEmpty()) {
      return;
    }
    table.takeTurn();
    for (long id : gone) {
      FaceRow face = draft.row(id);
      face.now = FaceState.of(FaceState.NOT_FACE);
    }
    draft.suggest(index);
    keep(draft.changed().stream().filter(row -> !gone.contains(row.id)).toList());
    table.delete(gone);
    tellAfterCommit(gone);
  }

  private Decided write(
      Draft draft, String action, String who, String sentence, @Nullable Long person) {
    List<FaceRow> rows = draft.changed();
    if (rows.isEmpty()) {
      return new Decided(null, person, 0, 0);
    }
    table.refuseSecondOfAName(rows);
    long id = ledger.write(action, who, sentence, null, draft);
    keep(rows);
    return decided(draft, id, person);
  }

  private Decided decided(Draft draft, long entry, @Nullable Long person) {
    List<FaceRow> rows = draft.changed();
    int suggested =
        (int) rows.stream().filter(row -> draft.kind(row).equals(Ledger.FOLLOWS)).count();
    return new Decided(ledger.view(entry), person, rows.size() - suggested, suggested);
  }

  private void keep(List<FaceRow> changed) {
    table.write(changed);
    List<Written> overtaken = new ArrayList<>();
    for (FaceRow row : changed) {
      if (row.written != null && !row.now.says(row.written)) {
        overtaken.add(new Written(row.id, row.photo, row.now, row.written, false, false));
      }
    }
    putBack("Something else was decided of it at the same moment.", overtaken);
    tellAfterCommit(changed.stream().map(row -> row.id).toList());
  }

  private void tellAfterCommit(List<Long> faces) {
    if (faces.isEmpty()) {
      return;
    }
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            index.changed(faces);
          }
        });
  }

  /** One after the other, in a transaction each. */
  private Decided inTurn(Function<Draft, Decided> decision) {
    return Objects.requireNonNull(
        transaction.execute(
            status -> {
              table.takeTurn();
              if (site.hears()) { // they decided before
                deletions.bringBack();
                hear(site.found());
              }
              index.refresh(); // of what others have decided and kept
              return decision.apply(new Draft(table, threshold));
            }));
  }

  private static List<FaceRow> within(Draft draft, List<Long> ids) {
    draft.load(ids);
    List<FaceRow> faces = new ArrayList<>();
    for (long id : ids) {
      FaceRow face = draft.row(id);
      if (!face.isWithinReach()) {
        throw FaceTable.unknown(id);
      }
      faces.add(face);
    }
    return faces;
  }

  private static List<Long> faces(JsonNode list) {
    Set<Long> faces = new TreeSet<>();
    list.forEach(face -> faces.add(face.asLong()));
    if (faces.isEmpty() || list.size() > MOST) {
      throw bad("A decision is about 1 to " + MOST + " faces: send their ids as \"faces\".");
    }
    return List.copyOf(faces);
  }

  private static JsonNode body(Request request) {
    JsonNode body = request.body();
    if (body == null || !body.isObject()) {
      throw bad("The body takes a JSON object.");
    }
    return body;
  }

  private static Failure bad(String sentence) {
    return Failure.lasting("bad-request", sentence);
  }

  private static Failure conflict(String sentence) {
    return Failure.lasting("conflict", sentence);
  }
}
