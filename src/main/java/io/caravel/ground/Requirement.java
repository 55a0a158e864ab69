package io.caravel.ground;

import org.jspecify.annotations.Nullable;

/** Something that queues cannot work without and that may be missing, and come, while they run. */
public interface Requirement {
  /**
   * Why jobs of the queue cannot start on this node, and how to mend it, as a sentence; null when
   * they can. Asked often: to be answered at once, and without the database.
   */
  @Nullable String missing(String queue);
}
