package io.caravel.flow;

import io.caravel.door.Problem;
import io.caravel.job.Failure;
import org.springframework.stereotype.Component;

/** Failures as RFC 9457 problem documents: a sentence that tells the caller what to do. */
@Component("problems")
public class Problems {
  /** The HTTP status that goes with a cause. */
  static int status(String cause) {
    return switch (cause) {
      case "not-a-picture", "unsupported-format" -> 415;
      case "too-large", "too-many-pixels", "memory-limit" -> 413;
      case "no-such-photo",
          "no-such-queue",
          "no-such-failure",
          "no-metadata",
          "no-such-face",
          "no-such-person",
          "no-such-decision",
          "no-crop" ->
          404;
      case "bad-request", "no-position" -> 400;
      case "running", "conflict" -> 409;
      case "changed-meanwhile" -> 412;
      case "disk-full" -> 507;
      case "disk-unavailable",
          "database",
          "models-missing",
          "engine-missing",
          "busy",
          "decoder-busy",
          "interrupted",
          "time-limit" ->
          503;
      default -> 500;
    };
  }

  /** The failure to answer for: what happened, told in a sentence. */
  public Failure failure(Exception problem) {
    return Failure.of(problem);
  }

  public int status(Failure failure) {
    return status(failure.cause());
  }

  /** The document as JSON: type, title, status, detail. */
  public String document(Failure failure) {
    return Problem.json(status(failure.cause()), String.valueOf(failure.getMessage()));
  }
}
