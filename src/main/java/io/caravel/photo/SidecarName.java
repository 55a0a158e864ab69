package io.caravel.photo;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the name of a sidecar tells of the photo that it belongs to: {@code NAME.xmp} and {@code
 * NAME.EXT.xmp}, {@code NAME.AAE}, and Google Takeout's {@code NAME.EXT.json}, {@code
 * NAME.EXT.supplemental-metadata.json}, both cut at 46 characters before their ending, with the
 * number of {@code NAME(1).EXT} at their end.
 *
 * @param name what is left of it without its ending, number and supplement; without case, composed
 * @param number of Takeout; 0: none
 */
record SidecarName(Kind kind, String name, int number) {
  /** The kinds; their endings are those of the files. */
  enum Kind {
    XMP("xmp"),
    TAKEOUT("json"),
    AAE("aae");

    final String ending;

    Kind(String ending) {
      this.ending = ending;
    }
  }

  /** Takeout's names have 51 characters at most, with {@code .json}. */
  private static final int CUT = 46;

  /** Less than what is left of a photo's name in a cut one: without the longest ending, its dot. */
  private static final int SHORT = 40;

  /** Of the column. */
  private static final int LONGEST = 160;

  /** So much of the supplement is no accident. */
  private static final int SURE = 4;

  private static final String SUPPLEMENT = ".supplemental-metadata";
  private static final Pattern NUMBERED = Pattern.compile("(.+)\\((\\d{1,4})\\)");

  private static final Set<String> ENDINGS =
      Stream.concat(
              Stream.of(PictureType.values()).map(PictureType::extension),
              Stream.of(
                  "jpeg", "jpe", "tif", "heif", "hif", "dng", "cr2", "cr3", "nef", "nrw", "arw",
                  "sr2", "orf", "rw2", "raf", "pef", "srw", "erf", "mrw", "3fr", "iiq", "rwl",
                  "mov", "m4v", "mp4", "mkv", "3gp"))
          .collect(Collectors.toUnmodifiableSet());

  /** Of a file of this name; empty where no sidecar is called so. */
  static Optional<SidecarName> of(String filename) {
    String folded = folded(filename);
    for (Kind kind : Kind.values()) {
      String ending = "." + kind.ending;
      if (folded.endsWith(ending) && folded.length() > ending.length()) {
        String name = folded.substring(0, folded.length() - ending.length());
        return Optional.of(kind == Kind.TAKEOUT ? takeout(name) : new SidecarName(kind, name, 0));
      }
    }
    return Optional.empty();
  }

  private static SidecarName takeout(String named) {
    Matcher numbered = NUMBERED.matcher(named);
    boolean has = numbered.matches();
    String name = has ? numbered.group(1) : named;
    return new SidecarName(
        Kind.TAKEOUT, withoutSupplement(name), has ? Integer.parseInt(numbered.group(2)) : 0);
  }

  /** The supplement is cut, too, down to its dot. */
  private static String withoutSupplement(String name) {
    int dot = name.lastIndexOf('.');
    String last = dot < 0 ? "" : name.substring(dot);
    boolean begins = SUPPLEMENT.startsWith(last);
    boolean sure = last.length() >= SURE || name.length() >= CUT - SURE; // a number cuts more
    return dot > 0 && begins && sure ? name.substring(0, dot) : name;
  }

  /** Whether it is the sidecar of a photo of this name that lies beside it. */
  boolean belongsTo(String filename) {
    String photo = folded(filename);
    if (kind != Kind.TAKEOUT) {
      return photo.equals(name) || stripped(photo).equals(name);
    }
    if (number == 0 && isOf(photo)) {
      return true;
    }
    Matcher numbered = NUMBERED.matcher(stripped(photo));
    return numbered.matches()
        && Integer.parseInt(numbered.group(2)) == number
        && isOf(unnumbered(photo));
  }

  /** {@code NAME.EXT} of {@code NAME(1).EXT}, and of itself. */
  private static String unnumbered(String name) {
    String stripped = stripped(name);
    Matcher numbered = NUMBERED.matcher(stripped);
    return numbered.matches() ? numbered.group(1) + name.substring(stripped.length()) : name;
  }

  private boolean isOf(String photo) {
    return photo.equals(name) || isCut() && photo.startsWith(name);
  }

  /** Whether the photo's name may go on: the supplement that was cut off counts. */
  private boolean isCut() {
    return kind == Kind.TAKEOUT && name.length() >= SHORT;
  }

  /** By which photos are looked up that it may belong to: {@link #stem} of theirs or its short. */
  String stem() {
    return isCut() ? shortStem(name) : stem(name);
  }

  /** Whether {@link #stem} is a short one. */
  boolean isShort() {
    return isCut();
  }

  /** A name without its endings and number, as far as the column holds. */
  static String stem(String filename) {
    String stem = folded(filename);
    for (String shorter = stripped(stem); !shorter.equals(stem); shorter = stripped(stem)) {
      stem = shorter;
    }
    Matcher numbered = NUMBERED.matcher(stem);
    String plain = numbered.matches() ? numbered.group(1) : stem;
    return cut(plain, LONGEST);
  }

  /** The beginning of a name without its number, of as many characters as Takeout never cuts. */
  static String shortStem(String filename) {
    return cut(unnumbered(folded(filename)), SHORT);
  }

  private static String cut(String text, int longest) {
    return text.codePointCount(0, text.length()) <= longest
        ? text
        : text.substring(0, text.offsetByCodePoints(0, longest));
  }

  private static String stripped(String name) {
    int dot = name.lastIndexOf('.');
    return dot > 0 && ENDINGS.contains(name.substring(dot + 1)) ? name.substring(0, dot) : name;
  }

  private static String folded(String filename) {
    return Normalizer.normalize(filename, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
  }
}
