package io.caravel.thumbnail;

import io.caravel.job.Failure;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;

/** What the owner of a photo is told when its thumbnails cannot be made. */
final class Trouble {
  private Trouble() {}

  static Failure truncated(Throwable origin) {
    return Failure.lasting(
        "truncated",
        "The file ends before the picture does: send the whole original again.",
        origin);
  }

  /**
   * The damage of a photo that is cut off.
   *
   * @param missing such as "its lower part is"
   */
  static String cutOff(String missing) {
    return "The file ends before the picture does: "
        + missing
        + " missing. The thumbnails show what there is; if you have the whole original, upload it"
        + " and trash this one.";
  }

  static Failure undecodable(Throwable origin) {
    return Failure.lasting(
        "undecodable",
        "The picture's data are damaged and cannot be decoded: open it in a photo editor, save it anew and send"
            + " that.",
        origin);
  }

  static Failure unsupported(String what) {
    return Failure.lasting(
        "unsupported-format",
        what
            + " cannot be made smaller yet: the original is kept; for thumbnails send a JPEG of it, too.");
  }

  static Failure memory(Throwable origin) {
    return Failure.lasting(
        "memory-limit",
        "The picture needs more memory than Caravel has: give it more (-Xmx), or send a smaller copy.",
        origin);
  }

  static Failure stopped(Throwable origin) {
    return Failure.passing(
        "interrupted", "The work was stopped before it was done: it will be tried again.", origin);
  }

  /** Disk trouble: another try may not meet it. */
  static Failure disk(IOException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("No space left") || message.contains("quota exceeded")) {
      return Failure.passing(
          "disk-full", "The disk that holds the thumbnails is full: make room, then try again.", e);
    }
    String reason =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : e.getClass().getSimpleName();
    return Failure.passing(
        "disk-unavailable",
        "The original cannot be read or the thumbnail not written ("
            + (e instanceof FileNotFoundException ? message : reason)
            + "): look at the disk and its permissions, then try again.",
        e);
  }
}
