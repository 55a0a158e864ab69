package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The distances to the nearest faces. */
class NearestFacesTest {
  private final Random random = new Random(7);

  /** At that place of a line on which all faces of these tests stand. */
  private static float[] at(double place) {
    float[] encoding = new float[FaceFinder.ENCODING];
    encoding[FaceFinder.ENCODING - 1] = (float) place;
    return encoding;
  }

  private static List<String> told(NearestFaces.Histogram histogram) {
    List<String> told = new ArrayList<>();
    for (int bin = 0; bin < histogram.counts().length; bin++) {
      if (histogram.counts()[bin] > 0) {
        told.add("%.2f: %d".formatted(bin * Distances.BIN, histogram.counts()[bin]));
      }
    }
    return told;
  }

  @Test
  void eachFaceIsHeldAgainstItsOwnPersonAndTheOthers() {
    List<List<float[]>> people =
        List.of(List.of(at(0), at(0.11), at(0.31)), List.of(at(0.81), at(1.02)), List.of(at(9)));
    NearestFaces.Confirmed nearest = new NearestFaces(people).confirmed(1000);
    assertThat(told(nearest.same())).containsExactly("0.10: 2", "0.20: 3");
    assertThat(nearest.same().faces()).isEqualTo(5);
    assertThat(nearest.same().counted()).isEqualTo(5);
    assertThat(told(nearest.other())).containsExactly("0.50: 2", "0.70: 2", "0.80: 1", "1.58: 1");
    assertThat(nearest.other().faces()).isEqualTo(6);
    assertThat(nearest.same().exact() && nearest.other().exact()).isTrue();
  }

  @Test
  void whoIsAloneHasNobodyNear() {
    NearestFaces.Confirmed one = new NearestFaces(List.of(List.of(at(0)))).confirmed(1000);
    assertThat(one.same().faces()).isZero();
    assertThat(one.other().faces()).isZero();
    assertThat(one.same().counted() + one.other().counted()).isZero();
    NearestFaces.Confirmed none = new NearestFaces(List.of()).confirmed(1000);
    assertThat(none.other().counted()).isZero();
  }

  @Test
  void theNearestOfManyIsTheOneThatAWholeSumFinds() {
    List<List<float[]>> people = new ArrayList<>();
    for (int person = 0; person < 20; person++) {
      people.add(List.of(any(), any(), any()));
    }
    int[] expected = new int[Distances.BINS];
    int[] counts = new int[Distances.BINS];
    List<float[]> asked = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      float[] encoding = any();
      asked.add(encoding);
      double nearest =
          people.stream()
              .flatMap(List::stream)
              .mapToDouble(each -> Encoding.distance(encoding, each))
              .min()
              .orElseThrow();
      expected[Distances.bin(nearest)]++;
    }
    new NearestFaces(people).count(counts, asked);
    assertThat(counts).isEqualTo(expected);
  }

  private float[] any() {
    float[] encoding = new float[FaceFinder.ENCODING];
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] = (float) random.nextGaussian() * 0.08f;
    }
    return encoding;
  }

  @Test
  void ofMoreFacesThanThereIsTimeForEveryNthIsAskedAboutTheSameEachTime() {
    List<List<float[]>> people = new ArrayList<>();
    for (int person = 0; person < 50; person++) {
      people.add(List.of(at(person), at(person + 0.01 * person)));
    }
    NearestFaces faces = new NearestFaces(people);
    NearestFaces.Confirmed sample = faces.confirmed(2000);
    assertThat(sample.same().faces()).isEqualTo(100);
    assertThat(sample.same().counted()).isEqualTo(20);
    assertThat(sample.same().exact()).isFalse();
    assertThat(told(sample.same()))
        .hasSizeGreaterThan(10)
        .isEqualTo(told(faces.confirmed(2000).same()));
    assertThat(faces.queries(30, 2000)).isEqualTo(20);
  }
}
