package io.caravel.flow;

import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToCreateRouteFromTemplateException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.spring.boot.CamelSpringBootInitializationException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.NestedExceptionUtils;

/**
 * Says why the routes cannot be used, as the end of a sentence that begins: Caravel cannot start.
 */
final class RoutesAnalyzer implements FailureAnalyzer {
  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      String where = where(each);
      if (where != null) {
        return analysis(where, each);
      }
    }
    return null;
  }

  /** Which route or file it is; null: it is none of these failures. */
  private static @Nullable String where(Throwable failure) {
    if (failure instanceof RoutesUsable.UnusableRoutes) {
      return "";
    }
    if (failure instanceof FailedToCreateRouteException route) {
      return named(route.getRouteId());
    }
    if (failure instanceof FailedToStartRouteException route) {
      return named(route.getRouteId());
    }
    if (failure instanceof FailedToCreateRouteFromTemplateException route) {
      return named(route.getRouteId());
    }
    if (failure instanceof CamelSpringBootInitializationException first) {
      Throwable deeper = first.getCause();
      while (deeper != null) {
        String where = where(deeper);
        if (where != null) {
          return where;
        }
        deeper = deeper.getCause();
      }
      return first.getCause() == null ? "" : first.getCause().getMessage() + ": ";
    }
    return null;
  }

  /** The place of a route in its file, and its name. */
  private static String named(@Nullable String route) {
    String place = route == null ? null : RoutesUsable.place(route);
    return (place == null ? "" : place + ": ") + "the route " + route + ": ";
  }

  private static FailureAnalysis analysis(String where, Throwable failure) {
    Throwable deepest = NestedExceptionUtils.getMostSpecificCause(failure);
    String what = String.valueOf(deepest.getMessage()).strip().replaceAll("\\s*\n\\s*", " ");
    return new FailureAnalysis(
        "its routes cannot be used: "
            + (deepest instanceof RoutesUsable.UnusableRoutes ? what : where + what),
        "Mend the route files that CARAVEL_ROUTES and CARAVEL_ROUTES_EXTRA name, or start without them.",
        failure);
  }
}
