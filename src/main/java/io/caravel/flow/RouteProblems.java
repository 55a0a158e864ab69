package io.caravel.flow;

import io.caravel.door.Problem;
import io.caravel.ground.Cause;
import io.caravel.ground.Failure;
import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Failures as RFC 9457 problem documents: a sentence that tells the caller what to do. */
@Component("problems")
public class RouteProblems {
  /** The HTTP status that goes with a cause. */
  static int status(String cause) {
    return Cause.of(cause).status();
  }

  /** The failure to answer for: what happened, told in a sentence. */
  public Failure failure(Exception problem) {
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof DirectConsumerNotAvailableException
          || cause instanceof RejectedExecutionException) {
        return stopped();
      }
    }
    return Failure.of(problem);
  }

  /** For whoever asks at a door whose route, or one behind it, somebody has stopped. */
  static Failure stopped() {
    return Failure.passing(
        "route-stopped",
        "A route of this door was stopped: resume it in /actuator/hawtio, or start Caravel anew.");
  }

  public int status(Failure failure) {
    return status(failure.cause());
  }

  /** Retry-After, in seconds; null: another try would fail, too. */
  public @Nullable String again(Failure failure) {
    return Problem.again(status(failure));
  }

  /** The document as JSON: type, title, status, detail. */
  public String document(Failure failure) {
    return Problem.json(status(failure.cause()), String.valueOf(failure.getMessage()));
  }
}
