package io.caravel.face;

import io.caravel.ground.Failure;
import io.caravel.ground.Requirement;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** While this node cannot find faces, its queue {@code faces} waits, and nothing else does. */
@Component
class FaceReadiness implements Requirement {
  private final FaceFinder finder;
  private final boolean role;

  FaceReadiness(FaceFinder finder, @Value("${caravel.role.faces}") boolean role) {
    this.finder = finder;
    this.role = role;
  }

  /** A node without the role {@code faces} cannot know what those with it lack. */
  @Override
  public @Nullable String missing(String queue) {
    Failure unready = role && queue.equals("faces") ? finder.unready() : null;
    return unready == null ? null : unready.getMessage();
  }
}
