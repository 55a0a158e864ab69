package io.caravel.door;

import java.time.Instant;
import java.time.InstantSource;

/** Measures how long ago something was, and is never set: its times are no dates. */
enum SteadyClock implements InstantSource {
  INSTANCE;

  @Override
  public Instant instant() {
    return Instant.EPOCH.plusNanos(System.nanoTime());
  }
}
