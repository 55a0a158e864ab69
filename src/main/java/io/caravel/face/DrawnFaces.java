package io.caravel.face;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.face.FaceFinder.Box;
import io.caravel.face.FaceFinder.Face;
import io.caravel.ground.Failure;
import io.caravel.photo.Disks;
import io.caravel.photo.Photo;
import io.caravel.photo.Photos;
import io.caravel.request.Request;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** Faces that no detector has seen, and somebody draws. */
@Component("drawnFaces")
public class DrawnFaces {
  private final Photos photos;
  private final Disks disks;
  private final FaceSearch search;
  private final FaceApi api;
  private final Decisions decisions;
  private final FaceViews views;

  DrawnFaces(
      Photos photos,
      Disks disks,
      FaceSearch search,
      FaceApi api,
      Decisions decisions,
      FaceViews views) {
    this.photos = photos;
    this.disks = disks;
    this.search = search;
    this.api = api;
    this.decisions = decisions;
    this.views = views;
  }

  /**
   * Encodes a face where a box was drawn on a photo, and puts it among those to review: a decision,
   * undone as any other. A later search leaves it as it is.
   *
   * @param request of the photo; its body is {"left", "top", "width", "height"} in pixels of the
   *     upright photo
   * @throws Failure no-such-photo, bad-request, conflict: there is a face already; busy, …
   */
  public FaceViews.View draw(Request request) {
    Photo photo = photos.photo(request.id());
    if (photo.video()) {
      throw Failure.lasting(
          "bad-request", "Faces are not drawn on films: it is photos that have them.");
    }
    JsonNode body = Objects.requireNonNull(request.body());
    Box box =
        new Box(
            body.path("left").asInt(),
            body.path("top").asInt(),
            body.path("width").asInt(),
            body.path("height").asInt());
    Face face =
        api.inTurn(
            () -> search.encode(disks.resolve(photo.disk(), photo.path(), photo.file()), box));
    long id = decisions.draw(photo.id(), face, search.drawnBy(), request.who());
    return views.view(id, false);
  }
}
