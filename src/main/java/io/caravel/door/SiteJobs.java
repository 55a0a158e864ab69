package io.caravel.door;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.ground.Failure;
import io.caravel.job.JobRequest;
import io.caravel.job.JobRequests;
import io.caravel.job.Jobs;
import io.caravel.job.Lane;
import io.caravel.job.Steps;
import io.caravel.photo.Outcome;
import io.caravel.photo.Photo;
import io.caravel.photo.Photos;
import io.caravel.photo.Reference;
import io.caravel.photo.References;
import io.caravel.request.Request;
import io.caravel.thumbnail.ThumbnailTargets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Jobs as the site names them that Caravel does them for: by the photo's number and place there,
 * and answered in the words of the queue that they went to before.
 */
@Component("siteJobs")
public class SiteJobs {
  /** ImageProcessJob's: whatever is to be done for a photo. */
  static final String IMAGES = "images";

  private static final Map<String, String> NAMES =
      Map.of(
          IMAGES,
          "Image",
          "thumbnails",
          "Thumbnail",
          "metadata",
          "Metadata",
          "geolocation",
          "Geolocation",
          "faces",
          "Face");

  private static final List<String> PLACE =
      List.of("source_disk", "source_path", "source_filename");

  private final JdbcClient database;
  private final Photos photos;
  private final Wishes wishes;
  private final JobRequests requests;
  private final Jobs jobs;
  private final Steps steps;
  private final ThumbnailTargets targets;

  SiteJobs(
      JdbcClient database,
      Photos photos,
      Wishes wishes,
      JobRequests requests,
      Jobs jobs,
      Steps steps,
      ThumbnailTargets targets) {
    this.database = database;
    this.photos = photos;
    this.wishes = wishes;
    this.requests = requests;
    this.jobs = jobs;
    this.steps = steps;
    this.targets = targets;
  }

  /**
   * The file that job data name; null: they name the photo by its number alone.
   *
   * @throws Failure no-such-queue, bad-request
   */
  public @Nullable Reference file(Request request) {
    String queue = queue(request);
    JsonNode data = data(request);
    requireWhole(queue, data);
    if (PLACE.stream().noneMatch(data::hasNonNull)) {
      return null;
    }
    return new Reference(
        data.hasNonNull("image_id") ? data.get("image_id").asLong() : null,
        data.path("source_disk").asText(),
        data.path("source_path").asText(),
        data.path("source_filename").asText(),
        null);
  }

  private static String queue(Request request) {
    String queue = request.text("queue");
    if (queue == null || !NAMES.containsKey(queue)) {
      throw Failure.lasting(
          "no-such-queue",
          "There is no queue \"%s\" for job data: they are %s, thumbnails, metadata, geolocation and faces."
              .formatted(queue, IMAGES));
    }
    return queue;
  }

  private static JsonNode data(Request request) {
    return Objects.requireNonNull(request.body(), "the contract wants a body");
  }

  private void requireWhole(String queue, JsonNode data) {
    long named = PLACE.stream().filter(data::hasNonNull).count();
    if (named != PLACE.size() && (named > 0 || !data.hasNonNull("image_id"))) {
      throw bad(
          "The job data name no photo: send source_disk, source_path and source_filename, and image_id, by which the photo is known.");
    }
    boolean sized = List.of("method", "width", "height").stream().anyMatch(data::hasNonNull);
    if (!queue.equals("thumbnails")) {
      if (sized || data.hasNonNull("target") || data.hasNonNull("format")) {
        throw bad(
            "Only jobs of the queue thumbnails have a method, width, height, format or target: leave them out for "
                + queue
                + ".");
      }
    } else if (sized && !List.of("method", "width", "height").stream().allMatch(data::hasNonNull)) {
      throw bad("A thumbnail has a method, a width and a height: send all three, or none of them.");
    } else if (data.hasNonNull("format") && !sized) {
      throw bad("A format is of one thumbnail: send method, width and height, too.");
    } else if (data.hasNonNull("target")) {
      requireTarget(target(data, data.path("source_disk").asText("private")), sized);
    }
  }

  private void requireTarget(String target, boolean sized) {
    if (sized) {
      targets.asked(target);
    } else {
      targets.askedForAll(target);
    }
  }

