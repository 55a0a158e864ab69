package io.caravel.face;

import io.caravel.ground.Failure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Takes decisions out of the ledger's stacks and puts them back. A face that a person has decided
 * about is not taken from under a later decision; a suggestion is, since it only went along.
 */
@Component
class Undoing {
  private final FaceTable table;
  private final Ledger ledger;

  Undoing(FaceTable table, Ledger ledger) {
    this.table = table;
    this.ledger = ledger;
  }

  /**
   * Takes a decision back.
   *
   * @throws Failure conflict; nothing is written then
   */
  void takeBack(Ledger.Entry decision, Draft draft) {
    List<Ledger.Change> changes = ledger.changes(decision.id());
    draft.load(faces(changes));
    Map<Long, List<Ledger.Change>> later =
        byFace(ledger.later(faces(changes), decision.standing()));
    refuseUnderLater(decision, changes, later);
    List<Runnable> edits = new ArrayList<>();
    boolean decided = false;
    boolean present = false;
    for (Ledger.Change change : changes) {
      FaceRow row = draft.find(change.face());
      decided |= change.is(Ledger.DECIDED);
      present |= change.is(Ledger.DECIDED) && row != null;
      List<Ledger.Change> above = later.getOrDefault(change.face(), List.of());
      if (change.is(Ledger.DECIDED)) {
        above.forEach(suggestion -> edits.add(() -> ledger.drop(suggestion)));
        if (row != null) {
          draft.ask(row);
          row.now = change.before();
        }
      } else if (change.is(Ledger.FOLLOWS)) {
        above.stream()
            .filter(one -> !one.is(Ledger.RELIED))
            .findFirst()
            .ifPresentOrElse(
                next -> edits.add(() -> ledger.rewrite(next, change.before())),
                () -> {
                  if (row != null && row.now.equals(change.after())) {
                    row.now = change.before();
                  }
                });
      }
    }
    if (decided && !present) {
      throw conflict(decision, 0);
    }
    mend(decision, draft);
    table.refuseSecondOfAName(draft.changed());
    edits.forEach(Runnable::run);
  }

  /**
   * Makes a decision again that had been taken back.
   *
   * @param undo the entry that took it back
   * @throws Failure conflict
   */
  void makeAgain(Ledger.Entry decision, Ledger.Entry undo, Draft draft) {
    List<Ledger.Change> changes = ledger.changes(decision.id());
    draft.load(faces(changes));
    refuseUnderLater(decision, changes, byFace(ledger.later(faces(changes), undo.id())));
    for (Ledger.Change change : changes) {
      FaceRow row = draft.find(change.face());
      if (change.is(Ledger.DECIDED)) {
        if (row == null || !row.now.isLike(change.before())) {
          throw conflict(decision, ledger.last(List.of(change.face()), decision.id()));
        }
        ledger.rewrite(change, row.now);
        draft.ask(row);
        row.now = change.after();
      } else if (change.is(Ledger.FOLLOWS)) {
        if (row != null && row.now.is(FaceState.PROCESS)) {
          ledger.rewrite(change, row.now);
          row.now = change.after();
        } else {
          ledger.drop(change);
        }
      }
    }
    mend(decision, draft);
    table.refuseSecondOfAName(draft.changed());
  }

  private static void refuseUnderLater(
      Ledger.Entry decision, List<Ledger.Change> changes, Map<Long, List<Ledger.Change>> later) {
    long latest = 0;
    for (Ledger.Change change : changes) {
      for (Ledger.Change above : later.getOrDefault(change.face(), List.of())) {
        boolean bars =
            change.is(Ledger.DECIDED)
                ? !above.is(Ledger.FOLLOWS)
                : change.is(Ledger.RELIED) && above.is(Ledger.DECIDED);
        latest = bars ? Math.max(latest, above.decision()) : latest;
      }
    }
    if (latest > 0) {
      throw conflict(decision, latest);
    }
  }

  /** Suggestions of those who stand for nobody now go; confirmed faces without a root refuse it. */
  private void mend(Ledger.Entry decision, Draft draft) {
    List<FaceRow> changed = draft.changed();
    Set<Long> parents = new HashSet<>();
    for (FaceRow row : changed) {
      Long parent = row.now.parentId();
      if (parent != null) {
        parents.add(parent);
      }
    }
    draft.load(parents);
    for (FaceRow row : changed) {
      Long parent = row.now.parentId();
      if (parent != null) {
        mend(decision, draft, row, draft.find(parent));
      }
    }
  }

  private void mend(Ledger.Entry decision, Draft draft, FaceRow row, @Nullable FaceRow parent) {
    if (parent != null && parent.now.standsForAPerson()) {
      if (row.now.is(FaceState.OK)) {
        row.now = row.now.named(parent.now.name());
      }
    } else if (row.now.is(FaceState.OK)) {
      throw conflict(
          decision,
          ledger.last(parent == null ? List.of(row.id) : List.of(parent.id), decision.id()));
    } else {
      row.now = row.now.under(null, null);
    }
  }

  private static Failure conflict(Ledger.Entry decision, long later) {
    return Failure.lasting(
        "conflict",
        "Decision "
            + decision.id()
            + (later == 0
                ? " is about faces that are not there any more: it cannot be undone or made again."
                : " cannot be undone or made again, since decision "
                    + later
                    + " changed the same faces or people later: undo that one first."));
  }

  private static Collection<Long> faces(List<Ledger.Change> changes) {
    return changes.stream().map(Ledger.Change::face).toList();
  }

  private static Map<Long, List<Ledger.Change>> byFace(List<Ledger.Change> changes) {
    Map<Long, List<Ledger.Change>> byFace = new HashMap<>();
    changes.forEach(
        change -> byFace.computeIfAbsent(change.face(), face -> new ArrayList<>()).add(change));
    return byFace;
  }
}
