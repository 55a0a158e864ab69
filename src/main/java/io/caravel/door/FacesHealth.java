package io.caravel.door;

import io.caravel.face.FaceFinder;
import io.caravel.ground.Failure;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** Which engine finds the faces, or why their queue waits: UNKNOWN then, since all else goes on. */
@Component("facesHealthIndicator")
class FacesHealth extends AbstractHealthIndicator {
  private final FaceFinder finder;

  FacesHealth(FaceFinder finder) {
    this.finder = finder;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    Failure unready = finder.unready();
    if (unready == null) {
      health.up();
    } else {
      health
          .unknown()
          .withDetail("cause", unready.cause())
          .withDetail("reason", unready.getMessage());
    }
    health.withDetail("engine", finder.engine()).withDetail("version", finder.version());
    String instead = finder.instead();
    if (instead != null) {
      health.withDetail("instead", instead);
    }
  }
}
