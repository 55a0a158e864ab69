package io.caravel.door;

import io.caravel.face.FaceReadiness;
import io.caravel.job.Failure;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** Whether this node can find faces; one without that role need not. */
@Component("faces-engine")
class FacesHealth extends AbstractHealthIndicator {
  private final FaceReadiness readiness;
  private final boolean role;

  FacesHealth(FaceReadiness readiness, @Value("${caravel.role.faces}") boolean role) {
    this.readiness = readiness;
    this.role = role;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    Failure unready = readiness.unready();
    if (unready == null) {
      health.up().withDetail("engine", String.valueOf(readiness.engine()));
    } else {
      (role ? health.down() : health.up())
          .withDetail("reason", "Jobs of the queue faces wait. " + unready.getMessage());
    }
  }
}
