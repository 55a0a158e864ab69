package io.caravel.job;

/**
 * Whose jobs of a queue come first, the first before the second and so on; one in ten starts goes
 * to the lanes below, so that none stands still. The column {@code jobs.lane} holds the ordinal.
 */
public enum Lane {
  /** What was just uploaded. */
  UPLOAD,
  /** What somebody asked for, photo by photo. */
  ASKED,
  /** Runs over the whole library. */
  LIBRARY,
  /** Proofs of what is stored. */
  SCRUB;

  static Lane of(int number) {
    return values()[number];
  }

  int number() {
    return ordinal();
  }
}
