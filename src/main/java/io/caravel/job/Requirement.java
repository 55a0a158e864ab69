package io.caravel.job;

import org.jspecify.annotations.Nullable;

/** Something that a queue cannot work without and that may be missing, and come, while it runs. */
public interface Requirement {
  /** The queue that waits while it is missing. */
  String queue();

  /**
   * Why the queue waits on this node, and how to mend it, as a sentence; null when it need not.
   * Asked often: to be answered at once.
   */
  @Nullable String missing();
}
