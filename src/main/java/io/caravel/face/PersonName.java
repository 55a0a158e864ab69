package io.caravel.face;

import io.caravel.ground.Failure;
import java.text.Normalizer;
import java.util.Locale;

/** The names of people. */
final class PersonName {
  static final int LONGEST = 255;

  private PersonName() {}

  /**
   * The name as it is kept: Unicode NFC, without blanks around it.
   *
   * @throws Failure bad-request, when nothing or too much is left of it, or it has control
   *     characters
   */
  static String clean(String name) {
    String clean = Normalizer.normalize(name, Normalizer.Form.NFC).strip();
    if (clean.isEmpty() || clean.length() > LONGEST) {
      throw Failure.lasting("bad-request", "A name has 1 to " + LONGEST + " characters.");
    }
    if (clean.codePoints().anyMatch(PersonName::isRefused)) {
      throw Failure.lasting(
          "bad-request", "The name holds control characters or broken text: write it without.");
    }
    return clean;
  }

  private static boolean isRefused(int character) {
    int type = Character.getType(character);
    return type == Character.CONTROL
        || type == Character.SURROGATE
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        // Marks that turn the reading direction make a name look like another.
        || (character >= 0x202a && character <= 0x202e)
        || (character >= 0x2066 && character <= 0x2069);
  }

  /** By which names are compared: in any case. */
  static String folded(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC)
        .strip()
        .toUpperCase(Locale.ROOT)
        .toLowerCase(Locale.ROOT);
  }
}
