package io.caravel.face.dlib;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceFinder.Found;
import io.caravel.face.dlib.Reference.Answer;
import io.caravel.photo.Corpus;
import io.caravel.thumbnail.vips.VipsPictures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A face of the corpus in pictures of other kinds, and forty at once. */
@SuppressWarnings("NullAway.Init")
class FaceKindsTest {
  private static final int TILE = 250;

  private static DlibFaces faces;
  private static VipsPictures pictures;
  private static Path photo;
  private static Face face;

  @BeforeAll
  static void open() throws IOException {
    Answer answer =
        Reference.answers().values().stream()
            .filter(each -> !each.resized() && each.faces().size() == 1)
            .filter(each -> each.file().endsWith(".jpg") && each.width() >= TILE)
            .max(Comparator.comparing(each -> (double) each.faces().get(0).width() / each.width()))
            .orElseThrow();
    photo = Corpus.directory().resolve(answer.file());
    face = answer.faces().get(0);
    pictures = Reference.pictures();
    faces = DlibFacesTest.engine(null);
  }

  @AfterAll
  static void close() {
    if (faces != null) {
      faces.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "colourspace,    b-w,   grey.jpg",
    "colourspace,    b-w,   grey.png",
    "colourspace,    rgb16, deep.png",
    "colourspace,    cmyk,  cmyk.jpg",
    "colourspace,    cmyk,  cmyk.tif",
    "colourspace,    lab,   lab.tif",
    "bandjoin_const, 255, alpha.png",
    "bandjoin_const, 255, alpha.webp",
    "rot,            d90,   turned-and-untold.png",
  })
  void theSameFaceIsFoundWhateverKindOfPictureItIsIn(
      String operation, String argument, String name, @TempDir Path directory) throws Exception {
    Path file = directory.resolve(name);
    run(List.of("vips", operation, photo.toString(), file.toString(), argument));

    Found found = faces.find(pictures.decode(file, 2000, false));

    if (operation.equals("rot")) {
      assertThat(found.faces()).as("lying on its side").isEmpty();
      return;
    }
    assertThat(found.faces()).hasSize(1);
    Face again = found.faces().get(0);
    assertThat(Reference.overlap(Reference.box(face), Reference.box(again))).isGreaterThan(0.5);
    assertThat(Reference.distance(face.encoding(), again.encoding())).isLessThan(0.4);
  }

  @Test
  void fortyFacesAreFortyFaces(@TempDir Path directory) throws Exception {
    Path tile = directory.resolve("tile.png");
    run(List.of("vips", "thumbnail", photo.toString(), tile.toString(), "250", "--height", "250"));
    Path all = directory.resolve("all.png");
    String tiles = String.join(" ", Collections.nCopies(40, tile.toString()));
    run(List.of("vips", "arrayjoin", tiles, all.toString(), "--across", "8"));

    Found found = faces.find(pictures.decode(all, 2000, false));

    assertThat(found.faces()).hasSize(40);
    assertThat(found.faces())
        .allSatisfy(
            each ->
                assertThat(Reference.distance(face.encoding(), each.encoding())).isLessThan(0.4));
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(command + ": " + said).isZero();
  }
}
