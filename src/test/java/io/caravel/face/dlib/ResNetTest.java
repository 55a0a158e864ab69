package io.caravel.face.dlib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.face.FaceFinder;
import io.caravel.thumbnail.Pictures.Pixels;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The network that ONNX Runtime runs is the one that dlib has read. */
@NullUnmarked
class ResNetTest {
  private static final int FACES = ResNet.MOST;

  @Test
  void severalFacesAtOnceAreEncodedAsDlibEncodesEach() throws Exception {
    DlibFacesTest.yunet(2).close(); // or the end of the test as skipped
    FaceModels models = new FaceModels(DlibFacesTest.models());
    Pixels photo = DlibFacesTest.pixels(DlibFacesTest.drawn(400, 300, 200, 150));
    try (Dlib.Library dlib = DlibFaces.nativeCode(DlibFaces.Variant.BASELINE)) {
      dlib.load(models.landmarks(), models.resnet());
      Dlib.Engine engine = dlib.engine();
      try (ResNet resnet = ResNet.of(dlib);
          BytePointer rgb = new BytePointer(photo.rgb())) {
        engine.take(rgb, photo.width(), photo.height(), photo.width(), photo.height());
        for (int i = 0; i < FACES; i++) {
          engine.add(130 + 8 * i, 90 + 4 * i, 260 + 10 * i, 220 + 6 * i);
        }
        float[][] all = resnet.encode(engine, 0, FACES);
        assertThat(resnet.encode(engine, FACES - 1, 1)[0]).isEqualTo(all[FACES - 1]);
        for (int i = 0; i < FACES; i++) {
          float[] each = new float[FaceFinder.ENCODING];
          engine.encode(i, each);
          assertThat(Reference.distance(all[i], each)).as("face %d", i).isLessThan(1e-4);
        }
        assertThat(Reference.distance(all[0], all[FACES - 1])).isGreaterThan(0.01);
      } finally {
        Dlib.discard(engine);
      }
    }
  }

  @Test
  void anotherNetworkIsRefused() {
    FloatBuffer numbers = FloatBuffer.allocate(6_000_000);
    ByteBuffer out = ByteBuffer.allocate((int) ResNetModel.bytes(numbers.capacity()));
    assertThatThrownBy(() -> ResNetModel.write(numbers, out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("left over");
  }
}
