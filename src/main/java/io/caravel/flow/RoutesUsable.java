package io.caravel.flow;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Looks at the routes before they start: Camel itself starts happily without any, and with the name
 * of an error handling that does not exist.
 */
@Component
final class RoutesUsable implements CamelContextConfiguration {
  /** Where each route stands, for whoever tells what is wrong with it after all has ended. */
  private static final Map<String, String> PLACES = new ConcurrentHashMap<>();

  private final String routes;

  RoutesUsable(@Value("${caravel.routes}") String routes) {
    this.routes = routes;
  }

  @Override
  public void beforeApplicationStart(CamelContext context) {
    Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
    if (model.getRouteDefinitions().isEmpty()) {
      throw new UnusableRoutes("no route was found in " + routes + ".");
    }
    PLACES.clear();
    for (RouteDefinition route : model.getRouteDefinitions()) {
      if (route.getResource() != null && route.getRouteId() != null) {
        PLACES.put(
            route.getRouteId(),
            "%s, line %d"
                .formatted(
                    route.getResource().getLocation().replaceFirst("^file:(//)?", ""),
                    route.getLineNumber() + 1));
      }
    }
    Set<String> known =
        model.getRouteConfigurationDefinitions().stream()
            .map(RouteConfigurationDefinition::getId)
            .collect(Collectors.toSet());
    for (RouteDefinition route : model.getRouteDefinitions()) {
      String named = route.getRouteConfigurationId();
      if (named != null && !known.contains(named)) {
        throw new UnusableRoutes(
            "the route %s names the routeConfiguration %s, which does not exist."
                .formatted(route.getRouteId(), named));
      }
    }
  }

  /** File and line of a route; null: it is not known. */
  static @Nullable String place(String route) {
    return PLACES.get(route);
  }

  @Override
  public void afterApplicationStart(CamelContext context) {
    // nothing more
  }

  /** What is wrong with the routes, as the end of a sentence. */
  static final class UnusableRoutes extends RuntimeException {
    UnusableRoutes(String what) {
      super(what);
    }
  }
}
