package io.caravel.place;

import io.caravel.job.Failure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Judges what the geocoder sent back: an answer, a refusal, or nothing of use. */
@Component("geocoder")
public class Geocoder {
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;

  private final GeocoderSlot slot;
  private final NominatimSettings settings;
  private volatile @Nullable String trouble;

  Geocoder(GeocoderSlot slot, NominatimSettings settings) {
    this.slot = slot;
    this.settings = settings;
  }

  /**
   * The answer in a response.
   *
   * @param status of HTTP
   * @param retryAfter the header of that name
   * @throws Failure {@code geocoder-refused}: passing, and the slot is moved for all nodes, when it
   *     asks to come back later or refuses Caravel as such (which asking on would only make worse);
   *     lasting when it refuses this one request. {@code geocoder-unreachable}, passing: anything
   *     else that is no answer
   */
  public GeocoderAnswer read(byte[] body, int status, @Nullable String retryAfter) {
    Duration pause = RetryAfter.read(retryAfter, Instant.now(), settings.retryAfterMax());
    if (status == TOO_MANY_REQUESTS || (status == UNAVAILABLE && pause != null)) {
      throw later(status, pause == null ? settings.refusedPause() : pause);
    }
    if (status == UNAUTHORIZED || status == FORBIDDEN) {
      throw shutOut(status, pause == null ? settings.shutOutPause() : pause);
    }
    if (status >= 300 && status < 400) {
      throw unusable(
          "The geocoder redirects (HTTP "
              + status
              + "), which Caravel does not follow: set CARAVEL_NOMINATIM_URL to its own address.",
          null);
    }
    if (status >= 400 && status < 500 && status != REQUEST_TIMEOUT) {
      throw Failure.lasting(
          "geocoder-refused",
          "The geocoder refused the request (HTTP "
              + status
              + "): check CARAVEL_NOMINATIM_URL, then replay.");
    }
    if (status != 200) {
      throw unusable("The geocoder is out of order (HTTP " + status + ").", null);
    }
    try {
      GeocoderAnswer answer = NominatimJson.read(body);
      trouble = null;
      return answer;
    } catch (IOException e) {
      throw unusable(
          "The geocoder's answer is not Nominatim's JSON: check CARAVEL_NOMINATIM_URL.", e);
    }
  }

  /** Throws the failure for a request that had no whole response. */
  public void unreachable(Exception origin) {
    throw unusable(
        "The geocoder could not be asked ("
            + origin.getMessage()
            + "): check the network and CARAVEL_NOMINATIM_URL.",
        origin);
  }

  /** What was wrong with the last answer to this node, as a sentence; null: nothing. */
  @Nullable String trouble() {
    return trouble;
  }

  private Failure later(int status, Duration pause) {
    slot.postpone(pause);
    trouble =
        "The geocoder asked Caravel to come back later (HTTP "
            + status
            + "): if this lasts, see CARAVEL_NOMINATIM_PERIOD_MS or use a server of your own.";
    return Failure.passing(
        "geocoder-refused",
        "The geocoder asked Caravel to come back in "
            + pause.toSeconds()
            + " s (HTTP "
            + status
            + "). If this lasts, see CARAVEL_NOMINATIM_PERIOD_MS or use a server of your own.",
        pause);
  }

  private Failure shutOut(int status, Duration pause) {
    slot.postpone(pause);
    trouble =
        "The geocoder does not let Caravel in (HTTP "
            + status
            + "): check CARAVEL_NOMINATIM_URL, CARAVEL_NOMINATIM_USER_AGENT and the server's usage policy.";
    return Failure.passing(
        "geocoder-refused",
        "The geocoder does not let Caravel in (HTTP "
            + status
            + "); it is asked again in "
            + pause.toSeconds()
            + " s. Check CARAVEL_NOMINATIM_URL, CARAVEL_NOMINATIM_USER_AGENT and the server's usage policy.",
        pause);
  }

  private Failure unusable(String sentence, @Nullable Exception origin) {
    trouble = sentence;
    return Failure.passing(
        "geocoder-unreachable", sentence, origin == null ? new IOException(sentence) : origin);
  }
}
