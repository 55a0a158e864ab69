package io.caravel.duplicate;

import org.jspecify.annotations.Nullable;

/**
 * What a picture looks like, in 64 bits: pictures that look alike differ in few of them. A bit is
 * the sign of one of the 64 slowest waves of its brightness (a discrete cosine transform of 32 x 32
 * means), which outlast another size, format, quality and brightness.
 *
 * @see <a href="https://www.phash.org/docs/pubs/thesis_zauner.pdf">Zauner: Implementation and
 *     Benchmarking of Perceptual Image Hash Functions, 3.2.1</a>
 */
final class PictureHash {
  private static final int SIDE = 32;
  private static final int WAVES = 11; // in each direction: 64 of them are the slowest
  private static final int BITS = 64;

  /**
   * Of the waves' mean size, in levels of 255. Flat colours and soft gradients, of which the noise
   * alone would decide, have less.
   */
  private static final double LEAST = 1.0;

  private static final double[][] COSINES = cosines();

  private PictureHash() {}

  /**
   * The hash.
   *
   * @param rgb 3 bytes a pixel, row by row
   * @return null for a picture without structure
   */
  static @Nullable Long of(int width, int height, byte[] rgb) {
    double[][] waves = waves(means(width, height, rgb));
    long hash = 0;
    double size = 0;
    int bit = 0;
    for (int sum = 1; bit < BITS; sum++) {
      for (int across = 0; across <= sum && bit < BITS; across++) {
        double wave = waves[sum - across][across];
        size += Math.abs(wave);
        if (wave > 0) {
          hash |= 1L << bit % 5 * 13 + bit / 5; // the slowest, alike in many, not side by side
        }
        bit++;
      }
    }
    return size / BITS < LEAST ? null : Long.valueOf(hash);
  }

  /** The brightness of 32 x 32 parts; a pixel counts to that in which it begins. */
  private static double[][] means(int width, int height, byte[] rgb) {
    double[][] sums = new double[SIDE][SIDE];
    int[][] counts = new int[SIDE][SIDE];
    for (int y = 0; y < Math.max(height, SIDE); y++) {
      for (int x = 0; x < Math.max(width, SIDE); x++) {
        int fromX = width < SIDE ? x * width / SIDE : x;
        int fromY = height < SIDE ? y * height / SIDE : y;
        int at = 3 * (fromY * width + fromX);
        int toX = width < SIDE ? x : x * SIDE / width;
        int toY = height < SIDE ? y : y * SIDE / height;
        sums[toY][toX] +=
            0.299 * (rgb[at] & 0xff) + 0.587 * (rgb[at + 1] & 0xff) + 0.114 * (rgb[at + 2] & 0xff);
        counts[toY][toX]++;
      }
    }
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        sums[y][x] /= counts[y][x];
      }
    }
    return sums;
  }

  private static double[][] waves(double[][] means) {
    double[][] rows = new double[SIDE][WAVES];
    for (int y = 0; y < SIDE; y++) {
      for (int wave = 0; wave < WAVES; wave++) {
        for (int x = 0; x < SIDE; x++) {
          rows[y][wave] += means[y][x] * COSINES[wave][x];
        }
      }
    }
    double[][] waves = new double[WAVES][WAVES];
    for (int down = 0; down < WAVES; down++) {
      for (int across = 0; across < WAVES; across++) {
        for (int y = 0; y < SIDE; y++) {
          waves[down][across] += rows[y][across] * COSINES[down][y];
        }
      }
    }
    return waves;
  }

  /** Orthonormal but for a factor: a wave of one level's height has the size 16. */
  private static double[][] cosines() {
    double[][] cosines = new double[WAVES][SIDE];
    for (int wave = 0; wave < WAVES; wave++) {
      for (int x = 0; x < SIDE; x++) {
        cosines[wave][x] =
            Math.cos(Math.PI * wave * (2 * x + 1) / (2 * SIDE))
                * (wave == 0 ? Math.sqrt(0.5) : 1)
                * Math.sqrt(2.0 / SIDE);
      }
    }
    return cosines;
  }
}
