package io.caravel.gallery;

import io.caravel.ground.Journey;
import io.caravel.job.Waits;
import io.caravel.photo.Photos;
import java.util.List;
import org.springframework.stereotype.Component;

/** The journey of a photo that is not in the trash. */
@Component("journeys")
public class Journeys {
  private final Photos photos;
  private final Journey journey;
  private final Waits waits;

  Journeys(Photos photos, Journey journey, Waits waits) {
    this.photos = photos;
    this.journey = journey;
    this.waits = waits;
  }

  /**
   * A photo's journey.
   *
   * @param items what happened, oldest first
   * @param unfinished what is still to be done
   */
  public record View(List<Journey.Step> items, List<Waits.Wait> unfinished) {}

  /** All steps so far, and those to come. */
  public View of(long photoId) {
    photos.photo(photoId);
    return new View(journey.of(photoId), waits.of(photoId));
  }
}
