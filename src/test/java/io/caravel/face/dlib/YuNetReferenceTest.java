package io.caravel.face.dlib;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceFinder.Found;
import io.caravel.face.dlib.Reference.Answer;
import io.caravel.ground.Failure;
import io.caravel.photo.Corpus;
import io.caravel.thumbnail.vips.VipsPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * YuNet on the corpus, against what the service that Caravel replaces answered and against labels:
 * it sees what that saw, invents no more, and its encodings can be compared with the old ones.
 */
@NullUnmarked
class YuNetReferenceTest {
  private static final Logger LOG = LoggerFactory.getLogger(YuNetReferenceTest.class);

  private static final Found UNREAD = new Found(1, 1, List.of());

  /** Where HOG draws a box around a light in the dark, and around a patterned sleeve. */
  private static final List<String> NO_FACE =
      List.of("faces/people/deepface_D/img67.jpg 1044,468", "raw/Issue 247-1.nef 594,1415");

  private static DlibFaces faces;
  private static Map<String, Answer> answers;
  private static Map<String, Found> found;

  @BeforeAll
  static void look() throws Exception {
    answers = Reference.answers();
    VipsPictures pictures = Reference.pictures();
    faces = DlibFacesTest.yunet(2);
    found =
        Reference.all(
            answers.values(),
            answer -> {
              try {
                return faces.find(pictures.decode(file(answer.file()), faces::longestSide, false));
              } catch (Failure e) {
                return UNREAD; // by the libvips that is here
              }
            });
  }

  @AfterAll
  static void close() {
    if (faces != null) {
      faces.close();
    }
  }

  private static Path file(String name) throws IOException {
    return Corpus.directory().resolve(name);
  }

  /** Whom that service found; a few of its boxes hold no face at all. */
  @Test
  void whatTheOldServiceFoundIsFoundAndLooksAlike() {
    List<Double> distances = new ArrayList<>();
    List<String> missed = new ArrayList<>();
    int more = 0;
    for (Answer answer : answers.values()) {
      Found ours = found.get(answer.file());
      if (ours == UNREAD) {
        continue;
      }
      more += Math.max(0, ours.faces().size() - answer.faces().size());
      for (Face theirs : answer.faces()) {
        Face same =
            ours.faces().stream()
                .filter(
                    each ->
                        Reference.overlap(Reference.box(each, ours, answer), Reference.box(theirs))
                            > 0.3)
                .findFirst()
                .orElse(null);
        if (same == null) {
          missed.add(answer.file() + " " + theirs.left() + "," + theirs.top());
        } else {
          distances.add(Reference.distance(same.encoding(), theirs.encoding()));
        }
      }
    }
    Collections.sort(distances);
    LOG.info(
        "{} of {} faces found, missed {}; {} more; distances: median {}, 90 % {}, 99 % {}, farthest {}",
        distances.size(),
        distances.size() + missed.size(),
        missed,
        more,
        distances.get(distances.size() / 2),
        distances.get(distances.size() * 9 / 10),
        distances.get(distances.size() * 99 / 100),
        distances.get(distances.size() - 1));
    assertThat(missed).isSubsetOf(NO_FACE);
    assertThat(distances.get(distances.size() / 2)).isLessThanOrEqualTo(0.06);
    assertThat(distances.get(distances.size() - 1)).isLessThanOrEqualTo(0.45);
  }

  @Test
  void peopleAreToldApartAsBefore() throws IOException {
    assertThat(Reference.wrongPairs(found, 0.6)).isLessThanOrEqualTo(3);
  }

  /** A label: a box, or the tip of a nose, in stored pixels. */
  private record Label(String file, double left, double top, double width, double height) {
    /** Its middle lies in a face that was found. */
    boolean isIn(Map<String, Found> all) {
      Found found = all.get(file);
      return found != null && found.faces().stream().anyMatch(face -> is(face, scale(found)));
    }

    private double scale(Found found) {
      return (double) found.width() / answers.get(file).photoWidth();
    }

    private boolean is(Face face, double scale) {
      double x = (left + width / 2) * scale;
      double y = (top + height / 2) * scale;
      return x >= face.left()
          && x <= face.left() + face.width()
          && y >= face.top()
          && y <= face.top() + face.height();
    }
  }

  /** Labels of turned photos, and in pixels of another size, hold for neither detector. */
  @Test
  void labelledFacesAreFoundAndNoneIsInventedWhereHogDoesNot() throws IOException {
    Map<String, Found> hog = new TreeMap<>();
    answers.forEach(
        (file, answer) ->
            hog.put(file, new Found(answer.width(), answer.height(), answer.faces())));
    List<Label> labels = labels();
    List<String> missed =
        labels.stream().filter(label -> !label.isIn(found)).map(Label::file).toList();
    List<String> missedByHog =
        labels.stream().filter(label -> !label.isIn(hog)).map(Label::file).toList();
    LOG.info(
        "of {} labels missed {} {}, by HOG {} {}; invented {}, by HOG {}",
        labels.size(),
        missed.size(),
        missed,
        missedByHog.size(),
        missedByHog,
        invented(found),
        invented(hog));
    assertThat(missed).hasSizeLessThanOrEqualTo(missedByHog.size());
    assertThat(invented(found)).isLessThanOrEqualTo(invented(hog));
  }

  private static List<Label> labels() throws IOException {
    List<String> lines = Files.readAllLines(file("face_boxes.csv"));
    return lines.subList(1, lines.size()).stream()
        .map(line -> line.split(",", -1))
        .map(
            cells ->
                new Label(
                    cells[0],
                    Double.parseDouble(cells[2]),
                    Double.parseDouble(cells[3]),
                    cells[4].isEmpty() ? 0 : Double.parseDouble(cells[4]),
                    cells[5].isEmpty() ? 0 : Double.parseDouble(cells[5])))
        .toList();
  }

  private static int invented(Map<String, Found> found) {
    return found.entrySet().stream()
        .filter(each -> each.getKey().startsWith("noface/"))
        .mapToInt(each -> each.getValue().faces().size())
        .sum();
  }
}
