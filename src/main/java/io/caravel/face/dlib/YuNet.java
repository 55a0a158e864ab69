package io.caravel.face.dlib;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * Sees where faces are, by the network YuNet-s (Wu, Peng, Yu: YuNet, a tiny millisecond-level face
 * detector, 2023) and ONNX Runtime. One session for all threads; a call uses one core.
 */
final class YuNet implements AutoCloseable {
  private static final String MODEL = "/models/yunet_s.onnx";
  private static final String SHA256 =
      "daede24002cc8590f457998cc5e6c9e8b82f45f6bd969506a8913cd4ed10a2d3";

  /** Both sides of what the network is shown are multiples of it. */
  private static final int MULTIPLE = 32;

  private static final int[] STRIDES = {8, 16, 32};
  private static final double SAME_FACE = 0.3; // intersection over union
  private static final int LANDMARKS = 5;
  private static final int LARGEST = 2; // of a box, in sides of the picture

  private final Network network;
  private final double least;

  private YuNet(Network network, double least) {
    this.network = network;
    this.least = least;
  }

  /**
   * A face that is seen, in pixels of the picture; it may reach beyond it.
   *
   * @param score 0 to 1
   * @param landmarks x and y of the subject's right eye, left eye, tip of the nose, right and left
   *     corner of the mouth
   */
  record Seen(
      double left, double top, double width, double height, double score, double[] landmarks) {
    /** In a picture that is so many times as large. */
    Seen times(int step) {
      return new Seen(
          left * step,
          top * step,
          width * step,
          height * step,
          score,
          Arrays.stream(landmarks).map(at -> at * step).toArray());
    }

    double overlap(Seen other) {
      double across = Math.min(left + width, other.left + other.width) - Math.max(left, other.left);
      double down = Math.min(top + height, other.top + other.height) - Math.max(top, other.top);
      double both = Math.max(0, across) * Math.max(0, down);
      return both / (width * height + other.width * other.height - both);
    }
  }

  /**
   * Opens the network that lies in the jar.
   *
   * @param cache this node's directory for the native files; made when missing
   * @param least score of a face, 0 to 1
   * @throws IOException when the model is not the one that is known, or ONNX Runtime refuses it
   * @throws LinkageError, RuntimeException where ONNX Runtime cannot be loaded
   */
  static YuNet load(Path cache, double least) throws IOException {
    Network.extract(cache);
    try (InputStream in =
        Objects.requireNonNull(YuNet.class.getResourceAsStream(MODEL), MODEL + " is not there")) {
      byte[] model = in.readAllBytes();
      String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(model));
      if (!digest.equals(SHA256)) {
        throw new IOException(MODEL + " is not the right file (its SHA-256 differs)");
      }
      return new YuNet(
          new Network(ByteBuffer.allocateDirect(model.length).put(model).flip()), least);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For people, such as {@code YuNet-s, ONNX Runtime 1.23.2}. */
  String engine() {
    return "YuNet-s, " + network.engine();
  }

  /** What it sees by, for the row of a face: its name and the beginning of its SHA-256. */
  static String version() {
    return "yunet-s " + SHA256.substring(0, 8);
  }

  /** A side as the network is shown it, with zeros at its end. */
  static int padded(int side) {
    return (side + MULTIPLE - 1) / MULTIPLE * MULTIPLE;
  }

  /**
   * The faces of a picture, the surest first.
   *
   * @param planes blue, green and red, {@code rows * columns} floats of 0 to 255 each; direct
   * @param columns a multiple of 32
   * @param rows a multiple of 32
   * @throws IllegalStateException what ONNX Runtime has to say, such as that memory is short
   */
  List<Seen> see(FloatBuffer planes, int columns, int rows) {
    return network.run(
        "input",
        planes,
        new long[] {1, 3, rows, columns},
        answers -> {
          List<Seen> seen = new ArrayList<>();
          for (int stride : STRIDES) {
            read(answers, stride, columns / stride, rows / stride, seen);
          }
          return distinct(seen);
        });
  }

  private void read(Network.Answers answers, int stride, int columns, int rows, List<Seen> seen) {
    int cells = columns * rows;
    FloatBuffer classes = answers.of("cls_" + stride);
    FloatBuffer objects = answers.of("obj_" + stride);
    FloatBuffer boxes = answers.of("bbox_" + stride);
    FloatBuffer points = answers.of("kps_" + stride);
    for (int cell = 0; cell < cells; cell++) {
      double score = Math.sqrt((double) within(classes.get(cell)) * within(objects.get(cell)));
      if (score >= least) {
        int column = cell % columns;
        int row = cell / columns;
        double width = Math.exp(boxes.get(4 * cell + 2)) * stride;
        double height = Math.exp(boxes.get(4 * cell + 3)) * stride;
        double x = (column + boxes.get(4 * cell)) * stride;
        double y = (row + boxes.get(4 * cell + 1)) * stride;
        if (!(width <= LARGEST * columns * stride && height <= LARGEST * rows * stride)) {
          continue; // no face has such a box
        }
        double[] landmarks = new double[2 * LANDMARKS];
        for (int i = 0; i < landmarks.length; i += 2) {
          landmarks[i] = (column + points.get(2 * LANDMARKS * cell + i)) * stride;
          landmarks[i + 1] = (row + points.get(2 * LANDMARKS * cell + i + 1)) * stride;
        }
        seen.add(new Seen(x - width / 2, y - height / 2, width, height, score, landmarks));
      }
    }
  }

  private static float within(float score) {
    return Math.max(0, Math.min(1, score));
  }

  /** Of several boxes of one face the surest; the surest face first. */
  static List<Seen> distinct(List<Seen> seen) {
    List<Seen> distinct = new ArrayList<>();
    for (Seen each :
        seen.stream().sorted(Comparator.comparingDouble(Seen::score).reversed()).toList()) {
      if (distinct.stream().noneMatch(surer -> surer.overlap(each) > SAME_FACE)) {
        distinct.add(each);
      }
    }
    return distinct;
  }

  @Override
  public void close() {
    network.close();
  }
}
