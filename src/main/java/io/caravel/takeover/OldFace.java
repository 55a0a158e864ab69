package io.caravel.takeover;

import org.jspecify.annotations.Nullable;

/**
 * A face of the old site, or how it shall come over.
 *
 * @param parent the face it stands under; null: none
 * @param image null: it hangs on no image
 * @param status process, unknown, not_face or ok
 * @param deleted marked as deleted there: it does not come over
 */
record OldFace(
    long id,
    @Nullable Long parent,
    @Nullable Long image,
    String status,
    @Nullable String name,
    boolean deleted) {

  boolean is(String wanted) {
    return status.equals(wanted);
  }

  boolean isConfirmed() {
    return is("ok");
  }
}
