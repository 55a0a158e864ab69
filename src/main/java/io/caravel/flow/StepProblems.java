package io.caravel.flow;

import io.caravel.ground.Failure;
import io.caravel.job.Job;
import io.caravel.job.Steps;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Set;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Component;

/** What failed in a step, as a failure that tells its owner what to do. */
@Component("stepProblems")
final class StepProblems {
  /** Refusals of HTTP that another try may not meet: request timeout, too early, too many. */
  private static final Set<Integer> PASSING = Set.of(408, 425, 429);

  private final Steps steps;

  StepProblems(Steps steps) {
    this.steps = steps;
  }

  /**
   * What a step of the user's met is its own fault, and told as that: no stack trace, and nothing
   * to report. What Caravel's steps met is told by {@link Failure#of}.
   */
  Throwable of(Job job, Throwable problem) {
    return steps.isOwn(job.queue()) ? ofOwn(job.queue(), problem) : problem;
  }

  /** What a step of the user's met. */
  static Throwable ofOwn(String step, Throwable problem) {
    if (Failure.isKnown(problem)) {
      return problem;
    }
    for (Throwable each = problem; each != null; each = each.getCause()) {
      if (each instanceof HttpOperationFailedException refused
          && refused.getStatusCode() / 100 == 4
          && !PASSING.contains(refused.getStatusCode())) {
        return Failure.lasting(
            step + "-refused",
            "The step %s was refused by %s with HTTP %d: mend the step or its server, then replay it."
                .formatted(step, refused.getUri(), refused.getStatusCode()),
            problem);
      }
      if (each instanceof ConnectException
          || each instanceof UnknownHostException
          || each instanceof NoRouteToHostException) {
        return Failure.passing(
            "step-unreachable",
            "What the step %s asks is not there (%s): start it, or correct the address in %s.camel.yaml."
                .formatted(step, each.getMessage(), step),
            problem);
      }
    }
    return Failure.passing(
        step + "-failed", "The step %s failed: %s".formatted(step, message(problem)), problem);
  }

  /** The innermost that says something. */
  private static String message(Throwable problem) {
    Throwable deepest = NestedExceptionUtils.getMostSpecificCause(problem);
    String said = deepest.getMessage();
    return said == null || said.isBlank()
        ? deepest.getClass().getSimpleName()
        : said.strip().replaceAll("\\s*\\n\\s*", " ");
  }
}
