package io.caravel.route;

import io.caravel.face.FaceIndex;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;

/** Photos and faces as a faces job leaves them, without a picture. */
final class FaceRows {
  private static final Random RANDOM = new Random(42);

  private final JdbcClient database;
  private final FaceIndex index;

  FaceRows(JdbcClient database, FaceIndex index) {
    this.database = database;
    this.index = index;
  }

  /** An encoding like no other: some 1.4 from any other such one. */
  static float[] somebody() {
    return scaled(1);
  }

  /** Another of the same person, at this distance. */
  static float[] like(float[] person, double distance) {
    float[] encoding = scaled(distance);
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] += person[i];
    }
    return encoding;
  }

  private static synchronized float[] scaled(double norm) {
    float[] encoding = new float[128];
    double sum = 0;
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] = (float) RANDOM.nextGaussian();
      sum += encoding[i] * encoding[i];
    }
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] *= (float) (norm / Math.sqrt(sum));
    }
    return encoding;
  }

  static byte[] descriptor(float[] encoding) {
    ByteBuffer bytes = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(encoding);
    return bytes.array();
  }

  long photo() {
    String sha256 = (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
    KeyHolder key = new GeneratedKeyHolder();
    database
        .sql(
            """
            insert into images (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)
            values (:sha, 'face.jpg', 'image/jpeg', 1, 'private', 'xx', 'none.jpg')
            """)
        .param("sha", sha256)
        .update(key, "id");
    return id(key);
  }

  /** A face to review in a photo of its own. */
  long face(float[] encoding) {
    return face(photo(), encoding, null);
  }

  long face(long photo, float[] encoding, @Nullable Long parent) {
    long face = untold(photo, encoding, parent);
    index.changed(List.of(face));
    return face;
  }

  /** Which another node has kept: the index is not told of it. */
  long untold(long photo, float[] encoding, @Nullable Long parent) {
    KeyHolder key = new GeneratedKeyHolder();
    database
        .sql(
            """
            insert into faces (image_id, face_index, parent_id, descriptor, box_left, box_top, box_width, box_height, score)
            values (:photo, 0, :parent, :descriptor, 1, 1, 10, 10, 0.5)
            """)
        .param("photo", photo)
        .param("parent", parent)
        .param("descriptor", descriptor(encoding))
        .update(key, "id");
    return id(key);
  }

  List<Long> faces(float[] person, int count) {
    List<Long> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faces.add(face(like(person, 0.25)));
    }
    return faces;
  }

  private static long id(KeyHolder key) {
    Number id = key.getKey();
    if (id == null) {
      throw new AssertionError("no key");
    }
    return id.longValue();
  }
}
