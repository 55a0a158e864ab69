package io.caravel.metadata;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Pixels, both at least 1. */
record Size(int width, int height) {
  private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,8})[ x]([1-9]\\d{0,8})");

  static Optional<Size> of(OptionalInt width, OptionalInt height) {
    return width.isPresent() && height.isPresent()
        ? Optional.of(new Size(width.getAsInt(), height.getAsInt()))
        : Optional.empty();
  }

  /** ExifTool's "4000 3000" or "4000x3000". */
  static Optional<Size> of(String text) {
    Matcher parts = TEXT.matcher(text);
    return parts.matches()
        ? Optional.of(new Size(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2))))
        : Optional.empty();
  }

  /** As seen when turned by the EXIF orientation: 5 to 8 lie on their side. */
  Size upright(int orientation) {
    return orientation >= 5 ? new Size(height, width) : this;
  }
}
