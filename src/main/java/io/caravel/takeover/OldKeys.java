package io.caravel.takeover;

import io.caravel.thumbnail.ThumbnailSpec;
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

  /** Folders of thumbnails that a job of the old site may name; the site's own is not known. */
  private static final List<String> FOLDERS =
      List.of("thumbnails", "thumbs", "thumbnail", "thumb", "images/thumbnails", "images/thumbs");

  private static final List<String> NAMESPACES = List.of("App\\Jobs\\", "");

  private OldKeys() {}

  /** As the other, of a row of images. */
  static Map<String, String> of(
      long image, OldRow row, OldColumns columns, List<ThumbnailSpec> thumbnails) {
    return of(
        image,
        columns.of(row, "disk", "private"),
        columns.of(row, "path", ""),
        columns.of(row, "file", ""),
        thumbnails);
  }

  /**
   * The keys that jobs of an image may have, each with the queue it stands for; "": all that is
   * due.
   *
   * @param thumbnails that are made of every photo here: a job for one of them is the photo's own
   */
  static Map<String, String> of(
      long image, String disk, String path, String file, List<ThumbnailSpec> thumbnails) {
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
      String start =
          "{\"class\":%s,\"image_id\":%d".formatted(php(namespace + "ThumbnailProcessJob"), image);
      for (ThumbnailSpec each : thumbnails) {
        String size =
            ",\"method\":%s,\"width\":%d,\"height\":%d}"
                .formatted(php(each.method().toString()), each.width(), each.height());
        keys.put(md5(start + source + size), "thumbnails");
        for (String folder : FOLDERS) {
          String target =
              ",\"target_disk\":%s,\"target_path\":%s".formatted(php(disk), php(folder));
          keys.put(md5(start + source + target + size), "thumbnails");
        }
      }
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
