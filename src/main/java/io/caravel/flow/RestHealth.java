package io.caravel.flow;

import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

/**
 * Whether the REST doors answer: for readiness. A queue whose broker is away does not close them,
 * since photos are still taken in.
 */
@Component("restHealthIndicator")
class RestHealth extends AbstractHealthIndicator {
  private final CamelContext camel;

  RestHealth(@Lazy CamelContext camel) {
    this.camel = camel;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    boolean open =
        camel.isStarted()
            && camel.getRoutes().stream()
                .filter(route -> route.getEndpoint().getEndpointUri().startsWith("rest-openapi:"))
                .map(Route::getRouteId)
                .allMatch(
                    id -> camel.getRouteController().getRouteStatus(id) == ServiceStatus.Started);
    if (open) {
      health.up();
    } else {
      health.down().withDetail("reason", "The REST doors are not open (yet): wait some seconds.");
    }
  }
}
