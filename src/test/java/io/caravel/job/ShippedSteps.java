package io.caravel.job;

import java.util.List;
import org.springframework.core.env.Environment;
import org.springframework.mock.env.MockEnvironment;

/** The steps that Caravel has, for tests without the whole of it. */
public final class ShippedSteps {
  public static final List<String> NAMES =
      List.of("thumbnails", "metadata", "geolocation", "faces");

  private ShippedSteps() {}

  static MockEnvironment environment() {
    return new MockEnvironment()
        .withProperty("caravel.step-names", String.join(",", NAMES))
        .withProperty("caravel.steps.geolocation.after", "")
        .withProperty("caravel.steps.geolocation.single", "true")
        .withProperty("caravel.steps.geolocation.interrupt", "false");
  }

  public static Steps steps() {
    return new Steps(environment());
  }

  static Steps steps(Environment environment) {
    return new Steps(environment);
  }
}
