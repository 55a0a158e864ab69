package io.caravel.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.ground.Failure;
import io.caravel.job.JobRequest;
import io.caravel.job.JobRequests;
import io.caravel.job.Lane;
import io.caravel.job.Steps;
import io.caravel.photo.Photo;
import io.caravel.photo.Photos;
import io.caravel.photo.References;
import io.caravel.request.Request;
import io.caravel.thumbnail.ThumbnailData;
import io.caravel.thumbnail.ThumbnailSpec;
import io.caravel.thumbnail.ThumbnailTargets;
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

  private final Steps steps;
  private final ObjectMapper json = new ObjectMapper();
  private final Photos photos;
  private final JobRequests requests;
  private final Thumbnails thumbnails;
  private final ThumbnailTargets targets;
  private final ThumbnailData data;

  Wishes(
      Steps steps,
      Photos photos,
      JobRequests requests,
      Thumbnails thumbnails,
      ThumbnailTargets targets,
      ThumbnailData data) {
    this.data = data;
    this.steps = steps;
    this.targets = targets;
    this.thumbnails = thumbnails;
    this.photos = photos;
    this.requests = requests;
  }

  /**
   * A caller's wish for a photo and a queue: {@code force} to replace what an earlier run made; for
   * thumbnails perhaps a body {"method", "width", "height"} and perhaps "format" and "target".
   */
  public JobRequest of(Request request) {
    String queue = steps.known(request.text("queue"));
    Photo photo = photos.photo(request.id());
    boolean again = request.is("force");
    JsonNode wish = request.body();
    if (queue.equals("thumbnails") && wish != null) {
      return thumbnail(photo, wish, References.target(wish.path("target")), again);
    }
    if (queue.equals("geolocation") && photo.latitude() == null) {
      throw noPosition(photo.id());
    }
    return requests.of(queue, photo, again, Lane.ASKED);
  }

  static Failure noPosition(long photo) {
    return Failure.lasting(
        "no-position",
        "Photo "
            + photo
            + " has no valid position (or its metadata has not been read yet): there is no place to ask for.");
  }

  /**
   * One more thumbnail of a photo.
   *
   * @param target where a copy of it is wanted; null: where it is set
   */
  JobRequest thumbnail(Photo photo, JsonNode wish, @Nullable String target, boolean again) {
    ThumbnailSpec spec =
        ThumbnailSpec.of(
            wish.path("method").asText(), wish.path("width").asInt(), wish.path("height").asInt());
    return requests.more(
        "thumbnails",
        photo,
        data.one(
            spec,
            thumbnails.format(wish.hasNonNull("format") ? wish.get("format").asText() : ""),
            target == null ? null : targets.asked(target)),
        again);
  }

  /** {@code success} when the job was queued by this call, {@code exists} when it was there. */
  public Map<String, Object> reply(JobRequest request, boolean enqueued)
      throws JsonProcessingException {
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("status", enqueued ? "success" : "exists");
    reply.put(
        "message",
        NAMES.getOrDefault(request.queue(), steps.title(request.queue()))
            + (enqueued ? " added to processing queue" : " already exists in processing queue"));
    reply.put("data", json.readTree(request.data()));
    return reply;
  }
}
