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
  FaceState now;

  /**
   * @param visible its photo is there, and not in the trash
   * @param hasBox this program has found it; one taken over from another site has none
   * @param score the detector's; negative infinity where there is none
   */
  FaceRow(
      long id,
      @Nullable Long photo,
      boolean visible,
      boolean hasBox,
      double score,
      long revision,
      FaceState before) {
    this.id = id;
    this.photo = photo;
    this.visible = visible;
    this.hasBox = hasBox;
    this.score = score;
    this.revision = revision;
    this.before = before;
    this.now = before;
  }

  boolean isChanged() {
    return !now.equals(before);
  }

  /** Whether people can decide about it: a person remains within reach without a photo. */
  boolean isWithinReach() {
    return visible || before.standsForAPerson();
  }

  boolean isUnder(long root) {
    Long parent = now.parentId();
    return parent != null && parent == root;
  }
}
