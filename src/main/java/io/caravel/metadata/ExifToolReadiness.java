package io.caravel.metadata;

import io.caravel.ground.Requirement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** While ExifTool is not there, this node's queue {@code metadata} waits, and nothing else does. */
@Component
class ExifToolReadiness implements Requirement {
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  private final ExifToolPool pool;
  private final boolean role;
  private volatile long lookedAt = System.nanoTime() - LOOK_NANOS;
  private volatile boolean there;

  ExifToolReadiness(ExifToolPool pool, @Value("${caravel.role.metadata}") boolean role) {
    this.pool = pool;
    this.role = role;
  }

  @Override
  public @Nullable String missing(String queue) {
    if (!role || !queue.equals("metadata")) {
      return null;
    }
    long now = System.nanoTime();
    if (now - lookedAt >= LOOK_NANOS) {
      there = pool.available();
      lookedAt = now;
    }
    return there
        ? null
        : "ExifTool is not there: install it (apt install libimage-exiftool-perl), or name it in caravel.exiftool.command. All goes on by itself.";
  }
}
