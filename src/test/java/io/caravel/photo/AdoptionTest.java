package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import org.junit.jupiter.api.Test;

class AdoptionTest {
  private final Roots roots = mock(Roots.class);
  private final Disks disks = mock(Disks.class);
  private final Adoption adoption = new Adoption(disks, mock(Photos.class), roots);

  private void away(boolean away) {
    when(disks.uploads()).thenReturn("private");
    when(roots.isAway("private")).thenReturn(away);
  }

  @Test
  void itIsDueOnce() {
    assertThat(adoption.isDue()).isTrue();
    adoption.done();
    assertThat(adoption.isDue()).isFalse();
  }

  /** Was looked for at the start alone: what lay on a disk that came later waited for the next. */
  @Test
  void aRootThatWasAwayIsLookedThroughWhenItIsBack() {
    away(true);
    assertThat(adoption.isDue()).isFalse();
    away(false);
    assertThat(adoption.isDue()).isTrue();
    adoption.done();
    away(true);
    assertThat(adoption.isDue()).isFalse();
    away(false);
    assertThat(adoption.isDue()).isTrue();
  }

  @Test
  void aRootThatWentWhileItWasLookedThroughWasNotLookedThrough() {
    assertThat(adoption.isDue()).isTrue();
    away(true);
    adoption.done();
    away(false);
    assertThat(adoption.isDue()).isTrue();
  }
}
