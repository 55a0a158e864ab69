package io.caravel.face;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What people decide of a face.
 *
 * @param parentId the root of its person; null: it is a root itself, or nobody's
 * @param status process, unknown, not_face, ok or undrawn
 * @param distance Euclidean, to the confirmed face it was matched with
 */
record FaceState(
    @JsonProperty("parent_id") @Nullable Long parentId,
    @JsonProperty("name") @Nullable String name,
    @JsonProperty("status") String status,
    @JsonProperty("distance") @Nullable Double distance) {
  static final String PROCESS = "process";
  static final String OK = "ok";
  static final String NOT_FACE = "not_face";

  /** Drawn by hand, and that undone: it is not there, unless that undo is undone. */
  static final String UNDRAWN = "undrawn";

  /** Nobody's, and without a name. */
  static FaceState of(String status) {
    return new FaceState(null, null, status, null);
  }

  static FaceState root(@Nullable String name) {
    return new FaceState(null, name, OK, null);
  }

  FaceState under(@Nullable Long parent, @Nullable Double distance) {
    return new FaceState(parent, name, status, distance);
  }

  FaceState named(@Nullable String name) {
    return new FaceState(parentId, name, status, distance);
  }

  boolean is(String status) {
    return this.status.equals(status);
  }

  /** Whether it stands for a person. */
  boolean standsForAPerson() {
    return parentId == null && is(OK);
  }

  /** Whether a row that holds the one says what the other does. */
  boolean says(FaceState other) {
    return status.equals(other.status)
        && Objects.equals(parentId, other.parentId)
        && Objects.equals(name, other.name);
  }

  /** Whether two states differ in what a person would see; all suggestions are alike. */
  boolean isLike(FaceState other) {
    return status.equals(other.status)
        && (is(PROCESS)
            || (Objects.equals(parentId, other.parentId) && Objects.equals(name, other.name)));
  }
}
