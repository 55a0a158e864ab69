package io.caravel.face.dlib;

import io.caravel.ground.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files dlib has learnt from, in a directory: those of the Python package
 * face_recognition_models 0.3.0, known by their SHA-256. Nothing of another file is ever read by
 * dlib. Thread-safe.
 */
final class FaceModels {
  private static final String LANDMARKS = "shape_predictor_5_face_landmarks.dat";
  private static final String RESNET = "dlib_face_recognition_resnet_model_v1.dat";
  private static final Map<String, String> SHA256 =
      new TreeMap<>(
          Map.of(
              LANDMARKS, "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
              RESNET, "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"));

  private final Path directory;
  private String seen = "";
  private @Nullable String reason;

  FaceModels(Path directory) {
    this.directory = directory;
  }

  String landmarks() {
    return directory.resolve(LANDMARKS).toString();
  }

  String resnet() {
    return directory.resolve(RESNET).toString();
  }

  /** Why they cannot be used, or null. Files are read only when their size or time has changed. */
  synchronized @Nullable Failure missing() {
    String now = look();
    if (!now.equals(seen)) {
      reason = check();
      seen = now;
    }
    return reason == null ? null : failure(reason);
  }

  /** The failure for a directory whose files cannot be used. */
  Failure failure(String why) {
    return Failure.passing(
        "models-missing",
        "Faces wait for dlib's models: %s. Start ./caravel run where there is a network, or put the two files of face_recognition_models 0.3.0 into %s (CARAVEL_FACE_MODELS); nothing needs a restart."
            .formatted(why, directory));
  }

  private String look() {
    StringBuilder all = new StringBuilder();
    for (String name : SHA256.keySet()) {
      try {
        Path file = directory.resolve(name);
        all.append(Files.size(file)).append('@').append(Files.getLastModifiedTime(file));
      } catch (IOException e) {
        all.append("none");
      }
      all.append(' ');
    }
    return all.toString();
  }

  private @Nullable String check() {
    for (Map.Entry<String, String> each : SHA256.entrySet()) {
      Path file = directory.resolve(each.getKey());
      if (!Files.isRegularFile(file)) {
        return each.getKey() + " is not there";
      }
      try {
        if (!sha256(file).equals(each.getValue())) {
          return each.getKey() + " is not the right file (its SHA-256 differs), delete it";
        }
      } catch (IOException e) {
        return each.getKey() + " cannot be read (" + e.getMessage() + ")";
      }
    }
    return null;
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      DigestInputStream bytes = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
      byte[] buffer = new byte[1 << 16];
      while (bytes.read(buffer) >= 0) {
        // the stream counts
      }
      return HexFormat.of().formatHex(bytes.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
