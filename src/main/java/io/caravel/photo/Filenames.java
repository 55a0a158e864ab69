package io.caravel.photo;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** File names as senders give them: kept to be shown, never used as a path. */
public final class Filenames {
  private static final int LONGEST = 1000;

  private Filenames() {}

  /** The last part of the name, without control characters, at most 1,000 characters. */
  public static String clean(@Nullable String name) {
    if (name == null) {
      return "unnamed";
    }
    String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    String clean = last.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", "").strip();
    if (clean.length() > LONGEST) {
      clean = clean.substring(0, LONGEST);
    }
    return clean.isEmpty() ? "unnamed" : clean;
  }

  /**
   * A name for the log or a report: what would break its line, or turn its direction, is a question
   * mark.
   */
  static String shown(Object name) {
    return name.toString().replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}\\u202A-\\u202E\\u2066-\\u2069]", "?");
  }

  /** The longest beginning of a text whose UTF-8 form has at most so many bytes. */
  static String cutToBytes(String text, int bytes) {
    String cut = text;
    while (cut.getBytes(StandardCharsets.UTF_8).length > bytes) {
      cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
    }
    return cut;
  }
}
