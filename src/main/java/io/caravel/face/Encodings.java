package io.caravel.face;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Encodings as the column descriptor holds them: 128 little-endian IEEE 754 floats. */
final class Encodings {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Encodings() {}

  /**
   * Null where there is none.
   *
   * @param written the encoding as a JSON array, for faces that came from elsewhere
   */
  static float @Nullable [] of(byte @Nullable [] descriptor, @Nullable String written) {
    if (descriptor == null && written != null) {
      return written(written);
    }
    if (descriptor == null || descriptor.length != FaceFinder.ENCODING * Float.BYTES) {
      return null;
    }
    float[] encoding = new float[FaceFinder.ENCODING];
    ByteBuffer.wrap(descriptor).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(encoding);
    return encoding;
  }

  private static float @Nullable [] written(String json) {
    try {
      float[] encoding = JSON.readValue(json, float[].class);
      return encoding.length == FaceFinder.ENCODING ? encoding : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** Euclidean. */
  static double distance(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < FaceFinder.ENCODING; i++) {
      double difference = one[i] - other[i];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }
}
