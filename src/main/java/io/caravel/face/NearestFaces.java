package io.caravel.face;

import java.util.Arrays;
import java.util.List;

/**
 * How far from each face its nearest confirmed one is: how many faces a threshold joins or parts.
 * Exact for each face that is asked about; of many faces every n-th is.
 */
final class NearestFaces {
  private final float[][] encodings;
  private final int[] people;
  private final long[] sizes;

  /**
   * @param people the encodings of each person's confirmed faces
   */
  NearestFaces(List<List<float[]>> people) {
    this.encodings = people.stream().flatMap(List::stream).toArray(float[][]::new);
    this.people = new int[encodings.length];
    this.sizes = people.stream().mapToLong(List::size).toArray();
    int next = 0;
    for (int person = 0; person < sizes.length; person++) {
      Arrays.fill(this.people, next, next + (int) sizes[person], person);
      next += (int) sizes[person];
    }
  }

  /**
   * Distances of faces to the nearest other one.
   *
   * @param faces that have one
   * @param counted of them; fewer where there are many: then a sample was taken
   * @param counts by bin, as those of {@link Distances.Histogram}
   */
  record Histogram(long faces, long counted, boolean exact, int[] counts) {}

  /** To the nearest face of the same person, and to that of another. */
  record Confirmed(Histogram same, Histogram other) {}

  /** Of so many faces, how many may be asked about for so many distances. */
  int queries(long faces, int distances) {
    return (int) Math.min(faces, distances / Math.max(1, encodings.length));
  }

  /** The i-th of so many faces that are asked about. */
  static int sampled(int i, int queries, int faces) {
    return (int) ((long) i * faces / queries);
  }

  /**
   * Holds the confirmed faces against each other.
   *
   * @param distances that are computed at most
   */
  Confirmed confirmed(int distances) {
    int queries = queries(encodings.length, distances);
    int[] same = new int[Distances.BINS];
    int[] other = new int[Distances.BINS];
    for (int i = 0; i < queries; i++) {
      int face = sampled(i, queries, encodings.length);
      double[] sought = Encodings.doubles(encodings[face]);
      double nearestSame = Double.POSITIVE_INFINITY;
      double nearestOther = Double.POSITIVE_INFINITY;
      for (int j = 0; j < encodings.length; j++) {
        if (people[j] != people[face]) {
          nearestOther =
              Math.min(nearestOther, Encodings.squared(encodings[j], 0, sought, nearestOther));
        } else if (j != face) {
          nearestSame =
              Math.min(nearestSame, Encodings.squared(encodings[j], 0, sought, nearestSame));
        }
      }
      count(same, nearestSame);
      count(other, nearestOther);
    }
    boolean exact = queries == encodings.length;
    return new Confirmed(
        histogram(Arrays.stream(sizes).filter(size -> size > 1).sum(), exact, same),
        histogram(
            Arrays.stream(sizes).filter(size -> size < encodings.length).sum(), exact, other));
  }

  /** Adds the distance from each of the encodings to the nearest confirmed face. */
  void count(int[] counts, Iterable<float[]> toReview) {
    for (float[] encoding : toReview) {
      double[] sought = Encodings.doubles(encoding);
      double nearest = Double.POSITIVE_INFINITY;
      for (float[] each : encodings) {
        nearest = Math.min(nearest, Encodings.squared(each, 0, sought, nearest));
      }
      count(counts, nearest);
    }
  }

  static Histogram histogram(long faces, boolean exact, int[] counts) {
    return new Histogram(faces, Arrays.stream(counts).sum(), exact, counts);
  }

  /** Without another face there is nothing to count. */
  private static void count(int[] counts, double squared) {
    if (squared < Double.POSITIVE_INFINITY) {
      counts[Distances.bin(Math.sqrt(squared))]++;
    }
  }
}
