package io.caravel.face.dlib;

import io.caravel.face.FaceFinder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * dlib's face recognition network run by ONNX Runtime: the same encodings (within 1e-4) in half the
 * time, which dlib spends on laying out pixels for its BLAS. Thread-safe; a call uses one core.
 */
final class ResNet implements AutoCloseable {
  /** Faces that are encoded at once: more are no faster, and take more memory. */
  static final int MOST = 8;

  /** Numbers that the network is shown of a face. */
  private static final int CHIP = 3 * ResNetModel.CHIP * ResNetModel.CHIP;

  private final Network network;

  private ResNet(Network network) {
    this.network = network;
  }

  /**
   * The network that dlib has loaded.
   *
   * @throws IOException where ONNX Runtime refuses it
   */
  static ResNet of(Dlib.Library loaded) throws IOException {
    int count = loaded.weights(null);
    long bytes = ResNetModel.bytes(count);
    try (FloatPointer weights = new FloatPointer((long) count);
        BytePointer model = new BytePointer(bytes)) {
      loaded.weights(weights);
      ByteBuffer onnx = model.asByteBuffer();
      ResNetModel.write(weights.asByteBuffer().asFloatBuffer(), onnx);
      return new ResNet(new Network(onnx.flip()));
    }
  }

  /**
   * Encodes faces of the kept picture.
   *
   * @param from the first of them
   * @param count 1 to {@value #MOST}
   * @return {@value FaceFinder#ENCODING} floats for each
   */
  float[][] encode(Dlib.Engine engine, int from, int count) {
    try (FloatPointer chips = new FloatPointer((long) count * CHIP)) {
      for (int i = 0; i < count; i++) {
        engine.chip(from + i, chips.position((long) i * CHIP));
      }
      return network.run(
          ResNetModel.INPUT,
          chips.position(0).asByteBuffer().asFloatBuffer(),
          new long[] {count, 3, ResNetModel.CHIP, ResNetModel.CHIP},
          answers -> rows(answers.of(ResNetModel.OUTPUT), count));
    }
  }

  private static float[][] rows(FloatBuffer encodings, int count) {
    float[][] rows = new float[count][FaceFinder.ENCODING];
    for (float[] row : rows) {
      encodings.get(row);
    }
    return rows;
  }

  @Override
  public void close() {
    network.close();
  }
}
