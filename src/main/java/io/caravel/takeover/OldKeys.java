package io.caravel.takeover;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of the old queue table: md5 of what PHP's json_encode makes of a job's class and data.
 * What a key stands for is found by making those of every image and comparing.
 */
final class OldKeys {
  /** The classes of the old jobs; each with our queue, "" for all that is due. */
  private static final Map<String, String> CLASSES =
      Map.of(
          "ThumbnailProcessJob", "thumbnails",
          "MetadataProcessJob", "metadata",
          "GeolocationProcessJob", "geolocation",
          "FaceProcessJob", "faces",
          "ImageProcessJob", "");

  private static final List<String> NAMESPACES = List.of("App\\Jobs\\", "");

  private OldKeys() {}

  /** As the other, of a row of images. */
  static Map<String, String> of(long image, OldRow row, OldColumns columns) {
    return of(
        image,
        columns.of(row, "disk", "private"),
        columns.of(row, "path", ""),
        columns.of(row, "file", ""));
  }

  /**
   * The keys that jobs of an image may have, each with the queue it stands for; "": all that is
   * due.
   */
  static Map<String, String> of(long image, String disk, String path, String file) {
    String source =
        ",\"source_disk\":%s,\"source_path\":%s,\"source_filename\":%s"
            .formatted(php(disk), php(path), php(file));
    Map<String, String> keys = new LinkedHashMap<>();
    for (String namespace : NAMESPACES) {
      CLASSES.forEach(
          (name, queue) -> {
            String start = "{\"class\":%s,\"image_id\":%d".formatted(php(namespace + name), image);
            keys.put(md5(start + "}"), queue);
            keys.put(md5(start + source + "}"), queue);
          });
    }
    return keys;
  }

  /** A string as json_encode writes it without flags: slashes and all that is not ASCII escaped. */
  static String php(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (char each : text.toCharArray()) {
      switch (each) {
        case '"', '\\', '/' -> json.append('\\').append(each);
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (each < ' ' || each > '~' && each != 0x7f) {
            json.append("\\u%04x".formatted((int) each));
          } else {
            json.append(each);
          }
        }
      }
    }
    return json.append('"').toString();
  }

  private static String md5(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
