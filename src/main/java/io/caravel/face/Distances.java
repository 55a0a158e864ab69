package io.caravel.face;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * How far the confirmed faces of one person lie apart, and those of different people: what a
 * threshold is chosen by. Of many pairs a sample is counted, the same each time.
 */
@Component("distances")
public class Distances {
  /** Euclidean; of a histogram's bin. */
  static final double BIN = 0.02;

  static final int BINS = 80;

  /** Pairs that are counted at most. */
  static final int PAIRS = 1_000_000;

  private final JdbcClient database;
  private final double threshold;

  Distances(JdbcClient database, @Value("${caravel.face.threshold}") double threshold) {
    this.database = database;
    this.threshold = threshold;
  }

  /**
   * Distances of pairs of faces.
   *
   * @param pairs that there are
   * @param counted of them; fewer where there are many: then a sample was drawn
   * @param counts by bin, from 0 on; the last holds whatever is farther, too
   */
  public record Histogram(long pairs, long counted, boolean exact, int[] counts) {}

  /**
   * Both histograms.
   *
   * @param faces confirmed faces with an encoding
   */
  public record Report(
      double bin, double threshold, int people, int faces, Histogram within, Histogram between) {}

  /** The distances between all confirmed faces in photos that are not in the trash. */
  public synchronized Report report() { // one at a time: it holds all of them in memory
    Map<Long, List<float[]>> people = new HashMap<>();
    database
        .sql(
            """
            select coalesce(f.parent_id, f.id) as person, f.descriptor
            from faces f join images i on i.id = f.image_id
            where f.status = 'ok' and f.descriptor is not null
              and f.deleted_at is null and i.deleted_at is null order by f.id
            """)
        .query(
            row -> {
              people
                  .computeIfAbsent(row.getLong("person"), id -> new ArrayList<>())
                  .add(Encoding.floats(row.getBytes("descriptor")));
            });
    return report(people.values().stream().toList(), threshold, PAIRS);
  }

  static Report report(List<List<float[]>> people, double threshold, int most) {
    int faces = people.stream().mapToInt(List::size).sum();
    return new Report(
        BIN, threshold, people.size(), faces, within(people, most), between(people, faces, most));
  }

  private static Histogram within(List<List<float[]>> people, int most) {
    long[] upTo = new long[people.size()];
    long pairs = 0;
    for (int i = 0; i < upTo.length; i++) {
      long size = people.get(i).size();
      pairs += size * (size - 1) / 2;
      upTo[i] = pairs;
    }
    int[] counts = new int[BINS];
    if (pairs <= most) {
      for (List<float[]> person : people) {
        for (int i = 0; i < person.size(); i++) {
          for (int j = 0; j < i; j++) {
            count(counts, person.get(i), person.get(j));
          }
        }
      }
      return new Histogram(pairs, pairs, true, counts);
    }
    SplittableRandom random = new SplittableRandom(1);
    for (int drawn = 0; drawn < most; drawn++) {
      // The first whose pairs end beyond the drawn one.
      int at = Arrays.binarySearch(upTo, random.nextLong(pairs) + 1);
      int first = at < 0 ? -at - 1 : at;
      while (first > 0 && upTo[first - 1] == upTo[first]) {
        first--;
      }
      List<float[]> person = people.get(first);
      int one = random.nextInt(person.size());
      int other = random.nextInt(person.size() - 1);
      count(counts, person.get(one), person.get(other < one ? other : other + 1));
    }
    return new Histogram(pairs, most, false, counts);
  }

  private static Histogram between(List<List<float[]>> people, int faces, int most) {
    long pairs = 0;
    for (List<float[]> person : people) {
      pairs += (long) person.size() * (faces - person.size());
    }
    pairs /= 2;
    int[] counts = new int[BINS];
    if (pairs <= most) {
      for (int i = 0; i < people.size(); i++) {
        for (int j = 0; j < i; j++) {
          for (float[] one : people.get(i)) {
            for (float[] other : people.get(j)) {
              count(counts, one, other);
            }
          }
        }
      }
      return new Histogram(pairs, pairs, true, counts);
    }
    float[][] all = people.stream().flatMap(List::stream).toArray(float[][]::new);
    int[] of = new int[faces];
    int next = 0;
    for (int i = 0; i < people.size(); i++) {
      Arrays.fill(of, next, next + people.get(i).size(), i);
      next += people.get(i).size();
    }
    SplittableRandom random = new SplittableRandom(2);
    long draws = 20L * most; // where nearly all are of one person few pairs are of two
    int drawn = 0;
    while (drawn < most && draws-- > 0) {
      int one = random.nextInt(faces);
      int other = random.nextInt(faces);
      if (of[one] != of[other]) {
        count(counts, all[one], all[other]);
        drawn++;
      }
    }
    return new Histogram(pairs, drawn, false, counts);
  }

  private static void count(int[] counts, float[] one, float[] other) {
    counts[Math.min(BINS - 1, (int) (Encoding.distance(one, other) / BIN))]++;
  }
}
