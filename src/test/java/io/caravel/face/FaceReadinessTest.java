package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.caravel.ground.Failure;
import org.junit.jupiter.api.Test;

class FaceReadinessTest {
  private final FaceFinder finder = mock(FaceFinder.class);

  @Test
  void withoutModelsOnlyTheFacesOfANodeThatSearchesThemWait() {
    when(finder.unready()).thenReturn(Failure.lasting("models-missing", "Fetch the models."));
    FaceReadiness readiness = new FaceReadiness(finder, true);
    assertThat(readiness.missing("faces")).isEqualTo("Fetch the models.");
    assertThat(readiness.missing("metadata")).isNull();
    assertThat(new FaceReadiness(finder, false).missing("faces")).isNull();
  }

  @Test
  void withModelsNothingWaits() {
    assertThat(new FaceReadiness(finder, true).missing("faces")).isNull();
  }
}
