package io.caravel.thumbnail;

import io.caravel.ground.Failure;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A thumbnail as it is asked for: a method and a box in pixels. Written {@code cover:300x300} in
 * settings and job data, {@code cover-300x300} in addresses and file names.
 */
public record ThumbnailSpec(Method method, int width, int height) {
  private static final int SIDE_AT_MOST = 10_000;

  /** A box of 24 megapixels takes 96 MB to draw: what a worker can have of the program's memory. */
  private static final int PIXELS_AT_MOST = 24_000_000;

  private static final Pattern WRITTEN = Pattern.compile("([a-z]+)[:-]([0-9]{1,6})x([0-9]{1,6})");

  /** How a photo comes into the box. */
  public enum Method {
    /** Fills the box; what hangs over is cut off, the same on both sides. */
    COVER,
    /** Fits into the box and keeps its ratio: one side may be shorter. Never enlarges. */
    SCALE,
    /** Takes exactly the box's size; the ratio is not kept. */
    RESIZE,
    /** Fits into the box and keeps its ratio; the rest of the box is white. */
    CONTAIN;

    /** As written: lower case. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @throws Failure {@code bad-request} for a side of less than 1 or more than 10,000 pixels, or a
   *     box of more than 24 megapixels
   */
  public ThumbnailSpec {
    if (Math.min(width, height) < 1 || Math.max(width, height) > SIDE_AT_MOST) {
      throw refused("A thumbnail's sides are 1 to " + SIDE_AT_MOST + " pixels long");
    }
    if ((long) width * height > PIXELS_AT_MOST) {
      throw refused("A thumbnail has at most " + PIXELS_AT_MOST / 1_000_000 + " million pixels");
    }
  }

  /**
   * @param method {@code cover}, {@code scale}, {@code resize} or {@code contain}
   * @throws Failure {@code bad-request} for any other method, or a box out of bounds
   */
  public static ThumbnailSpec of(String method, int width, int height) {
    for (Method each : Method.values()) {
      if (each.toString().equals(method)) {
        return new ThumbnailSpec(each, width, height);
      }
    }
    throw refused("There is no way to make a thumbnail called \"" + shown(method) + "\"");
  }

  /**
   * Reads {@code cover:300x300} or {@code cover-300x300}.
   *
   * @throws Failure {@code bad-request} when it says anything else
   */
  public static ThumbnailSpec parse(String written) {
    Matcher parts = WRITTEN.matcher(written.strip());
    if (!parts.matches()) {
      throw refused("\"" + shown(written) + "\" names no thumbnail");
    }
    return of(parts.group(1), Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3)));
  }

  /**
   * Reads {@code cover:300x300,scale:1600x1600}; an empty list for an empty text. Twice the same
   * counts once.
   *
   * @throws Failure {@code bad-request}
   */
  public static List<ThumbnailSpec> parseList(String written) {
    return Arrays.stream(written.split(","))
        .filter(each -> !each.isBlank())
        .map(ThumbnailSpec::parse)
        .distinct()
        .toList();
  }

  /**
   * Reads CARAVEL_THUMBNAILS.
   *
   * @throws IllegalArgumentException where it names no thumbnail
   */
  public static List<ThumbnailSpec> setting(String thumbnails) {
    try {
      return parseList(thumbnails);
    } catch (Failure e) {
      throw new IllegalArgumentException(
          "CARAVEL_THUMBNAILS is \"" + thumbnails + "\": " + e.getMessage(), e);
    }
  }

  /** For addresses and file names: {@code cover-300x300}. */
  public String name() {
    return method + "-" + width + "x" + height;
  }

  /** For settings and job data: {@code cover:300x300}. */
  @Override
  public String toString() {
    return method + ":" + width + "x" + height;
  }

  private static Failure refused(String what) {
    return Failure.lasting(
        "bad-request",
        what + ": ask for cover, scale, resize or contain and a box, such as cover:300x300.");
  }

  private static String shown(String written) {
    return written.length() <= 40 ? written : written.substring(0, 40) + "…";
  }
}