  /** Where a copy is wanted: an object as ours, or a path below the disk that the photo lies on. */
  private static String target(JsonNode data, String disk) {
    JsonNode target = data.get("target");
    String written = References.target(target);
    if (written != null) {
      return written;
    }
    return target.asText().contains(":") ? target.asText() : disk + ":" + target.asText();
  }

  /**
   * The photo that the site knows by that number.
   *
   * @throws Failure no-such-photo
   */
  public Outcome known(Request request) {
    long number = data(request).path("image_id").asLong();
    Photo photo =
        database
            .sql("select image_id from external_ids where external_id = :number")
            .param("number", number)
            .query(Long.class)
            .optional()
            .map(photos::photo)
            .orElseThrow(
                () ->
                    Failure.lasting(
                        "no-such-photo",
                        "No photo was taken with image_id %d yet: send source_disk, source_path and source_filename, too."
                            .formatted(number)));
    return new Outcome(photo.id(), photo.filename(), photo.sha256(), "exists", null, null);
  }

  /**
   * What became of the file, unless it was refused.
   *
   * @throws Failure what it was refused for
   */
  public Outcome taken(Outcome outcome) {
    if (outcome.isRejected()) {
      throw Failure.lasting(String.valueOf(outcome.cause()), String.valueOf(outcome.error()));
    }
    return outcome;
  }

  /**
   * What is asked for: one job, those of the photo that are due, or none, where it follows from
   * another by itself.
   *
   * @throws Failure bad-request, no-position
   */
  public List<JobRequest> requests(Request request, Outcome taken) {
    Photo photo = photos.photo(Objects.requireNonNull(taken.id()));
    JsonNode data = data(request);
    String queue = queue(request);
    return switch (queue) {
      case IMAGES -> due(photo);
      case "thumbnails" -> List.of(thumbnails(photo, data));
      case "geolocation" -> geolocation(photo);
      default -> List.of(own(queue, photo));
    };
  }

  private JobRequest own(String queue, Photo photo) {
    return requests.of(queue, photo, false, Lane.ASKED);
  }

  private List<JobRequest> due(Photo photo) {
    List<JobRequest> due = new ArrayList<>();
    for (String queue : steps.names()) {
      JobRequest own = own(queue, photo);
      String before = steps.comesAfter(queue);
      boolean follows =
          queue.equals("geolocation")
              ? photo.latitude() == null
              : !before.equals(Steps.INTAKE) && jobs.isOpen(photo.id(), before);
      if (!follows && !jobs.isDone(own)) {
        due.add(own);
      }
    }
    return due;
  }

  private JobRequest thumbnails(Photo photo, JsonNode data) {
    String target = data.hasNonNull("target") ? target(data, photo.disk()) : null;
    if (data.hasNonNull("method")) {
      return wishes.thumbnail(photo, data, target, false);
    }
    return target == null
        ? own("thumbnails", photo)
        : requests.copies(photo, targets.askedForAll(target).toString());
  }

  private List<JobRequest> geolocation(Photo photo) {
    if (photo.latitude() != null) {
      return List.of(own("geolocation", photo));
    }
    if (jobs.isOpen(photo.id(), "metadata")) {
      return List.of();
    }
    throw Wishes.noPosition(photo.id());
  }

  /**
   * The answer: {@code success} when anything was queued by this call, {@code exists} when it was
   * there.
   *
   * @param former the photo whose file was changed in place; null: none
   * @param enqueued of each request, whether it was queued by this call
   */
  public Map<String, Object> reply(
      Request request, Outcome taken, @Nullable Long former, List<?> enqueued) {
    String queue = queue(request);
    boolean accepted = taken.status().equals("accepted");
    boolean queued =
        accepted || enqueued.stream().anyMatch(each -> Boolean.parseBoolean(String.valueOf(each)));
    String name = NAMES.getOrDefault(queue, queue);
    String message =
        queued
            ? name + " added to processing queue"
            : queue.equals(IMAGES) && enqueued.isEmpty()
                ? name + " has nothing left to process"
                : name + " already exists in processing queue";
    if (former != null) {
      message +=
          ". Its file was changed in place: photo %d is in the trash, and photo %d%s."
              .formatted(
                  former,
                  taken.id(),
                  accepted ? " is processed anew" : ", which has these bytes, takes its place");
    }
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("status", queued ? "success" : "exists");
    reply.put("message", message);
    reply.put("data", data(request));
    return reply;
  }

  private static Failure bad(String sentence) {
    return Failure.lasting("bad-request", sentence);
  }
}
