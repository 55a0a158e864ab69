package io.caravel.ground;

/** Whether there is nothing to do at the moment: what has time is done then. */
public interface Rest {
  /** Whether nothing runs in the queues fed here, and nothing is due in them that may start. */
  default boolean atRest() {
    return atRestBut("");
  }

  /** As {@link #atRest}, whatever one queue does. */
  boolean atRestBut(String one);
}
