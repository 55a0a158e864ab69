package io.caravel.face.dlib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caravel.face.DrawnFace;
import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceFinder.Found;
import io.caravel.face.dlib.DlibFaces.Variant;
import io.caravel.ground.Failure;
import io.caravel.thumbnail.Pictures.Pixels;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dlib in this process, on drawn pictures. */
@NullUnmarked
class DlibFacesTest {
  private static final boolean REQUIRED = "required".equals(System.getenv("CARAVEL_NATIVE"));

  private DlibFaces faces;

  @BeforeEach
  void open() {
    faces = engine(null);
  }

  @AfterEach
  void close() {
    if (faces != null) {
      faces.close();
    }
  }

  /** Where the launcher puts the models. */
  static Path models() {
    return Path.of(
        Optional.ofNullable(System.getenv("CARAVEL_FACE_MODELS"))
            .orElse(
                Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                        .orElse(System.getProperty("user.home") + "/.cache")
                    + "/caravel/face_recognition_models-0.3.0"));
  }

  /** An engine that is ready, or the end of the test as skipped. */
  static DlibFaces engine(@Nullable Variant variant) {
    return ready(DlibFaces.load(Reference.NATIVE, models(), variant));
  }

  /** The same with YuNet, which looks at so many megapixels. */
  static DlibFaces yunet(double megapixels) {
    DlibFaces faces = ready(DlibFaces.withYuNet(Reference.NATIVE, models(), 0.8, megapixels));
    assertThat(faces.instead()).isNull();
    return faces;
  }

  private static DlibFaces ready(DlibFaces faces) {
    Failure unready = faces.unready();
    boolean noEngine = unready != null && unready.cause().equals("engine-missing");
    assumeTrue(unready == null || noEngine && REQUIRED, () -> String.valueOf(unready));
    assertThat(unready).isNull();
    return faces;
  }

  static void assertSame(Found one, Found other) {
    assertThat(other.width()).isEqualTo(one.width());
    assertThat(other.height()).isEqualTo(one.height());
    assertThat(other.faces()).hasSameSizeAs(one.faces());
    for (int i = 0; i < one.faces().size(); i++) {
      Face a = one.faces().get(i);
      Face b = other.faces().get(i);
      assertThat(Reference.box(b)).isEqualTo(Reference.box(a));
      assertThat(b.score()).isCloseTo(a.score(), within(1e-5));
      assertThat(Reference.distance(b.encoding(), a.encoding())).isLessThan(1e-3);
    }
  }

  @Test
  void aPictureWithoutAFaceHasNone() {
    Found found = faces.find(pixels(blank(640, 480)));
    assertThat(found.faces()).isEmpty();
    assertThat(found.width()).isEqualTo(640);
    assertThat(found.height()).isEqualTo(480);
  }

  @Test
  void aLargerOneIsSearchedAtTheLastScale() {
    Found found = faces.find(pixels(blank(2400, 300)));
    assertThat(found.faces()).isEmpty();
    assertThat(found.width()).isEqualTo(2000);
    assertThat(found.height()).isEqualTo(250);
  }

  @Test
  void aDrawnFaceIsFoundWhereItIs() {
    Found found = faces.find(pixels(drawn(400, 300, 200, 150)));
    assertThat(found.faces()).hasSize(1);
    Face face = found.faces().get(0);
    assertThat(face.left() + face.width() / 2).isBetween(180, 220);
    assertThat(face.top() + face.height() / 2).isBetween(130, 180);
    assertThat(face.score()).isPositive();
    assertThat(face.encoding()).hasSize(128);
    assertThat(Reference.distance(face.encoding(), new float[128])).isBetween(1.0, 2.0);
  }

  @Test
  void aFaceAtTheEdgeHasABoxWithinThePicture() {
    BufferedImage picture = drawn(400, 300, 200, 150);
    for (int top = 0; top < 120; top += 10) {
      Found found = faces.find(pixels(copy(picture.getSubimage(0, top, 400, 300 - top))));
      for (Face face : found.faces()) {
        assertThat(face.left()).isNotNegative();
        assertThat(face.top()).isNotNegative();
        assertThat(face.left() + face.width()).isLessThanOrEqualTo(found.width());
        assertThat(face.top() + face.height()).isLessThanOrEqualTo(found.height());
      }
    }
  }

  @Test
  void thinPicturesAreNoTrouble() {
    for (int[] size : new int[][] {{1, 1}, {1, 3000}, {3000, 1}, {7, 5}}) {
      assertThat(faces.find(pixels(blank(size[0], size[1]))).faces()).isEmpty();
    }
  }

  @Test
  void bothVariantsAreThereAndAgree() {
    assumeTrue(Dlib.avx2(), "this processor has no AVX2");
    Pixels picture = pixels(drawn(1700, 1300, 700, 600));
    try (DlibFaces fast = engine(Variant.AVX2);
        DlibFaces plain = engine(Variant.BASELINE)) {
      assertThat(faces.engine()).isEqualTo(fast.engine());
      assertThat(fast.engine()).matches("dlib \\d+\\.\\d+, AVX2, OpenBLAS \\d+\\.\\d+\\.\\d+");
      assertThat(plain.engine()).contains("baseline", "OpenBLAS");
      Found found = fast.find(picture);
      assertThat(found.faces()).isNotEmpty();
      assertSame(found, plain.find(picture));
    }
  }

