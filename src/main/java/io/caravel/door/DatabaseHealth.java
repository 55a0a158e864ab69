package io.caravel.door;

import io.caravel.ground.DatabaseWatch;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/**
 * Whether the database answers, as it was asked a second ago. In readiness too, for nothing is
 * answered without it; not in liveness, since a restart does not bring it back.
 */
@Component("dbHealthIndicator")
class DatabaseHealth extends AbstractHealthIndicator {
  private final DatabaseWatch database;

  DatabaseHealth(DatabaseWatch database) {
    this.database = database;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    String trouble = database.trouble();
    if (trouble == null) {
      health.up();
    } else {
      health
          .down()
          .withDetail("reason", trouble)
          .withDetail("seconds", database.since().toSeconds());
    }
  }
}
