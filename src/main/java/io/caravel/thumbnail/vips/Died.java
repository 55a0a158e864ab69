package io.caravel.thumbnail.vips;

import io.caravel.ground.Failure;
import io.caravel.thumbnail.Trouble;
import java.util.Set;

/** The process that decoded was ended by a signal, its own limits among them, or never began. */
final class Died extends RuntimeException {
  private static final int SIGXCPU = 128 + 24;

  /** As {@code decode_main.cpp} says. */
  private static final int NO_MEMORY = 4;

  /** How GLib ends a program that gets no memory. */
  private static final int SIGTRAP = 128 + 5;

  /** SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS: of its own doing. */
  private static final Set<Integer> CRASHES = Set.of(132, 134, 135, 136, 139, 159);

  /** No cage, as {@code decode_main.cpp} says; a library that is missing, as the loader says. */
  private static final Set<Integer> NOT_STARTED = Set.of(3, 127);

  private final int status;

  Died(int status, String reason, Throwable origin) {
    super("the decoder ended with status " + status + ": " + reason, origin);
    this.status = status;
  }

  /** What the owner of the photo is told. */
  Failure failure() {
    if (status == SIGXCPU) {
      return Trouble.time(this);
    }
    if (status == NO_MEMORY || status == SIGTRAP) {
      return Trouble.childMemory(this);
    }
    if (CRASHES.contains(status)) {
      return Trouble.undecodable(this);
    }
    if (NOT_STARTED.contains(status)) {
      return Failure.passing(
          "decoder-missing",
          "The program that decodes pictures apart cannot do its work here ("
              + getMessage()
              + "): start with ./caravel run, which"
              + " installs what it needs.",
          this);
    }
    return Failure.passing(
        "decoder-died",
        "The process that decoded the picture was ended from outside, perhaps because the machine ran out of memory:"
            + " look at the system's log; it is tried again.",
        this);
  }
}
