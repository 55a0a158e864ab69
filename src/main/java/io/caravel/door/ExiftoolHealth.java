package io.caravel.door;

import io.caravel.metadata.ExifToolVersion;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** Whether ExifTool is there. */
@Component("exiftoolHealthIndicator")
class ExiftoolHealth extends AbstractHealthIndicator {
  private final String command;
  private final ExifToolVersion version;

  ExiftoolHealth(@Value("${caravel.exiftool.command}") String command, ExifToolVersion version) {
    this.command = command;
    this.version = version;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    String known = version.awaited();
    if (known.isEmpty()) {
      health
          .down()
          .withDetail(
              "reason",
              "ExifTool does not run as '%s', so metadata jobs wait: install it (apt install libimage-exiftool-perl)."
                  .formatted(command));
    } else {
      health.up().withDetail("command", command).withDetail("version", known);
    }
  }
}
