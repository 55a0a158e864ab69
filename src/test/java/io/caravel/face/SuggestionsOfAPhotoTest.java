package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.face.FaceIndex.Match;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Faces 1 to 3 of a photo, and people from 10 on. */
class SuggestionsOfAPhotoTest {
  private final Suggestions suggestions = new Suggestions();

  @Test
  void theTwoNearestComeFirstAndNobodyIsTwiceInAPhoto() {
    suggestions.add(1, new TreeMap<>(Map.of(10L, 0.3, 11L, 0.5)));
    suggestions.add(2, Map.of(10L, 0.2, 12L, 0.5));
    suggestions.add(3, Map.of(10L, 0.4));
    assertThat(suggestions.chosen())
        .containsOnly(Map.entry(2L, new Match(10, 0.2)), Map.entry(1L, new Match(11, 0.5)));
  }

  @Test
  void ofThoseThatAreAsNearTheFirstFaceAndTheFirstPersonAreChosen() {
    suggestions.add(2, Map.of(10L, 0.3, 11L, 0.3));
    suggestions.add(1, Map.of(11L, 0.3, 10L, 0.3));
    assertThat(suggestions.chosen())
        .containsOnly(Map.entry(1L, new Match(10, 0.3)), Map.entry(2L, new Match(11, 0.3)));
  }
}
