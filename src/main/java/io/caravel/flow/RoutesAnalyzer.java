package io.caravel.flow;

import org.apache.camel.spring.boot.CamelSpringBootInitializationException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.NestedExceptionUtils;

/**
 * Says why the routes cannot be used, as the end of a sentence that begins: Caravel cannot start.
 */
final class RoutesAnalyzer extends AbstractFailureAnalyzer<CamelSpringBootInitializationException> {
  @Override
  protected FailureAnalysis analyze(
      Throwable root, CamelSpringBootInitializationException failure) {
    Throwable deepest = NestedExceptionUtils.getMostSpecificCause(failure);
    String where = failure.getCause() == null ? "" : failure.getCause().getMessage() + ": ";
    String what =
        deepest instanceof RoutesUsable.UnusableRoutes
            ? String.valueOf(deepest.getMessage())
            : where + String.valueOf(deepest.getMessage()).replaceAll("\\s*\n\\s*", " ");
    return new FailureAnalysis(
        "its routes cannot be used: " + what,
        "Mend the route files that CARAVEL_ROUTES names, or start without CARAVEL_ROUTES.",
        failure);
  }
}
