package io.caravel.door;

import io.caravel.photo.Disks;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** Whether every storage root can be written to and has room. */
@Component("storageHealthIndicator")
class StorageHealth extends AbstractHealthIndicator {
  private static final long MB = 1L << 20;

  private final Disks disks;
  private final Path home;
  private final long leastMb;

  StorageHealth(
      Disks disks,
      @Value("${caravel.home:./data}") String home,
      @Value("${caravel.disk-least-mb:1024}") long leastMb) {
    this.disks = disks;
    this.home = Path.of(home).toAbsolutePath().normalize();
    this.leastMb = leastMb;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    health.up();
    look(health, "CARAVEL_HOME", home);
    for (String name : disks.names()) {
      look(health, name, disks.root(name));
    }
  }

  private void look(Health.Builder health, String name, Path root) {
    if (!Files.isDirectory(root)) {
      health.down().withDetail("reason", "%s (%s) is not there: mount it.".formatted(name, root));
    } else if (!Files.isWritable(root)) {
      health
          .down()
          .withDetail(
              "reason", "%s (%s) cannot be written to: mend its owner.".formatted(name, root));
    } else {
      // Not by FileStore, which must find the mount point and cannot within a chroot.
      long free = root.toFile().getUsableSpace() / MB;
      health.withDetail(name, "%s, %d MB free".formatted(root, free));
      if (free < leastMb) {
        health
            .down()
            .withDetail(
                "reason",
                "%s (%s) has %d MB left: make room, %d MB at least."
                    .formatted(name, root, free, leastMb));
      }
    }
  }
}
