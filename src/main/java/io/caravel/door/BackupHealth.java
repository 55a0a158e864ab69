package io.caravel.door;

import io.caravel.database.DailyCopy;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** The copies of the embedded database: UNKNOWN while one that is due cannot be made. */
@Component("backupHealthIndicator")
class BackupHealth extends AbstractHealthIndicator {
  private final DailyCopy copies;

  BackupHealth(DailyCopy copies) {
    this.copies = copies;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    DailyCopy.State state = copies.state();
    if (state == null) {
      health.up().withDetail("newest", "the database server's own copies");
      return;
    }
    health.up().withDetail("newest", state.newest() == null ? "none yet" : state.newest());
    if (state.trouble() != null) {
      health.unknown().withDetail("reason", state.trouble());
    }
  }
}
