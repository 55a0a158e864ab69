package io.caravel.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.photo.Original;
import io.caravel.photo.Photo;
import io.caravel.thumbnail.TargetPattern;
import io.caravel.thumbnail.ThumbnailFormat;
import io.caravel.thumbnail.ThumbnailSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Writes job requests in the canonical form of the system Caravel replaces, key included. */
@Component("jobRequests")
public class JobRequests {
  private static final Map<String, String> CLASSES =
      Map.of(
          "thumbnails", "ThumbnailProcessJob",
          "metadata", "MetadataProcessJob",
          "geolocation", "GeolocationProcessJob",
          "faces", "FaceProcessJob");

  private final ObjectMapper json = new ObjectMapper();
  private final List<String> thumbnails;
  private final ThumbnailFormat format;
  private final @Nullable String target;

  JobRequests(
      @Value("${caravel.thumbnails}") String thumbnails,
      @Value("${caravel.thumbnail.format}") String format,
      @Value("${caravel.thumbnail.target}") String target) {
    this.format = ThumbnailFormat.parse(format);
    this.target = target.isBlank() ? null : target.strip();
    this.thumbnails =
        ThumbnailSpec.setting(thumbnails).stream().map(ThumbnailSpec::toString).toList();
  }

  /** A photo's own job of a queue, at intake. */
  public JobRequest of(String queue, long imageId, Original original) {
    Map<String, Object> data =
        own(queue, imageId, original.disk(), original.path(), original.file(), original.target());
    return request(imageId, queue, data, false, false, Lane.UPLOAD);
  }

  /** One more job of a photo that came again: copies of its thumbnails where they are asked for. */
  public JobRequest copies(long imageId, Original original) {
    String queue = "thumbnails";
    Map<String, Object> data =
        own(queue, imageId, original.disk(), original.path(), original.file(), original.target());
    return request(imageId, queue, data, true, false, Lane.UPLOAD);
  }

  /** One more job of a photo: copies of its thumbnails in a place of their own. */
  JobRequest copies(Photo photo, TargetPattern copyTo) {
    String queue = "thumbnails";
    Map<String, Object> data =
        own(queue, photo.id(), photo.disk(), photo.path(), photo.file(), copyTo.toString());
    return request(photo.id(), queue, data, true, false, Lane.ASKED);
  }

  /** What follows from a job of a photo: that photo's own job of another queue. */
  public JobRequest after(Job job, String queue) {
    return of(queue, job.photo(), job.force(), job.lane());
  }

  /** A photo's own job of a queue. */
  JobRequest of(String queue, Photo photo, boolean force, Lane lane) {
    Map<String, Object> data =
        own(queue, photo.id(), photo.disk(), photo.path(), photo.file(), null);
    return request(photo.id(), queue, data, false, force, lane);
  }

  /**
   * One more thumbnail of a photo.
   *
   * @param copyTo where a copy of it is wanted; null: where it is set
   */
  public JobRequest thumbnail(
      Photo photo,
      ThumbnailSpec wish,
      ThumbnailFormat format,
      @Nullable TargetPattern copyTo,
      boolean force) {
    Map<String, Object> data = data(photo.id(), photo.disk(), photo.path(), photo.file());
    putTarget(data, copyTo == null ? null : copyTo.toString());
    data.put("target", wish.toString());
    data.put("method", wish.method().toString());
    data.put("width", wish.width());
    data.put("height", wish.height());
    put(data, format);
    return request(photo.id(), "thumbnails", data, true, force, Lane.ASKED);
  }

  private Map<String, Object> own(
      String queue, long imageId, String disk, String path, String file, @Nullable String copyTo) {
    Map<String, Object> data = data(imageId, disk, path, file);
    if (queue.equals("thumbnails")) {
      putTarget(data, copyTo);
      data.put("targets", thumbnails);
      put(data, format);
    }
    return data;
  }

  /** Before the sizes: the end of the data tells whether a job is of today's settings. */
  private void putTarget(Map<String, Object> data, @Nullable String copyTo) {
    String wanted = copyTo == null ? target : copyTo;
    if (wanted != null) {
      data.put("copy_to", wanted);
    }
  }

  /** What the data of a photo's own job of this queue are like (SQL), as it is set now. */
  String pattern(String queue) {
    if (!queue.equals("thumbnails")) {
      return "%";
    }
    Map<String, Object> data = new LinkedHashMap<>();
    putTarget(data, null);
    data.put("targets", thumbnails);
    put(data, format);
    return "%" + write(data).substring(1); // the last of the data: a format would follow
  }

  /** JPEG goes without saying: it was the only format when the keys of the first jobs were made. */
  private static void put(Map<String, Object> data, ThumbnailFormat format) {
    if (format != ThumbnailFormat.JPEG) {
      data.put("format", format.toString());
    }
  }

  private static Map<String, Object> data(long imageId, String disk, String path, String file) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("image_id", imageId);
    data.put("source_disk", disk);
    data.put("source_path", path);
    data.put("source_filename", file);
    return data;
  }

  private JobRequest request(
      long imageId,
      String queue,
      Map<String, Object> data,
      boolean extra,
      boolean force,
      Lane lane) {
    String name = CLASSES.get(queue);
    if (name == null) {
      throw Failure.lasting("no-such-queue", "There is no queue \"" + queue + "\".");
    }
    Map<String, Object> identity = new LinkedHashMap<>();
    identity.put("class", name);
    identity.put("data", data);
    return new JobRequest(imageId, queue, write(data), md5(write(identity)), extra, force, lane);
  }

  private String write(Object value) {
    try {
      return json.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
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
