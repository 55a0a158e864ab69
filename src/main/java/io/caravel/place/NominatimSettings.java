package io.caravel.place;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How the geocoder is asked: {@code caravel.nominatim.*}.
 *
 * @param decimals of latitude and longitude that are asked and kept, 0 to 6 (4: about 10 m)
 * @param periodMs least time between two questions, over all nodes
 * @param requestTimeoutMs longest time from the grant of a slot to the end of the answer
 * @param slotWaitMs longest wait for a slot before the job is given back
 * @param refusedPauseMs pause after a 429 that names none
 * @param shutOutPauseMs pause after a 401 or 403
 * @param retryAfterMaxMs longest pause a server may ask for
 * @param answerMaxBytes longest answer that is read
 */
@ConfigurationProperties("caravel.nominatim")
public record NominatimSettings(
    int decimals,
    long periodMs,
    long requestTimeoutMs,
    long slotWaitMs,
    long refusedPauseMs,
    long shutOutPauseMs,
    long retryAfterMaxMs,
    int answerMaxBytes) {

  // A setting that is missing binds as 0: without these checks the pace would silently be none.
  public NominatimSettings {
    if (decimals < 0 || decimals > 6) {
      throw new IllegalArgumentException(
          "CARAVEL_NOMINATIM_DECIMALS is " + decimals + ": give it a number from 0 to 6.");
    }
    positive("period-ms", periodMs);
    positive("request-timeout-ms", requestTimeoutMs);
    positive("slot-wait-ms", slotWaitMs);
    positive("refused-pause-ms", refusedPauseMs);
    positive("shut-out-pause-ms", shutOutPauseMs);
    positive("retry-after-max-ms", retryAfterMaxMs);
    positive("answer-max-bytes", answerMaxBytes);
  }

  private static void positive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(
          "CARAVEL_NOMINATIM_%s is %d: give it a number above 0."
              .formatted(name.toUpperCase(Locale.ROOT).replace('-', '_'), value));
    }
  }

  Duration period() {
    return Duration.ofMillis(periodMs);
  }

  Duration requestTimeout() {
    return Duration.ofMillis(requestTimeoutMs);
  }

  Duration slotWait() {
    return Duration.ofMillis(slotWaitMs);
  }

  Duration refusedPause() {
    return Duration.ofMillis(refusedPauseMs);
  }

  Duration shutOutPause() {
    return Duration.ofMillis(shutOutPauseMs);
  }

  Duration retryAfterMax() {
    return Duration.ofMillis(retryAfterMaxMs);
  }

  /** How far ahead the next slot can lie when all clocks are right. */
  Duration farthestSlot() {
    return Collections.max(
        List.of(requestTimeout().plus(period()), retryAfterMax(), refusedPause(), shutOutPause()));
  }
}
