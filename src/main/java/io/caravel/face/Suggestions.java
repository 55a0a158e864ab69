package io.caravel.face;

import io.caravel.face.FaceIndex.Match;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whom the faces to review of one photo are thought to be: of all faces and people that are nearer
 * to each other than the threshold, the two nearest first; each person once, each face once.
 */
final class Suggestions {
  private record Pair(long face, Match person) {}

  private final List<Pair> pairs = new ArrayList<>();

  /**
   * Adds a face.
   *
   * @param people each person that may be it, at the distance of its nearest confirmed face
   */
  void add(long face, Map<Long, Double> people) {
    people.forEach((person, distance) -> pairs.add(new Pair(face, new Match(person, distance))));
  }

  /** By face, the person's root and its distance; a face that is like nobody is not among them. */
  Map<Long, Match> chosen() {
    pairs.sort(
        Comparator.comparingDouble((Pair pair) -> pair.person().distance())
            .thenComparingLong(Pair::face)
            .thenComparingLong(pair -> pair.person().face()));
    Map<Long, Match> chosen = new HashMap<>();
    Set<Long> people = new HashSet<>();
    for (Pair pair : pairs) {
      if (!chosen.containsKey(pair.face()) && people.add(pair.person().face())) {
        chosen.put(pair.face(), pair.person());
      }
    }
    return chosen;
  }
}
