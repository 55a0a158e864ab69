package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FaceStateTest {
  @Test
  void aConfirmedFaceWithoutAParentStandsForAPerson() {
    assertThat(FaceState.root("Ada").standsForAPerson()).isTrue();
    assertThat(FaceState.root("Ada").under(1L, 0.2).standsForAPerson()).isFalse();
    assertThat(FaceState.of("unknown").standsForAPerson()).isFalse();
  }

  @Test
  void partsAreChangedOneByOne() {
    FaceState state = FaceState.of("process").named("Ada").under(7L, 0.25);
    assertThat(state).isEqualTo(new FaceState(7L, "Ada", "process", 0.25));
    assertThat(state.is("process")).isTrue();
    assertThat(state.is("ok")).isFalse();
  }

  /** What a person would see: suggestions come and go by themselves. */
  @Test
  void suggestionsAreAlikeAndDecisionsAreWhatTheySay() {
    assertThat(FaceState.of("process").under(1L, 0.1).isLike(FaceState.of("process"))).isTrue();
    FaceState ada = FaceState.root("Ada");
    assertThat(ada.isLike(FaceState.root("Ada").under(null, 0.3))).isTrue();
    assertThat(ada.isLike(FaceState.root("Eve"))).isFalse();
    assertThat(ada.isLike(ada.under(1L, null))).isFalse();
    assertThat(ada.isLike(FaceState.of("process"))).isFalse();
    assertThat(FaceState.of("unknown").isLike(FaceState.of("not_face"))).isFalse();
  }
}
