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
   * Latitude and longitude when both are there, else the pair in GPSPosition. Only groups whose
   * numbers carry their sign are asked: the EXIF tags themselves are without N/S and E/W, and
   * ExifTool's Composite ones are made of them when the hemispheres are known. What a maker's notes
   * alone tell is not a position of the photo.
   */
  static Position of(Tags tags) {
    return Stream.of(
            pair(tags, "Composite:GPSLatitude", "Composite:GPSLongitude"),
            pair(tags, "XMP-exif:GPSLatitude", "XMP-exif:GPSLongitude"),
            spaced(tags))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseGet(() -> new Position(told(tags) ? INVALID : NONE, null, null));
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
  private static Optional<Position> valid(double latitude, double longitude) {
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
