package io.caravel.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.photo.Original;
import io.caravel.photo.Photo;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Writes job requests in the canonical form of the system Caravel replaces, key included. */
@Component("jobRequests")
public class JobRequests {
  /** Of the steps that it had; another's is called as the step is. */
  private static final Map<String, String> CLASSES =
      Map.of(
          "thumbnails", "ThumbnailProcessJob",
          "metadata", "MetadataProcessJob",
          "geolocation", "GeolocationProcessJob",
          "faces", "FaceProcessJob");

  private final Steps steps;
  private final ObjectMapper json = new ObjectMapper();
  private final Map<String, StepData> more;

  JobRequests(Steps steps, List<StepData> more) {
    this.steps = steps;
    this.more = more.stream().collect(Collectors.toMap(StepData::step, Function.identity()));
  }

  /** A photo's own job of a queue, in the transaction that accepts it. */
  public JobRequest first(String queue, long imageId, Original original) {
    return of(queue, imageId, original).ofNewPhoto();
  }

  /** A photo's own job of a queue, when it came in by this original. */
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
  public JobRequest copies(Photo photo, String copyTo) {
    String queue = "thumbnails";
    Map<String, Object> data =
        own(queue, photo.id(), photo.disk(), photo.path(), photo.file(), copyTo);
    return request(photo.id(), queue, data, true, false, Lane.ASKED);
  }

  /** What follows from a job of a photo: that photo's own job of another queue. */
  public JobRequest after(Job job, String queue) {
    return of(queue, job.photo(), job.force(), job.lane());
  }

  /** A photo is to be searched for faces, for its metadata tell of some. */
  public JobRequest faces(Photo photo) {
    return of("faces", photo, false, Lane.UPLOAD);
  }

  /** Where a photo was taken: what is known is not asked again, whatever was forced before. */
  public JobRequest place(Job job) {
    return of("geolocation", job.photo(), false, job.lane());
  }

  /** A photo's metadata are to be read anew, for more lies beside it now. */
  public JobRequest metadata(Photo photo) {
    return of("metadata", photo, false, Lane.UPLOAD);
  }

  /** A photo's own job of a queue. */
  public JobRequest of(String queue, Photo photo, boolean force, Lane lane) {
    Map<String, Object> data =
        own(queue, photo.id(), photo.disk(), photo.path(), photo.file(), null);
    return request(photo.id(), queue, data, false, force, lane);
  }

  /**
   * One more job of a photo, beside its own.
   *
   * @param wish what its data end with, in this order
   */
  public JobRequest more(String queue, Photo photo, Map<String, Object> wish, boolean force) {
    Map<String, Object> data = data(photo.id(), photo.disk(), photo.path(), photo.file());
    data.putAll(wish);
    return request(photo.id(), queue, data, true, force, Lane.ASKED);
  }

  private Map<String, Object> own(
      String queue, long imageId, String disk, String path, String file, @Nullable String copyTo) {
    Map<String, Object> data = data(imageId, disk, path, file);
    StepData rest = more.get(queue);
    if (rest != null) {
      data.putAll(rest.own(copyTo));
    }
    return data;
  }

  /** What the data of a photo's own job of this queue are like (SQL), as it is set now. */
  String pattern(String queue) {
    StepData rest = more.get(queue);
    return rest == null ? "%" : "%" + write(rest.own(null)).substring(1);
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
    String name = CLASSES.getOrDefault(steps.known(queue), queue);
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
