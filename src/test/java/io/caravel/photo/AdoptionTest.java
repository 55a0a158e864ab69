package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.caravel.ground.Failure;
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

  /** Was done for good though one had met a database that was away for a moment. */
  @Test
  void whatCouldNotBeAdoptedAndMayPassIsLookedForAgain() {
    adoption.failed(Failure.lasting("damaged-original", "It is another file's bytes."));
    adoption.done();
    assertThat(adoption.isDue()).isFalse();
    adoption.failed(Failure.passing("database", "The database is away."));
    adoption.done();
    assertThat(adoption.isDue()).isTrue();
    adoption.done();
    assertThat(adoption.isDue()).isFalse();
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
