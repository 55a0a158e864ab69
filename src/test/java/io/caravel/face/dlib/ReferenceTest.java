package io.caravel.face.dlib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caravel.face.FaceFinder;
import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceFinder.Found;
import io.caravel.face.dlib.Reference.Answer;
import io.caravel.ground.Failure;
import io.caravel.thumbnail.vips.VipsPictures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Against the answers of the service that Caravel replaces, on the corpus. */
@NullUnmarked
class ReferenceTest {
  private static final Logger LOG = LoggerFactory.getLogger(ReferenceTest.class);

  /**
   * Photos of another kind of pixels than 8-bit RGB or grey: that service read them its own way.
   */
  private static final List<String> PLAIN = List.of(".jpg", ".jpeg", ".JPG", ".png");

  private static DlibFaces faces;
  private static VipsPictures pictures;
  private static Map<String, Answer> answers;

  @BeforeAll
  static void open() throws IOException {
    answers = Reference.answers();
    pictures = Reference.pictures();
    faces = DlibFacesTest.engine(null);
  }

  @AfterAll
  static void close() {
    if (faces != null) {
      faces.close();
    }
  }

  @Test
  void samePixelsGiveSameFacesInSameOrder(@TempDir Path scratch) throws Exception {
    List<Answer> photos =
        answers.values().stream()
            .filter(answer -> !answer.resized())
            .filter(answer -> PLAIN.stream().anyMatch(answer.file()::endsWith))
            .toList();
    Map<String, Found> found =
        Reference.all(
            photos, answer -> faces.find(Reference.plain(pictures, answer.file(), scratch)));
    List<String> wrong = new ArrayList<>();
    int boxes = 0;
    double farthest = 0;
    for (Answer answer : photos) {
      List<Face> ours = found.get(answer.file()).faces();
      boolean same = ours.size() == answer.faces().size();
      for (int i = 0; same && i < ours.size(); i++) {
        boxes++;
        same =
            Reference.edges(Reference.box(ours.get(i)), Reference.box(answer.faces().get(i))) == 0;
        double distance =
            Reference.distance(ours.get(i).encoding(), answer.faces().get(i).encoding());
        farthest = Math.max(farthest, distance);
        same &= distance <= 0.02;
      }
      if (!same) {
        wrong.add(answer.file() + " " + found.get(answer.file()) + " not " + answer);
      }
    }
    LOG.info("{} photos, {} faces; encodings within {}", photos.size(), boxes, farthest);
    assertThat(wrong).isEmpty();
    assertThat(boxes).isGreaterThan(100);
  }

  @Test
  void photosAsTheyAreGiveTheSameFaces() throws Exception {
    Map<String, Found> found = Reference.all(answers.values(), ReferenceTest::asItIs);
    int sameNumber = 0;
    int boxes = 0;
    int near = 0;
    List<String> others = new ArrayList<>();
    List<String> strays = new ArrayList<>();
    for (Answer answer : answers.values()) {
      Found ours = found.get(answer.file());
      if (ours != UNREAD && ours.faces().size() == answer.faces().size()) {
        sameNumber++;
      } else {
        others.add(answer.file() + " " + ours.faces().size() + " not " + answer.faces().size());
        continue;
      }
      for (Face theirs : answer.faces()) {
        double[] box = Reference.box(theirs);
        double best = 0;
        double edges = Double.MAX_VALUE;
        for (Face each : ours.faces()) {
          double[] other = Reference.box(each, ours, answer);
          best = Math.max(best, Reference.overlap(box, other));
          edges = Math.min(edges, Reference.edges(box, other));
        }
        boxes++;
        if (edges <= 0.03) {
          near++;
        } else if (best < 0.5) {
          strays.add(answer.file() + " " + List.of(box[0], box[1], box[2], box[3]) + " " + best);
        }
      }
    }
    LOG.info(
        "{} of {} photos with the same number of faces, others {}; {} of {} boxes within 3 %, astray {}",
        sameNumber, answers.size(), others, near, boxes, strays);
    for (double threshold : new double[] {0.40, 0.45, 0.50, 0.55, THRESHOLD, 0.65}) {
      int wrong = Reference.wrongPairs(found, threshold);
      LOG.info("pairs at {}: {} wrong", threshold, wrong);
      if (threshold == THRESHOLD) {
        assertThat(wrong).as("wrong decisions").isLessThanOrEqualTo(3);
      }
    }
    assertThat(sameNumber).isGreaterThanOrEqualTo((int) Math.ceil(0.95 * answers.size()));
    assertThat(near).isGreaterThanOrEqualTo((int) Math.ceil(0.95 * boxes));
    assertThat(strays).isEmpty();
  }

  /** What cannot be decoded counts as a photo with another number of faces. */
  private static Found asItIs(Answer answer) throws IOException {
    try {
      return faces.find(Reference.decoded(pictures, answer.file()));
    } catch (Failure e) {
      LOG.info("{}: {}", answer.file(), e.getMessage());
      return UNREAD;
    }
  }

  private static final Found UNREAD = new Found(1, 1, List.of());

  private static final double THRESHOLD = 0.6;

  private static final int EVERY = 5;

  @Test
  void bothVariantsGiveTheSameFaces() throws Exception {
    assumeTrue(Dlib.avx2(), "this processor has no AVX2");
    List<Answer> withFaces =
        answers.values().stream()
            .filter(answer -> !answer.faces().isEmpty() && answer.file().endsWith(".jpg"))
            .toList();
    List<Answer> photos = new ArrayList<>();
    for (int i = 0; i < withFaces.size(); i += EVERY) {
      photos.add(withFaces.get(i));
    }
    assertThat(photos).hasSizeGreaterThan(10);
    try (DlibFaces other = DlibFacesTest.engine(DlibFaces.Variant.BASELINE)) {
      FaceFinder fast = faces;
      assertThat(fast.engine()).contains("AVX2");
      Reference.Look compare =
          answer -> {
            var pixels = Reference.decoded(pictures, answer.file());
            Found one = fast.find(pixels);
            DlibFacesTest.assertSame(one, other.find(pixels));
            return one;
          };
      assertThat(Reference.all(photos, compare)).hasSize(photos.size());
    }
  }
}
