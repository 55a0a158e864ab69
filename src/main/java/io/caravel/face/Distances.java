package io.caravel.face;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiConsumer;
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

  /** Distances that are computed at most for each two of the three nearest ones. */
  static final int NEAREST = 10_000_000;

  private final JdbcClient database;
  private final FaceTable faces;
  private final double threshold;

  Distances(
      JdbcClient database, FaceTable faces, @Value("${caravel.face.threshold}") double threshold) {
    this.database = database;
    this.faces = faces;
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
   * All histograms.
   *
   * @param faces confirmed faces with an encoding
   * @param nearestSame from each confirmed face of a person with two or more to the nearest other
   *     one of it: beyond a threshold it would be parted from its person
   * @param nearestOther from each confirmed face to the nearest one of another person: below a
   *     threshold it could be joined with the wrong one
   * @param toReview from each face to review to the nearest confirmed one: below a threshold that
   *     person would be suggested
   */
  public record Report(
      double bin,
      double threshold,
      int people,
      int faces,
      Histogram within,
      Histogram between,
      NearestFaces.Histogram nearestSame,
      NearestFaces.Histogram nearestOther,
      NearestFaces.Histogram toReview) {}

  /** The distances between all faces in photos that are not in the trash. */
  public synchronized Report report() { // one at a time: it holds all confirmed ones in memory
    Map<Long, Long> personOf = new LinkedHashMap<>();
    visible("ok", (id, parent) -> personOf.put(id, parent == 0 ? id : parent));
    Map<Long, List<float[]>> encodings = new LinkedHashMap<>();
    for (List<Long> chunk : FaceTable.chunks(personOf.keySet())) {
      new TreeMap<>(faces.encodings(chunk))
          .forEach(
              (id, encoding) ->
                  encodings
                      .computeIfAbsent(
                          Objects.requireNonNull(personOf.get(id)), person -> new ArrayList<>())
                      .add(encoding));
    }
    List<List<float[]>> people = List.copyOf(encodings.values());
    int confirmed = people.stream().mapToInt(List::size).sum();
    NearestFaces nearest = new NearestFaces(people);
    NearestFaces.Confirmed each = nearest.confirmed(NEAREST);
    return new Report(
        BIN,
        threshold,
        people.size(),
        confirmed,
        within(people, PAIRS),
        between(people, confirmed, PAIRS),
        each.same(),
        each.other(),
        toReview(nearest, confirmed));
  }

  private NearestFaces.Histogram toReview(NearestFaces nearest, int confirmed) {
    List<Long> ids = new ArrayList<>();
    visible("process", (id, parent) -> ids.add(id));
    int queries = confirmed == 0 ? 0 : nearest.queries(ids.size(), NEAREST);
    List<Long> asked = new ArrayList<>();
    for (int i = 0; i < queries; i++) {
      asked.add(ids.get(NearestFaces.sampled(i, queries, ids.size())));
    }
    int[] counts = new int[BINS];
    FaceTable.chunks(asked)
        .forEach(chunk -> nearest.count(counts, faces.encodings(chunk).values()));
    return NearestFaces.histogram(
        confirmed == 0 ? 0 : ids.size(), confirmed == 0 || queries == ids.size(), counts);
  }

  /** The faces of that status in photos that are not in the trash, with their parents or 0. */
  private void visible(String status, BiConsumer<Long, Long> each) {
    database
        .sql(
            """
            select id, parent_id from faces use index (faces_listed)
            where status = :status and deleted_at is null and image_id is not null
              and image_id not in (select id from images where deleted_at is not null)
            order by status, deleted_at, id
            """)
        .param("status", status)
        .query(
            row -> {
              each.accept(row.getLong("id"), row.getLong("parent_id"));
            });
  }

  static Histogram within(List<List<float[]>> people, int most) {
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

  static Histogram between(List<List<float[]>> people, int faces, int most) {
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
    counts[bin(Encoding.distance(one, other))]++;
  }

  /** Of a distance: the last holds whatever is farther, too. */
  static int bin(double distance) {
    return Math.min(BINS - 1, (int) (distance / BIN));
  }
}
