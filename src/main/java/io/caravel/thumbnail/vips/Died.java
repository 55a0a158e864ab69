package io.caravel.thumbnail.vips;

/** The process that decoded was ended by a signal, its own limits among them, or never began. */
final class Died extends RuntimeException {
  private static final int SIGKILL = 128 + 9;
  private static final int SIGXCPU = 128 + 24;

  private final int status;

  Died(int status, String reason, Throwable origin) {
    super("the decoder ended with status " + status + ": " + reason, origin);
    this.status = status;
  }

  /** Whether it used up its processor time. */
  boolean overTime() {
    return status == SIGXCPU || status == SIGKILL;
  }
}
