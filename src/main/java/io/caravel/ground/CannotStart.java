package io.caravel.ground;

import org.jspecify.annotations.Nullable;

/**
 * Why Caravel does not start, as one sentence that says what to do. {@code StartReport} prints it
 * in place of a stack trace; the exit status tells the service unit whether another start may help.
 */
public final class CannotStart extends RuntimeException {
  /**
   * EX_CONFIG of sysexits.h: a human must mend something first; deploy/caravel.service does not
   * start it again.
   */
  public static final int MEND_FIRST = 78;

  /** Something else is in the way for now, such as another program on the port. */
  public static final int TRY_AGAIN = 1;

  private final int status;

  private CannotStart(int status, String sentence, @Nullable Throwable origin) {
    super(sentence, origin);
    this.status = status;
  }

  /** A setting, a file or a database is not as it must be: no start will do until it is mended. */
  public static CannotStart mendFirst(String sentence) {
    return new CannotStart(MEND_FIRST, sentence, null);
  }

  public static CannotStart mendFirst(String sentence, Throwable origin) {
    return new CannotStart(MEND_FIRST, sentence, origin);
  }

  /** Something else is in the way, and may go away by itself. */
  public static CannotStart tryAgain(String sentence) {
    return new CannotStart(TRY_AGAIN, sentence, null);
  }

  public static CannotStart tryAgain(String sentence, Throwable origin) {
    return new CannotStart(TRY_AGAIN, sentence, origin);
  }

  /** The program's exit status. */
  public int status() {
    return status;
  }
}
