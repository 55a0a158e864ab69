package io.caravel.face.dlib;

import io.caravel.face.FaceFinder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes dlib's face recognition network (examples/dnn_face_recognition_ex.cpp of dlib) as ONNX,
 * from the numbers that dlib has read. By the schema of ONNX 1.17 (onnx.proto, IR 8, operators 13)
 * in protobuf's encoding, in which pieces of a message may stand one after the other.
 */
final class ResNetModel {
  static final String INPUT = "chips";
  static final String OUTPUT = "encodings";

  /** Pixels of each side of what the network is shown of a face. */
  static final int CHIP = 150;

  private static final int BANDS = 3;
  private static final int FLOAT = 1; // TensorProto.DataType
  private static final int INTEGER = 7;
  private static final int LENGTH_DELIMITED = 2; // protobuf's wire types
  private static final int WHOLE_NUMBERS = 7; // AttributeProto.AttributeType
  private static final int STRUCTURE = 1 << 16; // bytes of all that is no number of the network

  private final FloatBuffer weights;
  private final ByteBuffer out;
  private int names;
  private int side = CHIP;
  private int channels = BANDS;

  private ResNetModel(FloatBuffer weights, ByteBuffer out) {
    this.weights = weights;
    this.out = out;
  }

  /** Bytes that suffice for a network of so many numbers. */
  static long bytes(int weights) {
    // Beside them there are the means of 2 x 2 pixels, written as convolutions.
    return Float.BYTES * (weights + 4L * (32 * 64 + 64 * 128 + 128 * 256 + 256 * 256)) + STRUCTURE;
  }

  /**
   * Writes the network: {@value #INPUT}, n x 3 x 150 x 150 floats, to {@value #OUTPUT}, n x 128.
   *
   * @param weights as {@code caravel_dlib.h} tells; read to its end
   * @param out of {@link #bytes}
   * @throws java.nio.BufferUnderflowException, IllegalArgumentException where it is another network
   */
  static void write(FloatBuffer weights, ByteBuffer out) {
    ResNetModel model = new ResNetModel(weights, out);
    model.piece(number(1, 8));
    model.piece(bytes(8, number(2, 13)));
    model.graph(bytes(2, text("face-recognition-resnet")));
    model.graph(bytes(11, tensor(INPUT, BANDS, CHIP, CHIP)));
    model.graph(bytes(12, tensor(OUTPUT, FaceFinder.ENCODING)));
    model.network();
    if (weights.hasRemaining()) {
      throw new IllegalArgumentException(weights.remaining() + " numbers are left over");
    }
  }

  private void network() {
    String at = relu(convolution(INPUT, 32, 7, 2, 0));
    at = node("MaxPool", at, integers("kernel_shape", 3, 3), integers("strides", 2, 2));
    side = (side - 3) / 2 + 1;
    at = residual(residual(residual(at)));
    at = residual(residual(residual(smaller(at, 64))));
    at = residual(residual(smaller(at, 128)));
    at = residual(residual(smaller(at, 256)));
    at = smaller(at, 256);
    at = node("Flatten", node("GlobalAveragePool", at));
    String matrix = floats(channels * FaceFinder.ENCODING, channels, FaceFinder.ENCODING);
    graph(bytes(1, node("MatMul", OUTPUT, new String[] {at, matrix})));
  }

  private String residual(String from) {
    String filtered = convolution(from, channels, 3, 1, 1);
    return relu(sum(convolution(relu(filtered), channels, 3, 1, 1), from));
  }

  /**
   * Half the side. What has fewer channels, or columns and rows, than the other has zeros there.
   */
  private String smaller(String from, int most) {
    int had = channels;
    int whole = side;
    String filtered = convolution(from, most, 3, 2, 0);
    filtered = convolution(relu(filtered), most, 3, 1, 1);
    int filteredSide = side;
    side = (whole - 2) / 2 + 1;
    String means =
        node(
            "Conv",
            new String[] {from, means(had, most)},
            integers("kernel_shape", 2, 2),
            integers("strides", 2, 2));
    if (side > filteredSide) {
      int more = side - filteredSide;
      filtered = node("Pad", new String[] {filtered, integers(0, 0, 0, 0, 0, 0, more, more)});
    }
    return relu(sum(filtered, means));
  }

  private String convolution(String from, int filters, int kernel, int stride, int padding) {
    String weight = floats(filters * channels * kernel * kernel, filters, channels, kernel, kernel);
    String bias = floats(filters, filters);
    channels = filters;
    side = (side + 2 * padding - kernel) / stride + 1;
    return node(
        "Conv",
        new String[] {from, weight, bias},
        integers("kernel_shape", kernel, kernel),
        integers("strides", stride, stride),
        integers("pads", padding, padding, padding, padding));
  }

