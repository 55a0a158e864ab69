package io.caravel.face.dlib;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.bytedeco.javacpp.Loader;

/** A network that ONNX Runtime runs. One session for all threads; a call uses one core. */
final class Network implements AutoCloseable {
  private static final int KEPT_RUNS = 16;

  private final AtomicInteger runs = new AtomicInteger();
  private final OrtEnvironment environment;
  private final OrtSession session;

  /**
   * @param model ONNX; direct, not kept
   * @throws IOException where ONNX Runtime refuses it
   */
  Network(ByteBuffer model) throws IOException {
    environment = environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1); // a photo a thread is faster than threads a photo
      options.setInterOpNumThreads(1);
      options.setMemoryPatternOptimization(false); // pictures are of many sizes
      session = environment.createSession(model, options);
    } catch (OrtException e) {
      throw new IOException(e);
    }
  }

  private static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "caravel");
  }

  /**
   * Lays ONNX Runtime's libraries beside our own: itself it would put them into a new directory at
   * each start, and leave it there when the process is killed.
   *
   * @param cache this node's directory for the native files; made when missing
   * @throws LinkageError, RuntimeException where ONNX Runtime cannot be loaded
   */
  static void extract(Path cache) throws IOException {
    DlibFaces.extractTo(cache);
    String platform = Loader.getPlatform().equals("linux-arm64") ? "linux-aarch64" : "linux-x64";
    Path directory = null;
    for (String library : List.of("libonnxruntime.so", "libonnxruntime4j_jni.so")) {
      directory =
          Loader.cacheResource(
                  OrtEnvironment.class, "/ai/onnxruntime/native/" + platform + "/" + library)
              .toPath()
              .getParent();
    }
    System.setProperty("onnxruntime.native.path", String.valueOf(directory));
  }

  /** For people, such as {@code ONNX Runtime 1.23.2}. */
  String engine() {
    return "ONNX Runtime " + environment.getVersion();
  }

  /**
   * Runs it.
   *
   * @param input its name
   * @param values of that shape; direct
   * @param use what is done with the answers, which are gone afterwards
   * @throws IllegalStateException what ONNX Runtime has to say, such as that memory is short
   */
  <T> T run(String input, FloatBuffer values, long[] shape, Function<Answers, T> use) {
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, values, shape);
        OrtSession.RunOptions options = options();
        OrtSession.Result answers = session.run(Map.of(input, tensor), options)) {
      return use.apply(name -> ((OnnxTensor) answers.get(name).orElseThrow()).getFloatBuffer());
    } catch (OrtException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** What a run gives, by name. */
  interface Answers {
    FloatBuffer of(String name);
  }

  /**
   * Every so often no memory is kept after a run, lest pictures of many sizes cut it to pieces.
   * Each time it would cost a quarter of the run: the system clears what it gives.
   */
  private OrtSession.RunOptions options() throws OrtException {
    OrtSession.RunOptions options = new OrtSession.RunOptions();
    if (runs.incrementAndGet() % KEPT_RUNS == 0) {
      options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
    }
    return options;
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
