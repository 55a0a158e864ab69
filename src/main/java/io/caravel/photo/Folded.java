package io.caravel.photo;

import java.text.Normalizer;
import java.util.Locale;

/**
 * Text as it is searched: without case, accents and the difference between composed and decomposed
 * characters, so that {@code zurich} and {@code ZÜRICH} are Zürich. Both what is kept and what is
 * asked for is folded here, whatever the database's collation does.
 */
public final class Folded {
  private static final String[][] LETTERS = {
    {"ß", "ss"},
    {"æ", "ae"},
    {"œ", "oe"},
    {"ø", "o"},
    {"ł", "l"},
    {"đ", "d"},
    {"ð", "d"},
    {"þ", "th"},
    {"ħ", "h"},
    {"ı", "i"},
    {"ς", "σ"}
  };

  private Folded() {}

  /** The text folded; control characters and runs of blanks are one blank. */
  public static String of(String text) {
    String folded =
        Normalizer.normalize(text, Normalizer.Form.NFKD)
            .replaceAll("\\p{M}+", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[\\p{Cc}\\s\\u00A0]+", " ")
            .strip();
    for (String[] letter : LETTERS) {
      folded = folded.replace(letter[0], letter[1]);
    }
    return folded;
  }
}
