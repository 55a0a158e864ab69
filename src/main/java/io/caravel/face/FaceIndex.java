package io.caravel.face;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The encodings of the faces in memory, as the database has them, also when another node changes
 * them. Exact nearest neighbours. Thread-safe.
 */
public interface FaceIndex {
  /**
   * A face near to an encoding.
   *
   * @param distance Euclidean
   */
  record Match(long face, double distance) {}

  /**
   * A confirmed face near to an encoding.
   *
   * @param person the root it stands under, itself where it is one
   * @param distance Euclidean
   */
  record Known(long face, long person, double distance) {}

  /**
   * The person with the nearest confirmed face: a match with its root, at that face's distance.
   * Also faces in the trash are somebody's.
   */
  Optional<Match> nearestPerson(float[] encoding);

  /** The confirmed faces nearer to it than this, the nearest first. */
  List<Known> confirmedWithin(float[] encoding, double threshold);

  /** The faces with status {@code process} nearer to it than this, the nearest first. */
  List<Match> toReviewWithin(float[] encoding, double threshold);

  /** These rows have been committed, changed or deleted: they are read again, at once. */
  void changed(Collection<Long> faces);

  /**
   * What others have committed is read, at once; it is else every {@code caravel.face.refresh-ms}.
   */
  void refresh();
}
