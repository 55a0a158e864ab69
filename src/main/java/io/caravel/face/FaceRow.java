package io.caravel.face;

import org.jspecify.annotations.Nullable;

/** A locked row of the table faces, as it was and as it shall be. */
final class FaceRow {
  final long id;
  final @Nullable Long photo;
  final boolean visible;
  final boolean hasBox;
  final double score;
  final long revision;
  final FaceState before;

  /** What the site has written into the row, and nobody has heard yet; null: nothing. */
  final @Nullable FaceState written;

  FaceState now;

  /**
   * @param visible its photo is there, and not in the trash
   * @param hasBox this program has found it; one taken over from another site has none
   * @param score the detector's; negative infinity where there is none
   * @param before as Caravel knows it
   */
  FaceRow(
      long id,
      @Nullable Long photo,
      boolean visible,
      boolean hasBox,
      double score,
      long revision,
      FaceState before,
      @Nullable FaceState written) {
    this.id = id;
    this.photo = photo;
    this.visible = visible;
    this.hasBox = hasBox;
    this.score = score;
    this.revision = revision;
    this.before = before;
    this.written = written;
    this.now = before;
  }

  /** The site wrote that it stands under nobody, or has deleted the row that it stood under. */
  boolean mayHaveLostItsRoot() {
    return written != null && written.parentId() == null && before.parentId() != null;
  }

  boolean isChanged() {
    return !now.equals(before);
  }

  /** Whether people can decide about it: a person remains within reach without a photo. */
  boolean isWithinReach() {
    return (visible && !before.is(FaceState.UNDRAWN)) || before.standsForAPerson();
  }

  boolean isUnder(long root) {
    Long parent = now.parentId();
    return parent != null && parent == root;
  }
}
