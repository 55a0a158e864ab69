package io.caravel.door;

import io.caravel.photo.Roots;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** Whether every storage root is there, is this library's, can be written to and has room. */
@Component("storageHealthIndicator")
class StorageHealth extends AbstractHealthIndicator {
  private static final long MB = 1L << 20;

  private final Roots roots;
  private final long leastMb;

  StorageHealth(Roots roots, @Value("${caravel.disk-least-mb:1024}") long leastMb) {
    this.roots = roots;
    this.leastMb = leastMb;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    health.up();
    Map<String, String> troubles = roots.troubles();
    roots
        .paths()
        .forEach(
            (name, root) -> {
              // Not by FileStore, which must find the mount point and cannot within a chroot.
              long free = root.toFile().getUsableSpace() / MB;
              health.withDetail(name, "%s, %d MB free".formatted(root, free));
              if (troubles.isEmpty() && free < leastMb) {
                health
                    .down()
                    .withDetail(
                        "reason",
                        "%s (%s) has %d MB left: make room, %d MB at least."
                            .formatted(name, root, free, leastMb));
              }
            });
    if (!troubles.isEmpty()) {
      health.down().withDetail("reason", String.join(" ", troubles.values()));
    }
  }
}
