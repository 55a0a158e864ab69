package io.caravel.place;

import io.caravel.job.Hindrance;
import io.caravel.job.Outside;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The geocoder has asked for a pause, or this node's last question had no answer. */
@Component
class GeocoderTrouble implements Hindrance, Outside {
  private static final String QUEUE = "geolocation";

  private final Geocoder geocoder;
  private final GeocoderSlot slot;

  GeocoderTrouble(Geocoder geocoder, GeocoderSlot slot) {
    this.geocoder = geocoder;
    this.slot = slot;
  }

  @Override
  public String queue() {
    return QUEUE;
  }

  @Override
  public void rest(Duration time) {
    slot.rest(time);
  }

  @Override
  public long answers() {
    return geocoder.answers();
  }

  @Override
  public @Nullable String of(String queue) {
    if (!queue.equals(QUEUE)) {
      return null;
    }
    Duration pause = slot.pause();
    String trouble = geocoder.trouble();
    if (pause.isZero()) {
      return trouble;
    }
    return "%s It is asked again in about %d s."
        .formatted(
            trouble == null
                ? "The geocoder is away, or has asked a node of Caravel to pause."
                : trouble,
            pause.toSeconds() + 1);
  }

  /** The last question may have been long ago. */
  @Override
  public boolean whileIdle() {
    return false;
  }
}
