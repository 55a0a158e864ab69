package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.face.FaceIndex.Match;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodingsTest {
  private static final Offset<Double> SAME = Offset.offset(1e-9);

  @TempDir Path directory = Path.of("");
  private final Random random = new Random(5);

  @Test
  void theNearestIsWhatBruteForceFindsWhateverWasPutReplacedAndRemoved() {
    Encodings encodings = new Encodings(directory);
    Map<Long, float[]> all = new HashMap<>();
    for (int step = 0; step < 12_000; step++) {
      long face = 1 + random.nextInt(9000); // more than the rows of one mapping
      if (random.nextInt(4) == 0) {
        encodings.remove(face);
        all.remove(face);
      } else {
        float[] encoding = encoding();
        encodings.put(face, encoding);
        all.put(face, encoding);
      }
      if (step % 100 == 0) {
        holds(encodings, all);
      }
    }
    assertThat(encodings.size()).isEqualTo(all.size()).isGreaterThan(4096);
  }

  private void holds(Encodings encodings, Map<Long, float[]> all) {
    float[] sought = encoding();
    List<Match> expected =
        all.entrySet().stream()
            .map(each -> new Match(each.getKey(), Encoding.distance(each.getValue(), sought)))
            .sorted(Comparator.comparingDouble(Match::distance).thenComparingLong(Match::face))
            .toList();
    Optional<Match> nearest = encodings.nearest(sought);
    assertThat(nearest.map(Match::face)).isEqualTo(expected.stream().findFirst().map(Match::face));
    nearest.ifPresent(
        match -> assertThat(match.distance()).isCloseTo(expected.get(0).distance(), SAME));
    double threshold = 0.85;
    assertThat(encodings.within(sought, threshold).stream().map(Match::face))
        .containsExactlyElementsOf(
            expected.stream()
                .filter(match -> match.distance() < threshold)
                .map(Match::face)
                .toList());
  }

  @Test
  void thereIsNoNearestOfNone() {
    Encodings encodings = new Encodings(directory);
    assertThat(encodings.nearest(encoding())).isEmpty();
    encodings.put(7, encoding());
    encodings.remove(7);
    encodings.remove(8);
    assertThat(encodings.nearest(encoding())).isEmpty();
    assertThat(encodings.within(encoding(), 10)).isEmpty();
  }

  @Test
  void ofTwoThatAreAsNearTheOlderFaceIsTheNearest() {
    Encodings encodings = new Encodings(directory);
    float[] twin = encoding();
    encodings.put(9, twin);
    encodings.put(4, twin);
    assertThat(encodings.nearest(twin)).contains(new Match(4, 0));
  }

  @Test
  void atTheThresholdItselfNothingIsWithin() {
    Encodings encodings = new Encodings(directory);
    float[] origin = new float[FaceFinder.ENCODING];
    float[] away = origin.clone();
    away[127] = 0.5f;
    encodings.put(1, away);
    assertThat(encodings.within(origin, 0.5)).isEmpty();
    assertThat(encodings.within(origin, 0.5000001)).containsExactly(new Match(1, 0.5));
  }

  @Test
  void theFileHasNoName() {
    Encodings encodings = new Encodings(directory);
    encodings.put(1, encoding());
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void anEncodingReadsBackFromItsBytesAndItsJson() throws Exception {
    float[] encoding = encoding();
    encoding[0] = Float.MIN_VALUE;
    encoding[1] = -0f;
    assertThat(Encoding.floats(Encoding.bytes(encoding))).isEqualTo(encoding);
    assertThat(Encoding.bytes(encoding)).hasSize(512);
    assertThat(
            new com.fasterxml.jackson.databind.ObjectMapper()
                .readValue(Encoding.json(encoding), float[].class))
        .isEqualTo(encoding);
  }

  /** Such as the net's: nearly of length 1.4, so that two strangers are some 0.8 apart. */
  private float[] encoding() {
    float[] encoding = new float[FaceFinder.ENCODING];
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] = (float) (random.nextGaussian() * 0.055);
    }
    return encoding;
  }

  @Test
  void ofManyThatAreAsNearTheOlderFaceIsTheNearestWhateverItsRow() {
    Encodings encodings = new Encodings(directory);
    float[] twin = encoding();
    for (long face : new long[] {9, 4, 7}) {
      encodings.put(face, twin);
    }
    assertThat(encodings.nearest(twin)).contains(new Match(4, 0));
    assertThat(encodings.within(twin, 0.1).stream().map(Match::face)).containsExactly(4L, 7L, 9L);
  }

  @Test
  void aThresholdAboveOneFindsWhatIsFartherThanOne() {
    Encodings encodings = new Encodings(directory);
    float[] origin = new float[FaceFinder.ENCODING];
    float[] away = origin.clone();
    Arrays.fill(away, 0.125f); // in each of the steps in which it is summed
    encodings.put(1, away);
    double distance = Math.sqrt(128 * 0.125 * 0.125);
    assertThat(distance).isGreaterThan(1);
    assertThat(encodings.within(origin, distance + 0.01)).containsExactly(new Match(1, distance));
    assertThat(encodings.within(origin, distance - 0.01)).isEmpty();
  }
}
