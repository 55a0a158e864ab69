package io.caravel.thumbnail;

import io.caravel.ground.Failure;
import io.caravel.photo.Holes;
import io.caravel.photo.LaterFrames;
import io.caravel.photo.PictureHeader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the owner of a photo is told when its thumbnails cannot be made. */
public final class Trouble {
  /** The damage of a photo whose data are wrong somewhere, but could be decoded to the end. */
  public static final String SPOILT =
      "The picture's data are damaged: a part of it is missing or wrong. The thumbnails show what there is; if you"
          + " have the whole original, upload it and trash this one.";

  /** The damage of a photo that was stored, or sent, with zeros in place of a part of its data. */
  public static final String HOLE =
      "A part of the file is nothing but zeros where the picture's data should be: its copying broke off, or a disk"
          + " lost it. The thumbnails show what there is; if you have the whole original, upload it and trash this one.";

  /** The damage of an animation, or a file of several pages, that ends behind its first picture. */
  public static final String LATER =
      "The file ends before its last picture does: of its animation or pages some are missing. The thumbnails show"
          + " the first, which is whole; if you have the whole original, upload it and trash this one.";

  /** The damage of a film that is cut off. */
  public static final String FILM =
      "The file ends before the film does. What there is of it can be played; if you have the whole original, upload it"
          + " and trash this one.";

  private Trouble() {}

  /**
   * What decoders do not notice of a picture that they read to its end.
   *
   * @return the damage; null: it is whole
   * @throws IOException the file cannot be read
   */
  public static @Nullable String unnoticed(Path photo, PictureHeader header) throws IOException {
    if (Holes.in(photo, header)) {
      return HOLE;
    }
    if (!LaterFrames.cut(photo, header)) {
      return null;
    }
    return header.type().video() ? FILM : LATER;
  }

  public static Failure truncated(Throwable origin) {
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

  /**
   * The damage of a photo that is cut off, as it looks upright.
   *
   * @param orientation EXIF, 1 to 8
   */
  public static String cutOff(PictureHeader header, int orientation) {
    return cutOff(
        header.progressive()
            ? "its finer details are"
            : "its " + Orientation.of(orientation).lastLines() + " part is");
  }

  public static Failure undecodable(Throwable origin) {
    return Failure.lasting(
        "undecodable",
        "The picture's data are damaged and cannot be decoded: open it in a photo editor, save it anew and send"
            + " that.",
        origin);
  }

  public static Failure unsupported(String what) {
    return Failure.lasting(
        "unsupported-format",
        what
            + " cannot be made smaller yet: the original is kept; for thumbnails send a JPEG of it, too.");
  }

  public static Failure memory(Throwable origin) {
    return Failure.lasting(
        "memory-limit",
        "The picture needs more memory than Caravel has: give it more (-Xmx), or send a smaller copy.",
        origin);
  }

  /** In the process that takes a picture out of a film. */
  public static Failure videoMemory(Throwable origin) {
    return Failure.lasting(
        "memory-limit",
        "The film needs more memory to be decoded than there is for it: raise CARAVEL_VIDEO_CHILD_MB and replay it; the film"
            + " is kept and can be downloaded.",
        origin);
  }

  /** In the process that decodes, whose memory is fixed. */
  public static Failure childMemory(Throwable origin) {
    return Failure.lasting(
        "memory-limit",
        "The picture needs more memory to be decoded than a decoder has: raise CARAVEL_THUMBNAIL_CHILD_MB and replay it,"
            + " or send a smaller copy, too.",
        origin);
  }

  public static Failure time(Throwable origin) {
    return Failure.lasting(
        "time-limit",
        "The picture took more processor time than a decoder may have: save it anew in a photo editor and send that.",
        origin);
  }

  /** The process that decodes stood still, by whatever fault: another may not. */
  public static Failure stoodStill(Throwable origin) {
    return Failure.passing(
        "time-limit",
        "The process that decoded the picture did not come to an end and was stopped; another one tries again.",
        origin);
  }

  public static Failure stopped(Throwable origin) {
    return Failure.passing(
        "interrupted", "The work was stopped before it was done: it will be tried again.", origin);
  }

  /** Disk trouble: another try may not meet it. */
  public static Failure disk(IOException e) {
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
