package io.caravel.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.photo.Photo;
import io.caravel.photo.Photos;
import io.caravel.thumbnail.ThumbnailSpec;
import io.caravel.thumbnail.Thumbnails;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Jobs that a caller asks for over REST, and the answer in the words of the replaced system. */
@Component("wishes")
public class Wishes {
  private static final Map<String, String> NAMES =
      Map.of(
          "thumbnails",
          "Thumbnail",
          "metadata",
          "Metadata",
          "geolocation",
          "Geolocation",
          "faces",
          "Face");

  private final ObjectMapper json = new ObjectMapper();
  private final Photos photos;
  private final JobRequests requests;
  private final Thumbnails thumbnails;

  Wishes(Photos photos, JobRequests requests, Thumbnails thumbnails) {
    this.thumbnails = thumbnails;
    this.photos = photos;
    this.requests = requests;
  }

  /**
   * A caller's wish.
   *
   * @param force to replace what an earlier run made
   * @param body for thumbnails, and optional: {"method", "width", "height"} and perhaps "format"
   */
  public JobRequest of(long photoId, String queue, @Nullable Boolean force, @Nullable String body) {
    if (!QueueSettings.NAMES.contains(queue)) {
      throw Queues.unknown(queue);
    }
    Photo photo = photos.photo(photoId);
    boolean again = Boolean.TRUE.equals(force);
    if (queue.equals("thumbnails") && body != null && !body.isBlank()) {
      return thumbnail(photo, body, again);
    }
    if (queue.equals("geolocation") && photo.latitude() == null) {
      throw Failure.lasting(
          "no-position",
          "Photo "
              + photoId
              + " has no valid position (or its metadata has not been read yet): there is no place to ask for.");
    }
    return requests.of(queue, photo, again);
  }

  private JobRequest thumbnail(Photo photo, String body, boolean force) {
    try {
      JsonNode wish = json.readTree(body);
      ThumbnailSpec spec =
          ThumbnailSpec.of(
              wish.path("method").asText(),
              wish.path("width").asInt(),
              wish.path("height").asInt());
      return requests.thumbnail(
          photo, spec, thumbnails.format(wish.path("format").asText()), force);
    } catch (JsonProcessingException e) {
      throw Failure.lasting(
          "bad-request",
          "The body takes JSON such as {\"method\": \"cover\", \"width\": 300, \"height\": 300}.",
          e);
    }
  }

  /** {@code success} when the job was queued by this call, {@code exists} when it was there. */
  public Map<String, Object> reply(JobRequest request, boolean enqueued)
      throws JsonProcessingException {
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("status", enqueued ? "success" : "exists");
    reply.put(
        "message",
        NAMES.get(request.queue())
            + (enqueued ? " added to processing queue" : " already exists in processing queue"));
    reply.put("data", json.readTree(request.data()));
    return reply;
  }
}
