package io.caravel.door;

import io.caravel.photo.Scrub;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/**
 * Whether all originals are what they were, as far as they were proved: UNKNOWN once one is not.
 */
@Component("originalsHealthIndicator")
class OriginalsHealth extends AbstractHealthIndicator {
  private final Scrub scrub;

  OriginalsHealth(Scrub scrub) {
    this.scrub = scrub;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    long changed = scrub.faults();
    health.up().withDetail("changed", changed);
    if (changed > 0) {
      health
          .unknown()
          .withDetail(
              "reason",
              "%d originals are gone or have other bytes than they came with: GET /api/failures?queue=scrub names them, and says what to do."
                  .formatted(changed));
    }
  }
}
