package io.caravel.metadata;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a photo says it was taken: WGS 84 degrees, both null unless the kind is valid. */
record Position(String kind, @Nullable Double latitude, @Nullable Double longitude) {
  static final String VALID = "valid";
  static final String INVALID = "invalid";
  static final String NONE = "none";

  /**
   * The first of these that can be: EXIF's numbers with their hemispheres, or with signs where no
   * hemisphere is told; what ExifTool made of other formats; XMP's; the pair in GPSPosition. A
   * number whose sign says another hemisphere than the letter beside it is no position: it could be
   * either. What a maker's notes alone tell is not a position of the photo.
   */
  static Position of(Tags tags) {
    boolean exif = tags.has("GPS:GPSLatitude", "GPS:GPSLongitude");
    return Stream.of(
            exif
                ? inHemispheres(tags, "GPS:", false)
                : pair(tags, "Composite:GPSLatitude", "Composite:GPSLongitude"),
            inHemispheres(tags, "XMP-exif:", true),
            spaced(tags))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseGet(() -> new Position(told(tags) ? INVALID : NONE, null, null));
  }

  /**
   * @param positiveIsNorthEast whether numbers without letters and signs say so
   */
  private static Optional<Position> inHemispheres(
      Tags tags, String group, boolean positiveIsNorthEast) {
    OptionalDouble y = tags.number(group + "GPSLatitude");
    OptionalDouble x = tags.number(group + "GPSLongitude");
    if (y.isEmpty() || x.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> northOrSouth = tags.text(group + "GPSLatitudeRef");
    Optional<String> eastOrWest = tags.text(group + "GPSLongitudeRef");
    if (northOrSouth.isEmpty() && eastOrWest.isEmpty()) {
      boolean signed = y.getAsDouble() < 0 || x.getAsDouble() < 0;
      return signed || positiveIsNorthEast
          ? valid(y.getAsDouble(), x.getAsDouble())
          : Optional.empty();
    }
    return valid(
        signed(y.getAsDouble(), northOrSouth, 'N', 'S'),
        signed(x.getAsDouble(), eastOrWest, 'E', 'W'));
  }

  /** NaN: it cannot be told. */
  private static double signed(
      double number, Optional<String> hemisphere, char positive, char negative) {
    char letter = hemisphere.map(text -> Character.toUpperCase(text.charAt(0))).orElse(' ');
    if (letter == negative) {
      return -Math.abs(number);
    }
    return letter == positive && number >= 0 ? number : Double.NaN;
  }

  // ExifTool makes its Composite:GPSPosition also of numbers that have lost their sign: it counts
  // only where there are none it could be made of.
  private static Optional<Position> spaced(Tags tags) {
    return tags.has("*:GPSLatitude", "*:GPSLongitude")
        ? Optional.empty()
        : tags.text("*:GPSPosition").flatMap(Position::pair);
  }

  private static Optional<Position> pair(Tags tags, String latitude, String longitude) {
    OptionalDouble y = tags.number(latitude);
    OptionalDouble x = tags.number(longitude);
    return y.isPresent() && x.isPresent()
        ? valid(y.getAsDouble(), x.getAsDouble())
        : Optional.empty();
  }

  private static Optional<Position> pair(String spaced) {
    String[] parts = spaced.split(" +", 3);
    return parts.length == 2
        ? valid(Tags.parsed(parts[0]), Tags.parsed(parts[1]))
        : Optional.empty();
  }

  // 0,0 lies in the sea off Ghana; it is what devices write that do not know where they are.
  static Optional<Position> valid(double latitude, double longitude) {
    boolean valid =
        Math.abs(latitude) <= 90
            && Math.abs(longitude) <= 180
            && !(latitude == 0 && longitude == 0);
    return valid ? Optional.of(new Position(VALID, latitude, longitude)) : Optional.empty();
  }

  private static boolean told(Tags tags) {
    return tags.has(
            "GPS:GPSLatitude",
            "GPS:GPSLongitude",
            "GPS:GPSLatitudeRef",
            "GPS:GPSLongitudeRef",
            "Composite:GPSLatitude",
            "Composite:GPSLongitude",
            "XMP-exif:GPSLatitude",
            "XMP-exif:GPSLongitude")
        || tags.has("*:GPSPosition") && !tags.has("*:GPSLatitude", "*:GPSLongitude");
  }
}