  private String relu(String from) {
    return node("Relu", from);
  }

  private String sum(String one, String other) {
    return node("Add", new String[] {one, other});
  }

  private String node(String operator, String from, byte[]... attributes) {
    return node(operator, new String[] {from}, attributes);
  }

  /** Adds a node; returns the name of what it gives. */
  private String node(String operator, String[] from, byte[]... attributes) {
    String name = name();
    graph(bytes(1, node(operator, name, from, attributes)));
    return name;
  }

  private static byte[] node(String operator, String to, String[] from, byte[]... attributes) {
    ByteArrayOutputStream node = new ByteArrayOutputStream();
    for (String each : from) {
      node.writeBytes(bytes(1, text(each)));
    }
    node.writeBytes(bytes(2, text(to)));
    node.writeBytes(bytes(4, text(operator)));
    for (byte[] attribute : attributes) {
      node.writeBytes(bytes(5, attribute));
    }
    return node.toByteArray();
  }

  /** An attribute. */
  private static byte[] integers(String name, int... values) {
    ByteArrayOutputStream attribute = new ByteArrayOutputStream();
    attribute.writeBytes(bytes(1, text(name)));
    for (int value : values) {
      attribute.writeBytes(number(8, value));
    }
    attribute.writeBytes(number(20, WHOLE_NUMBERS));
    return attribute.toByteArray();
  }

  /** Adds a constant of the next numbers of the network; returns its name. */
  private String floats(int count, int... shape) {
    FloatBuffer values = weights.slice().limit(count);
    weights.position(weights.position() + count);
    return constant(values, shape);
  }

  private String means(int from, int to) {
    FloatBuffer filters = FloatBuffer.allocate(to * from * 4);
    for (int i = 0; i < from; i++) {
      for (int pixel = 0; pixel < 4; pixel++) {
        filters.put((i * from + i) * 4 + pixel, 1 / 4f);
      }
    }
    return constant(filters, to, from, 2, 2);
  }

  private String constant(FloatBuffer values, int... shape) {
    String name = name();
    int length = values.remaining() * Float.BYTES;
    byte[] head = constantHead(name, FLOAT, shape);
    byte[] raw = key(9, length);
    byte[] tensor = key(5, head.length + raw.length + length);
    out.put(key(7, tensor.length + head.length + raw.length + length));
    out.put(tensor).put(head).put(raw);
    out.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    out.position(out.position() + length);
    return name;
  }

  /** Adds a constant of one dimension; returns its name. */
  private String integers(int... values) {
    String name = name();
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    tensor.writeBytes(constantHead(name, INTEGER, values.length));
    for (int value : values) {
      tensor.writeBytes(number(7, value));
    }
    graph(bytes(5, tensor.toByteArray()));
    return name;
  }

  private static byte[] constantHead(String name, int type, int... shape) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    for (int size : shape) {
      head.writeBytes(number(1, size));
    }
    head.writeBytes(number(2, type));
    head.writeBytes(bytes(8, text(name)));
    return head.toByteArray();
  }

  /** What goes in or comes out: floats, of any number of faces. */
  private static byte[] tensor(String name, int... shape) {
    ByteArrayOutputStream sizes = new ByteArrayOutputStream();
    sizes.writeBytes(bytes(1, bytes(2, text("faces"))));
    for (int size : shape) {
      sizes.writeBytes(bytes(1, number(1, size)));
    }
    ByteArrayOutputStream type = new ByteArrayOutputStream();
    type.writeBytes(number(1, FLOAT));
    type.writeBytes(bytes(2, sizes.toByteArray()));
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    value.writeBytes(bytes(1, text(name)));
    value.writeBytes(bytes(2, bytes(1, type.toByteArray())));
    return value.toByteArray();
  }

  private String name() {
    return "n" + names++;
  }

  private void graph(byte[] piece) {
    piece(bytes(7, piece));
  }

  private void piece(byte[] piece) {
    out.put(piece);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(int field, byte[] value) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(key(field, value.length));
    all.writeBytes(value);
    return all.toByteArray();
  }

  private static byte[] key(int field, int length) {
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    varint(key, field << 3 | LENGTH_DELIMITED);
    varint(key, length);
    return key.toByteArray();
  }

  private static byte[] number(int field, int value) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    varint(all, field << 3);
    varint(all, value);
    return all.toByteArray();
  }

  private static void varint(ByteArrayOutputStream to, int value) {
    int left = value;
    for (; left >= 0x80; left >>>= 7) {
      to.write(left & 0x7f | 0x80);
    }
    to.write(left);
  }
}
