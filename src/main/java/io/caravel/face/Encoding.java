package io.caravel.face;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** The forms of an encoding, {@value FaceFinder#ENCODING} floats, and the distance of two. */
public final class Encoding {
  private Encoding() {}

  /** As the column {@code descriptor} holds it: little-endian IEEE 754. */
  public static byte[] bytes(float[] encoding) {
    ByteBuffer bytes =
        ByteBuffer.allocate(encoding.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(encoding);
    return bytes.array();
  }

  public static float[] floats(byte[] descriptor) {
    FloatBuffer floats = ByteBuffer.wrap(descriptor).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    float[] encoding = new float[floats.remaining()];
    floats.get(encoding);
    return encoding;
  }

  /** As the column {@code encoding} holds it: a JSON array that reads back to the same floats. */
  static String json(float[] encoding) {
    StringBuilder json = new StringBuilder(encoding.length * 12).append('[');
    for (int i = 0; i < encoding.length; i++) {
      json.append(i == 0 ? "" : ",").append(encoding[i]);
    }
    return json.append(']').toString();
  }

  /** Euclidean, summed in doubles. */
  public static double distance(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      double difference = (double) one[i] - other[i];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }
}
