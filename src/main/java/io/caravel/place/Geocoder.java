package io.caravel.place;

import io.caravel.ground.Failure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
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
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
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
   *     passing, too, when it refuses this one request, since an address that is wrong is refused
   *     for each photo. {@code geocoder-unreachable}, passing: anything else that is no answer
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
              + "), which Caravel does not follow: set CARAVEL_NOMINATIM_URL to its own address.");
    }
    if (status >= 400 && status < 500 && status != REQUEST_TIMEOUT) {
      refusals.incrementAndGet();
      trouble =
          "The geocoder refused the request (HTTP " + status + "): check CARAVEL_NOMINATIM_URL.";
      throw Failure.passing("geocoder-refused", trouble);
    }
    if (status != 200) {
      throw unusable(
          "The geocoder is out of order (HTTP "
              + status
              + "): see its log, or wait until whoever runs it has mended it.");
    }
    try {
      GeocoderAnswer answer = NominatimJson.read(body);
      trouble = null;
      answers.incrementAndGet();
      return answer;
    } catch (IOException e) {
      throw unusable("The geocoder's answer is not Nominatim's JSON: check CARAVEL_NOMINATIM_URL.");
    }
  }

  /** Throws the failure for a request that had no whole response. */
  public void unreachable(Exception origin) {
    String sentence =
        "The geocoder could not be asked (%s): check the network and CARAVEL_NOMINATIM_URL."
            .formatted(String.valueOf(origin.getMessage()).lines().findFirst().orElse("").strip());
    failures.incrementAndGet();
    trouble = sentence;
    throw Failure.passing("geocoder-unreachable", sentence, origin);
  }

  /** What was wrong with the last answer to this node, as a sentence; null: nothing. */
  @Nullable String trouble() {
    return trouble;
  }

  /** How many answers there were since the start. */
  public long answers() {
    return answers.get();
  }

  /** How many questions it refused since the start. */
  public long refusals() {
    return refusals.get();
  }

  /** How many questions had no answer of use since the start. */
  public long failures() {
    return failures.get();
  }

  private Failure later(int status, Duration pause) {
    return refused(
        "The geocoder asked Caravel to come back later (HTTP "
            + status
            + "): if this lasts, see CARAVEL_NOMINATIM_PERIOD_MS or use a server of your own.",
        pause);
  }

  private Failure shutOut(int status, Duration pause) {
    return refused(
        "The geocoder does not let Caravel in (HTTP "
            + status
            + "): check CARAVEL_NOMINATIM_URL, CARAVEL_NOMINATIM_USER_AGENT and the server's usage policy.",
        pause);
  }

  private Failure refused(String sentence, Duration pause) {
    slot.postpone(pause);
    refusals.incrementAndGet();
    trouble = sentence;
    return Failure.passing("geocoder-refused", sentence, pause);
  }

  /** Carries no cause: the route would take an IOException within it for one of the network. */
  private Failure unusable(String sentence) {
    failures.incrementAndGet();
    trouble = sentence;
    return Failure.passing("geocoder-unreachable", sentence);
  }
}
