package io.caravel.face;

import io.caravel.face.SiteWrites.Written;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the site means by what it wrote into a face's row, as a decision.
 *
 * @param action of a decision, or {@code root} (a person without a name), {@code none} (nothing
 *     that the rules allow)
 * @param note what had to be mended, a sentence with a space in front; "": nothing
 */
record SiteWish(String action, @Nullable String name, @Nullable Long person, String note) {
  private static final String CONFIRM = "confirm";

  private static SiteWish of(String action) {
    return new SiteWish(action, null, null, "");
  }

  boolean isConfirming() {
    return !action.equals("unknown") && !action.equals("not_face") && !action.equals("detach");
  }

  /** Null: it depends on the parent that was written. */
  static @Nullable SiteWish of(Written written) {
    FaceState now = written.written();
    FaceState known = written.known();
    if (written.deleted()) {
      return new SiteWish(
          "not_face",
          null,
          null,
          " Its row was deleted in the database, which is kept as no face.");
    }
    if (written.undeleted()) {
      return none(" It had been replaced by a later search.");
    }
    return switch (now.status()) {
      case "unknown", "not_face" ->
          known.is(now.status())
              ? none(" Only a confirmed face has a name or a parent.")
              : of(now.status());
      case FaceState.PROCESS -> review(known, now);
      case FaceState.OK -> confirmed(written.face(), known, now);
      default -> none(" \"" + now.status() + "\" is no status.");
    };
  }

  private static @Nullable SiteWish review(FaceState known, FaceState now) {
    String name = now.name();
    if (!known.is(FaceState.PROCESS)) {
      return of("detach");
    }
    if (name != null && !name.isBlank()) {
      return new SiteWish(CONFIRM, name, null, "");
    }
    return now.parentId() == null ? of("detach") : null;
  }

  private static @Nullable SiteWish confirmed(long face, FaceState known, FaceState now) {
    if (now.parentId() != null) {
      return null;
    }
    if (known.standsForAPerson()) {
      return new SiteWish("name", now.name(), face, "");
    }
    return now.name() == null ? of("root") : new SiteWish(CONFIRM, now.name(), null, "");
  }

  /** Under a person, whom the parent that was written belongs to. */
  static SiteWish under(Written written, long root, @Nullable String rootName) {
    FaceState now = written.written();
    FaceState known = written.known();
    String name = now.name();
    String mended =
        Objects.equals(now.parentId(), root)
            ? ""
            : " Its parent was to be %d, which is no root: it stands under that one's root."
                .formatted(now.parentId());
    if (now.is(FaceState.PROCESS)) {
      return new SiteWish("suggest", null, root, mended);
    }
    boolean renamed =
        known.is(FaceState.OK)
            && Objects.equals(known.parentId(), now.parentId())
            && name != null
            && !name.equals(rootName);
    if (renamed) {
      return new SiteWish(CONFIRM, name, null, "");
    }
    if (known.standsForAPerson()) {
      return new SiteWish("merge", null, root, mended);
    }
    boolean otherName = name != null && !name.equals(rootName);
    return new SiteWish(
        CONFIRM,
        null,
        root,
        mended + (otherName ? " It bears the name of the face that it stands under." : ""));
  }

  /**
   * Under a face that stands for nobody.
   *
   * @param ring whether the face would stand under itself
   */
  static SiteWish nobody(Written written, long wanted, boolean ring) {
    FaceState now = written.written();
    String why =
        ring
            ? " Its parent was to be %d, which stands under it: that would be a ring."
                .formatted(wanted)
            : " Its parent was to be %d, which stands for nobody.".formatted(wanted);
    String name = now.name();
    boolean confirms = now.is(FaceState.OK) && !written.known().is(FaceState.OK) && name != null;
    return confirms ? new SiteWish(CONFIRM, name, null, why) : none(why);
  }

  private static SiteWish none(String why) {
    return new SiteWish("none", null, null, why);
  }
}
