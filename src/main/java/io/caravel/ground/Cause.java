package io.caravel.ground;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Every cause of a failure, in one list: what a caller is answered, whether a job that met it had
 * begun, and whether it is weather. Weather lies in no photo: it keeps all jobs of a queue from
 * being done, so the queue rests as a whole, and no photo loses a try to it ({@code Weather}).
 */
public enum Cause {
  // The photo's own.
  NOT_A_PICTURE("not-a-picture", 415, "It is no picture"),
  UNSUPPORTED_FORMAT("unsupported-format", 415, "This kind of picture cannot be read here"),
  TOO_LARGE("too-large", 413),
  TOO_MANY_PIXELS("too-many-pixels", 413, "Too many pixels"),
  MEMORY_LIMIT("memory-limit", 413, "It needed too much memory"),
  TOO_COMPLEX("too-complex", 413),
  TRUNCATED("truncated", 500, "The file is cut off"),
  UNDECODABLE("undecodable", 500, "The picture is broken"),
  TIME_LIMIT("time-limit", 503, "It took too long"),
  EXIFTOOL_FAILED("exiftool-failed", 500),
  DECODER_DIED("decoder-died", 500),
  DAMAGED_ORIGINAL("damaged-original", 500),
  ORIGINAL_MISSING("original-missing", 503, "The original is gone"),
  ORIGINAL_CHANGED("original-changed", 500, "The original has other bytes than it came with"),
  SIDECAR_CAME("sidecar-came", 503, "A file came that lies beside it"),
  INTERNAL("internal", 500),
  OUT_OF_MEMORY("out-of-memory", 503),
  NO_JSON("no-json", 500, "The step's answer is no JSON object"),
  RESULT_TOO_LARGE("result-too-large", 500),
  PROGRAM_REFUSED("program-refused", 500, "The step runs a program that it may not"),
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
  INTERRUPTED(
      "interrupted", 503, false, false, "Caravel was stopped in the middle of it, three times"),
  DECODER_MISSING("decoder-missing", 503, false, false),
  MODELS_MISSING("models-missing", 503, false, false),
  ENGINE_MISSING("engine-missing", 503, false, false),
  EXIFTOOL_MISSING("exiftool-missing", 503, false, false),
  // Weather that one photo alone may meet, too: another is asked before it is believed.
  DISK_UNAVAILABLE("disk-unavailable", 503, true, true, "The disk is away"),
  DATABASE("database", 503, true, true, "The database did not answer"),
  GEOCODER_UNREACHABLE("geocoder-unreachable", 503, true, true, "The geocoder did not answer"),
  GEOCODER_REFUSED("geocoder-refused", 503, true, true, "The geocoder refused"),
  STEP_UNREACHABLE("step-unreachable", 503, true, true, "What the step asks is not there"),
  // Weather for certain.
  DISK_FULL("disk-full", 507, false, true, "The disk is full"),
  GEOCODER_PAUSED("geocoder-paused", 503, false, true);

  /** Of files of the inbox, which are tried again by themselves and fail no job. */
  private static final Map<String, String> OF_FILES =
      Map.of(
          "inbox-link", "A link lies where Caravel keeps its own folders",
          "inbox-unclaimable", "It cannot be moved",
          "inbox-unreadable", "It cannot be read",
          "inbox-unmovable", "It was taken in and cannot be put away");

  private static final Map<String, Cause> BY_CODE =
      Arrays.stream(values()).collect(Collectors.toMap(Cause::code, Function.identity()));

  private final String code;
  private final int status;
  private final boolean begun;
  private final boolean weather;
  private final String words;

  /** A photo's or a caller's own. */
  Cause(String code, int status) {
    this(code, status, true, false, "");
  }

  Cause(String code, int status, String words) {
    this(code, status, true, false, words);
  }

  Cause(String code, int status, boolean begun, boolean weather) {
    this(code, status, begun, weather, "");
  }

  /**
   * @param code as it is stored and shown, to group by
   * @param status of HTTP, where a caller waits for the outcome
   * @param begun whether the start of a job that met it counts as a try
   * @param weather whether the queue rests for it
   * @param words for people; empty: the code's own
   */
  Cause(String code, int status, boolean begun, boolean weather, String words) {
    this.code = code;
    this.status = status;
    this.begun = begun;
    this.weather = weather;
    this.words = words;
  }

  /** The cause of that code; one that is not listed is {@link #INTERNAL}. */
  public static Cause of(String code) {
    return BY_CODE.getOrDefault(code, INTERNAL);
  }

  /** The cause of that code in a few words, for people; a step's own code as it is written. */
  public static String words(String code) {
    Cause known = BY_CODE.get(code);
    if (known != null && !known.words.isEmpty()) {
      return known.words;
    }
    String written = code.substring(0, 1).toUpperCase(Locale.ROOT) + code.substring(1);
    return OF_FILES.getOrDefault(code, written.replace('-', ' '));
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
