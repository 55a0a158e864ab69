package io.caravel.change;

import org.jspecify.annotations.Nullable;

/**
 * What changed of a photo or a face.
 *
 * @param kind of a photo {@code accepted}, {@code trashed}, {@code restored}, {@code deleted}; of
 *     its jobs the queue and the state, as {@code metadata-done}; of a face the decision's action
 * @param who decided it; null: nobody, or it is not known
 * @param before of a decision, JSON of at most 1024 characters
 * @param after as {@code before}
 */
public record Notice(
    String kind,
    @Nullable Long photo,
    @Nullable Long face,
    @Nullable String who,
    @Nullable String before,
    @Nullable String after) {
  public static Notice of(long photo, String kind) {
    return new Notice(kind, photo, null, null, null, null);
  }
}
