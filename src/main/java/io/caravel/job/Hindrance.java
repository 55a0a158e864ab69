package io.caravel.job;

import io.caravel.ground.Requirement;
import org.jspecify.annotations.Nullable;

/**
 * Something that keeps the jobs of a queue from coming to an end although they may start: told to
 * people, and never waited for. What jobs wait for is a {@link Requirement}.
 */
public interface Hindrance {
  /**
   * Why jobs of the queue do not end, and how to mend it, as a sentence; null when nothing hinders
   * them. Asked often: to be answered at once.
   */
  @Nullable String of(String queue);

  /** Whether to tell it while no job is queued, too: it would hinder the next one for certain. */
  default boolean whileIdle() {
    return true;
  }
}
