package io.caravel.takeover;

/** What came of an import. */
final class Counts {
  int photos;
  int renumbered;
  int joined;
  int existing;
  int left;
  int trashed;
  int faces;
  int facesJoined;
  int facesExisting;
  int facesLeft;
  int changed;
  int wishes;

  /** Whether nothing changed at all. */
  boolean nothing() {
    return photos + joined + trashed + faces + facesJoined + changed == 0;
  }
}
