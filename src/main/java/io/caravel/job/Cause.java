package io.caravel.job;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Every cause of a failure, in one list: what a caller is answered, whether a job that met it had
 * begun, and whether it is weather. Weather lies in no photo: it keeps all jobs of a queue from
 * being done, so the queue rests as a whole, and no photo loses a try to it ({@link Weather}).
 */
public enum Cause {
  // The photo's own.
  NOT_A_PICTURE("not-a-picture", 415),
  UNSUPPORTED_FORMAT("unsupported-format", 415),
  TOO_LARGE("too-large", 413),
  TOO_MANY_PIXELS("too-many-pixels", 413),
  MEMORY_LIMIT("memory-limit", 413),
  TOO_COMPLEX("too-complex", 413),
  TRUNCATED("truncated", 500),
  UNDECODABLE("undecodable", 500),
  TIME_LIMIT("time-limit", 503),
  EXIFTOOL_FAILED("exiftool-failed", 500),
  DECODER_DIED("decoder-died", 500),
  DAMAGED_ORIGINAL("damaged-original", 500),
  ORIGINAL_MISSING("original-missing", 503),
  INTERNAL("internal", 500),
  OUT_OF_MEMORY("out-of-memory", 503),
  // The caller's own.
  BAD_REQUEST("bad-request", 400),
  NO_POSITION("no-position", 400),
  NO_SUCH_PHOTO("no-such-photo", 404),
  NO_SUCH_FILE("no-such-file", 404),
  NO_PHOTO("no-photo", 500),
  NO_SUCH_QUEUE("no-such-queue", 404),
  NO_SUCH_FAILURE("no-such-failure", 404),
  NO_SUCH_FACE("no-such-face", 404),
  NO_SUCH_PERSON("no-such-person", 404),
  NO_SUCH_DECISION("no-such-decision", 404),
  NO_METADATA("no-metadata", 404),
  NO_CROP("no-crop", 404),
  CHANGES_FORGOTTEN("changes-forgotten", 410),
  RUNNING("running", 409),
  CONFLICT("conflict", 409),
  CHANGED_MEANWHILE("changed-meanwhile", 412),
  TARGET_TAKEN("target-taken", 409),
  TARGET_REFUSED("target-refused", 400),
  TARGET_UNAVAILABLE("target-unavailable", 503),
  // The work was not begun: such a start is no try.
  STILL_WRITTEN("still-written", 503, false, false),
  BUSY("busy", 503, false, false),
  ROUTE_STOPPED("route-stopped", 503, false, false),
  GEOCODER_BUSY("geocoder-busy", 503, false, false),
  DATABASE_BUSY("database-busy", 503, false, false),
  INTERRUPTED("interrupted", 503, false, false),
  DECODER_MISSING("decoder-missing", 503, false, false),
  MODELS_MISSING("models-missing", 503, false, false),
  ENGINE_MISSING("engine-missing", 503, false, false),
  EXIFTOOL_MISSING("exiftool-missing", 503, false, false),
  // Weather that one photo alone may meet, too: another is asked before it is believed.
  DISK_UNAVAILABLE("disk-unavailable", 503, true, true),
  DATABASE("database", 503, true, true),
  GEOCODER_UNREACHABLE("geocoder-unreachable", 503, true, true),
  GEOCODER_REFUSED("geocoder-refused", 503, true, true),
  // Weather for certain.
  DISK_FULL("disk-full", 507, false, true),
  GEOCODER_PAUSED("geocoder-paused", 503, false, true);

  private static final Map<String, Cause> BY_CODE =
      Arrays.stream(values()).collect(Collectors.toMap(Cause::code, Function.identity()));

  private final String code;
  private final int status;
  private final boolean begun;
  private final boolean weather;

  /** A photo's or a caller's own. */
  Cause(String code, int status) {
    this(code, status, true, false);
  }

  /**
   * @param code as it is stored and shown, to group by
   * @param status of HTTP, where a caller waits for the outcome
   * @param begun whether the start of a job that met it counts as a try
   * @param weather whether the queue rests for it
   */
  Cause(String code, int status, boolean begun, boolean weather) {
    this.code = code;
    this.status = status;
    this.begun = begun;
    this.weather = weather;
  }

  /** The cause of that code; one that is not listed is {@link #INTERNAL}. */
  public static Cause of(String code) {
    return BY_CODE.getOrDefault(code, INTERNAL);
  }

  public String code() {
    return code;
  }

  public int status() {
    return status;
  }

  boolean begun() {
    return begun;
  }

  public boolean weather() {
    return weather;
  }

  /** Whether the same photo may be taken later without anybody changing it. */
  public boolean passes() {
    return weather || !begun;
  }
}
