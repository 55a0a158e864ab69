package io.caravel.place;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Where something is: WGS 84 degrees, north and east positive, rounded to the decimals that are
 * asked and kept, all of them always written ({@code 48.2000}).
 */
public record RoundedPosition(BigDecimal latitude, BigDecimal longitude) {
  private static final BigDecimal DATE_LINE = BigDecimal.valueOf(180);

  static RoundedPosition of(double latitude, double longitude, int decimals) {
    BigDecimal east = rounded(longitude, decimals);
    // One meridian, one place.
    return new RoundedPosition(
        rounded(latitude, decimals),
        east.negate().compareTo(DATE_LINE) == 0 ? east.negate() : east);
  }

  private static BigDecimal rounded(double degrees, int decimals) {
    return BigDecimal.valueOf(degrees).setScale(decimals, RoundingMode.HALF_EVEN);
  }
}
