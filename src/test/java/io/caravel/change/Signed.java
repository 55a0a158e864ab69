package io.caravel.change;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;

/** A signature as Caravel makes it, for whoever is to verify it. */
public final class Signed {
  private Signed() {}

  public static String at(long seconds, String secret, String body) {
    return new Webhook(new ObjectMapper(), secret, () -> Instant.ofEpochSecond(seconds))
        .signature(body);
  }
}
