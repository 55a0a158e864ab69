package io.caravel.photo;

import io.caravel.job.Journey;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The journey of a photo that is not in the trash. */
@Component("journeys")
public class Journeys {
  private final Photos photos;
  private final Journey journey;

  Journeys(Photos photos, Journey journey) {
    this.photos = photos;
    this.journey = journey;
  }

  /** All steps, oldest first. */
  public Map<String, List<Journey.Step>> of(long photoId) {
    photos.photo(photoId);
    return Map.of("items", journey.of(photoId));
  }
}
