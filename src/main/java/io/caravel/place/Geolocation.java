package io.caravel.place;

import org.jspecify.annotations.Nullable;

/**
 * What a geolocation job made: a place, or the reason why there is none.
 *
 * @param placeId row of {@code places}; null when skipped
 * @param skip the job's cause when it ends skipped: {@code no-address}, {@code no-position}, {@code
 *     geocoding-off}; null: the job is done
 * @param sentence what to tell the owner when skipped
 */
public record Geolocation(
    @Nullable Long placeId, @Nullable String skip, @Nullable String sentence) {

  static Geolocation at(long placeId) {
    return new Geolocation(placeId, null, null);
  }

  static Geolocation skipped(String cause, String sentence) {
    return new Geolocation(null, cause, sentence);
  }
}
