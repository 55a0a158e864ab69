package io.caravel.bench;

import java.util.Arrays;
import java.util.List;

/** The middle of some figures. */
final class Medians {
  private Medians() {}

  static double of(List<Double> figures) {
    return of(figures.stream().mapToDouble(Double::doubleValue).toArray());
  }

  static double of(double[] figures) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
