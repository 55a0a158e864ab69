package io.caravel.duplicate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Test;

class PictureHashTest {
  /** The level of each pixel, of three colours alike. */
  private static byte[] drawn(int width, int height, IntBinaryOperator level) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < width * height; i++) {
      int value = Math.max(0, Math.min(255, level.applyAsInt(i % width, i / width)));
      for (int band = 0; band < 3; band++) {
        rgb[3 * i + band] = (byte) value;
      }
    }
    return rgb;
  }

  /** Hills in every direction, at a place from 0 to 1. */
  private static int hills(double x, double y) {
    return (int)
        (120
            + 50 * Math.sin(9 * x + 4 * y)
            + 40 * Math.cos(13 * y - 5 * x)
            + 20 * Math.sin(21 * x));
  }

  private static long hash(int side, int more) {
    Long hash =
        PictureHash.of(
            side,
            side,
            drawn(side, side, (x, y) -> hills((double) x / side, (double) y / side) + more));
    assertThat(hash).isNotNull();
    return hash == null ? 0 : hash;
  }

  @Test
  void theSamePictureSmallerOrBrighterDiffersInFewBits() {
    long whole = hash(300, 0);
    assertThat(Long.bitCount(whole ^ hash(150, 0))).isLessThanOrEqualTo(2);
    assertThat(Long.bitCount(whole ^ hash(300, 20))).isLessThanOrEqualTo(2);
    assertThat(Long.bitCount(whole ^ hash(40, 0))).isLessThanOrEqualTo(4);
  }

  @Test
  void anotherPictureDiffersInMany() {
    Long turned =
        PictureHash.of(300, 300, drawn(300, 300, (x, y) -> hills(1 - x / 300.0, y / 300.0)));
    assertThat(Long.bitCount(hash(300, 0) ^ (turned == null ? 0 : turned))).isGreaterThan(15);
  }

  @Test
  void aPictureWithoutStructureHasNone() {
    Random random = new Random(1);
    assertThat(PictureHash.of(300, 300, drawn(300, 300, (x, y) -> 255))).isNull();
    assertThat(PictureHash.of(300, 300, drawn(300, 300, (x, y) -> 90 + random.nextInt(12))))
        .as("noise")
        .isNull();
    assertThat(PictureHash.of(1, 1, drawn(1, 1, (x, y) -> 7))).isNull();
    assertThat(PictureHash.of(300, 1, drawn(300, 1, (x, y) -> x))).isNotNull();
  }
}
