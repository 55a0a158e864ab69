package io.caravel.face.dlib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceFinder.Found;
import io.caravel.ground.Failure;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** YuNet and dlib in this process, on drawn pictures. */
@NullUnmarked
class YuNetTest {
  private DlibFaces faces;

  @BeforeEach
  void open() {
    faces = DlibFacesTest.yunet(2);
  }

  @AfterEach
  void close() {
    if (faces != null) {
      faces.close();
    }
  }

  @Test
  void itSaysByWhatItLooks() {
    assertThat(faces.engine())
        .matches("YuNet-s, ONNX Runtime \\d+\\.\\d+\\.\\d+, dlib \\d+\\.\\d+, .+");
    assertThat(faces.version()).matches("yunet-s daede240, dlib \\d+\\.\\d+").hasSizeLessThan(65);
  }

  @Test
  void aDrawnFaceIsFoundWhereHogFindsIt() {
    BufferedImage picture = DlibFacesTest.drawn(400, 300, 200, 150);
    Found found = faces.find(DlibFacesTest.pixels(picture));
    assertThat(found.faces()).hasSize(1);
    Face face = found.faces().get(0);
    assertThat(face.score()).isBetween(0.8, 1.0);
    assertThat(face.encoding()).hasSize(128);
    try (DlibFaces hog = DlibFacesTest.engine(null)) {
      Face same = hog.find(DlibFacesTest.pixels(picture)).faces().get(0);
      assertThat(Reference.overlap(Reference.box(face), Reference.box(same))).isGreaterThan(0.5);
      assertThat(Reference.distance(face.encoding(), same.encoding())).isLessThan(0.3);
    }
  }

  @Test
  void aPictureWithoutAFaceHasNone() {
    for (int[] size : new int[][] {{640, 480}, {1, 1}, {1, 3000}, {3000, 1}, {7, 5}}) {
      assertThat(faces.find(DlibFacesTest.pixels(DlibFacesTest.blank(size[0], size[1]))).faces())
          .isEmpty();
    }
  }

  @Test
  void itIsTheAreaThatIsLookedAtNotTheLongerSide() {
    assertThat(faces.longestSide(1600, 1200)).isEqualTo(1600);
    assertThat(faces.longestSide(4000, 3000)).isEqualTo(1632);
    assertThat(faces.longestSide(3000, 4000)).isEqualTo(1632);
    assertThat(faces.longestSide(9000, 900)).isEqualTo(4472);
    assertThat(faces.longestSide(60_000, 300)).isEqualTo(10_000);
    Found found = faces.find(DlibFacesTest.pixels(DlibFacesTest.drawn(3000, 1500, 1000, 700)));
    assertThat((double) found.width() * found.height()).isCloseTo(2e6, within(1e4));
    assertThat(found.faces()).hasSize(1);
    assertThat(found.faces().get(0).left() * 1.5).isCloseTo(900, within(60.0));
  }

  @Test
  void aFaceAtTheEdgeHasABoxWithinThePicture() {
    BufferedImage whole = DlibFacesTest.drawn(400, 300, 200, 150);
    int seen = 0;
    for (int left = 0; left < 240; left += 10) {
      BufferedImage part = DlibFacesTest.blank(400 - left, 300);
      Graphics2D pen = part.createGraphics();
      pen.drawImage(whole, -left, 0, null);
      pen.dispose();
      Found found = faces.find(DlibFacesTest.pixels(part));
      for (Face face : found.faces()) {
        seen++;
        assertThat(face.left()).isNotNegative();
        assertThat(face.top()).isNotNegative();
        assertThat(face.left() + face.width()).isLessThanOrEqualTo(found.width());
        assertThat(face.top() + face.height()).isLessThanOrEqualTo(found.height());
      }
    }
    assertThat(seen).isGreaterThan(10);
  }

  @Test
  void manyThreadsFindTheSame() throws Exception {
    BufferedImage picture = DlibFacesTest.drawn(400, 300, 200, 150);
    Found alone = faces.find(DlibFacesTest.pixels(picture));
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Future<Found>> all = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        all.add(threads.submit(() -> faces.find(DlibFacesTest.pixels(picture))));
      }
      for (Future<Found> each : all) {
        DlibFacesTest.assertSame(alone, each.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void anInterruptIsHeeded() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> faces.find(DlibFacesTest.pixels(DlibFacesTest.blank(640, 480))))
          .isInstanceOfSatisfying(
              Failure.class, failure -> assertThat(failure.cause()).isEqualTo("interrupted"));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
