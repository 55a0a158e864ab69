package io.caravel.takeover;

/** The old tables cannot be read; the message is the whole sentence. */
final class OldTrouble extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OldTrouble(String sentence) {
    super(sentence);
  }

  OldTrouble(String sentence, Throwable origin) {
    super(sentence, origin);
  }
}
