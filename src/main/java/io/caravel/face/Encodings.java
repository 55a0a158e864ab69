package io.caravel.face;

import io.caravel.face.FaceIndex.Match;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Encodings by face: one matrix without gaps, 512 bytes a row, in a mapped file that has no name:
 * outside the heap and the limit of direct memory, and gone with the process. Many may read at
 * once, or one may write.
 */
final class Encodings {
  private static final int LENGTH = FaceFinder.ENCODING;
  private static final int ROWS = 4096; // of a mapping: 2 MB
  private static final int BLOCK = 16; // rows copied at once, out of the mapping into the cache
  private static final int STEP = 32; // summed before the sum is looked at

  private final FileChannel file;
  private final List<FloatBuffer> parts = new ArrayList<>();
  private final Map<Long, Integer> rows = new HashMap<>();
  private long[] faces = new long[ROWS];

  /**
   * @param directory is made when missing
   */
  Encodings(Path directory) {
    try {
      Files.createDirectories(directory);
      Path name = Files.createTempFile(directory, "encodings", ".tmp");
      file = FileChannel.open(name, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Files.delete(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int size() {
    return rows.size();
  }

  /** The faces of which one is held; a copy. */
  Set<Long> faces() {
    return new HashSet<>(rows.keySet());
  }

  boolean has(long face) {
    return rows.containsKey(face);
  }

  void put(long face, float[] encoding) {
    Integer held = rows.get(face);
    int row = held == null ? rows.size() : held;
    if (row == parts.size() * ROWS) {
      grow();
    }
    faces[row] = face;
    parts.get(row / ROWS).put(row % ROWS * LENGTH, encoding, 0, LENGTH);
    rows.put(face, row); // last: a full disk leaves all as it was
  }

  private void grow() {
    try {
      // Written, so that a full disk is an exception here and not a fault of the mapping.
      ByteBuffer zeros = ByteBuffer.allocate(ROWS * LENGTH * Float.BYTES);
      long at = (long) parts.size() * zeros.capacity();
      while (zeros.hasRemaining()) {
        file.write(zeros, at + zeros.position());
      }
      parts.add(
          file.map(FileChannel.MapMode.READ_WRITE, at, zeros.capacity())
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer());
      faces = Arrays.copyOf(faces, parts.size() * ROWS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last row takes the place of the removed one. */
  void remove(long face) {
    Integer row = rows.remove(face);
    int last = rows.size();
    if (row == null || row == last) {
      return;
    }
    float[] moved = new float[LENGTH];
    parts.get(last / ROWS).get(last % ROWS * LENGTH, moved);
    parts.get(row / ROWS).put(row % ROWS * LENGTH, moved);
    faces[row] = faces[last];
    rows.put(faces[row], row);
  }

  /** The nearest; of several that are as near the one with the smallest id. */
  Optional<Match> nearest(float[] encoding) {
    double[] sought = doubles(encoding);
    float[] block = new float[BLOCK * LENGTH];
    double least = Double.POSITIVE_INFINITY;
    long nearest = 0;
    int size = size();
    for (int from = 0; from < size; from += BLOCK) {
      read(from, block);
      for (int row = from; row < Math.min(size, from + BLOCK); row++) {
        double sum = squared(block, (row - from) * LENGTH, sought, least);
        if (sum < least || sum == least && faces[row] < nearest) {
          least = sum;
          nearest = faces[row];
        }
      }
    }
    return size == 0 ? Optional.empty() : Optional.of(new Match(nearest, Math.sqrt(least)));
  }

  /** All that are nearer than the threshold, the nearest first. */
  List<Match> within(float[] encoding, double threshold) {
    double[] sought = doubles(encoding);
    float[] block = new float[BLOCK * LENGTH];
    double bound = threshold * threshold * 1.000001; // the root decides
    List<Match> found = new ArrayList<>();
    int size = size();
    for (int from = 0; from < size; from += BLOCK) {
      read(from, block);
      for (int row = from; row < Math.min(size, from + BLOCK); row++) {
        double distance = Math.sqrt(squared(block, (row - from) * LENGTH, sought, bound));
        if (distance < threshold) {
          found.add(new Match(faces[row], distance));
        }
      }
    }
    found.sort(Comparator.comparingDouble(Match::distance).thenComparingLong(Match::face));
    return found;
  }

  private void read(int row, float[] block) {
    parts.get(row / ROWS).get(row % ROWS * LENGTH, block);
  }

  static double[] doubles(float[] encoding) {
    double[] doubles = new double[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      doubles[i] = encoding[i];
    }
    return doubles;
  }

  /**
   * The squared distance of the encoding that begins at {@code at}; where it comes above the bound,
   * a part of it that is above, too.
   */
  static double squared(float[] block, int at, double[] sought, double bound) {
    double sum = 0;
    for (int i = 0; i < LENGTH && sum <= bound; i += STEP) {
      double a = 0;
      double b = 0;
      double c = 0;
      double d = 0;
      for (int j = i; j < i + STEP; j += 4) {
        double first = block[at + j] - sought[j];
        double second = block[at + j + 1] - sought[j + 1];
        double third = block[at + j + 2] - sought[j + 2];
        double fourth = block[at + j + 3] - sought[j + 3];
        a += first * first;
        b += second * second;
        c += third * third;
        d += fourth * fourth;
      }
      sum += a + b + (c + d);
    }
    return sum;
  }
}