  @Test
  void manyThreadsFindTheSame() throws Exception {
    Pixels picture = pixels(drawn(400, 300, 200, 150));
    Found alone = faces.find(picture);
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Future<Found>> all = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        all.add(threads.submit(() -> faces.find(picture)));
      }
      for (Future<Found> each : all) {
        assertSame(alone, each.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void bytesThatAreNotThePictureAreRefused() {
    Pixels wrong = new Pixels(100, 100, new byte[100 * 100], null);
    assertThatThrownBy(() -> faces.find(wrong)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anInterruptIsHeeded() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> faces.find(pixels(blank(640, 480))))
          .isInstanceOfSatisfying(
              Failure.class, failure -> assertThat(failure.cause()).isEqualTo("interrupted"));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void aNativeErrorIsAnException(@TempDir Path directory) throws Exception {
    Path none = Files.writeString(directory.resolve("none"), "no model");
    String library =
        org.bytedeco.javacpp.Loader.cacheResource(
                DlibFaces.class,
                org.bytedeco.javacpp.Loader.getPlatform() + "/libcaravel-faces-baseline.so")
            .toString();
    try (Dlib.Library here = new Dlib.Library(library)) {
      assertThatThrownBy(() -> here.load(none.toString(), none.toString()))
          .isExactlyInstanceOf(RuntimeException.class);
      assertThatThrownBy(here::engine).hasMessageContaining("no models");
      Dlib.Engine engine = loaded(here);
      try {
        assertThatThrownBy(() -> engine.left(0)).isExactlyInstanceOf(RuntimeException.class);
      } finally {
        Dlib.discard(engine);
      }
    }
    assertThatThrownBy(() -> new Dlib.Library(none.toString()))
        .isExactlyInstanceOf(RuntimeException.class)
        .hasMessageContaining("none");
  }

  private static Dlib.Engine loaded(Dlib.Library library) {
    library.load(
        models().resolve("shape_predictor_5_face_landmarks.dat").toString(),
        models().resolve("dlib_face_recognition_resnet_model_v1.dat").toString());
    return library.engine();
  }

  @Test
  void modelsThatAreMissingOrWrongAreWaitedFor(@TempDir Path directory) throws Exception {
    try (DlibFaces waiting = DlibFaces.load(Reference.NATIVE, directory.resolve("models"))) {
      assertMissing(waiting, "is not there");
      Path own = Files.createDirectory(directory.resolve("models"));
      for (Path model : list(models())) {
        Files.copy(model, own.resolve(model.getFileName()));
      }
      Path landmarks = own.resolve("shape_predictor_5_face_landmarks.dat");
      byte[] right = Files.readAllBytes(landmarks);
      byte[] wrong = right.clone();
      wrong[right.length / 2] ^= 1;
      Files.write(landmarks, wrong);
      assertMissing(waiting, "SHA-256");
      Files.delete(landmarks);
      assertMissing(waiting, "is not there");
      Files.write(landmarks, right);
      assertThat(waiting.unready()).isNull();
      assertThat(waiting.find(pixels(drawn(400, 300, 200, 150))).faces()).hasSize(1);
    }
  }

  private static List<Path> list(Path directory) throws Exception {
    try (var files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".dat")).toList();
    }
  }

  private static void assertMissing(DlibFaces faces, String reason) {
    Failure unready = Objects.requireNonNull(faces.unready());
    assertThat(unready.cause()).isEqualTo("models-missing");
    assertThat(unready).hasMessageContaining(reason).hasMessageContaining("./caravel run");
    assertThatThrownBy(() -> faces.find(pixels(blank(100, 100)))).hasMessageContaining(reason);
  }

  static Pixels pixels(BufferedImage picture) {
    byte[] bgr = ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
    byte[] rgb = new byte[bgr.length];
    for (int i = 0; i < bgr.length; i += 3) {
      rgb[i] = bgr[i + 2];
      rgb[i + 1] = bgr[i + 1];
      rgb[i + 2] = bgr[i];
    }
    return new Pixels(picture.getWidth(), picture.getHeight(), rgb, null);
  }

  private static BufferedImage copy(BufferedImage picture) {
    BufferedImage copy = blank(picture.getWidth(), picture.getHeight());
    Graphics2D g = copy.createGraphics();
    g.drawImage(picture, 0, 0, null);
    g.dispose();
    return copy;
  }

  static BufferedImage blank(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D g = picture.createGraphics();
    g.setColor(new Color(120, 140, 160));
    g.fillRect(0, 0, width, height);
    g.dispose();
    return picture;
  }

  /** A face of 130 x 170 pixels whose middle is there. */
  static BufferedImage drawn(int width, int height, int x, int y) {
    BufferedImage picture = blank(width, height);
    Graphics2D g = picture.createGraphics();
    DrawnFace.ADA.draw(g, x, y);
    g.dispose();
    return picture;
  }
}
