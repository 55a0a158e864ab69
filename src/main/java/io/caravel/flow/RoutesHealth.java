package io.caravel.flow;

import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

/** Whether all routes that start by themselves run. */
@Component("routesHealthIndicator")
class RoutesHealth extends AbstractHealthIndicator {
  private final CamelContext camel;

  RoutesHealth(@Lazy CamelContext camel) {
    this.camel = camel;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    List<String> waiting =
        camel.getRoutes().stream()
            .filter(route -> !Boolean.FALSE.equals(route.isAutoStartup()))
            .map(Route::getRouteId)
            .filter(id -> camel.getRouteController().getRouteStatus(id) != ServiceStatus.Started)
            .sorted()
            .toList();
    health.withDetail("routes", camel.getRoutesSize());
    if (!camel.isStarted()) {
      health.down().withDetail("reason", "The routes are starting or stopping: wait some seconds.");
    } else if (waiting.isEmpty()) {
      health.up();
    } else {
      health
          .down()
          .withDetail(
              "reason",
              "These routes do not run: "
                  + String.join(", ", waiting)
                  + ". Resume them in Hawtio, or see the log for what they wait for.");
    }
  }
}
