package io.caravel.duplicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class HashIndexTest {
  /** Clusters of near and equal hashes among others, held against all pairs. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5, 9, 10, 14})
  void findsAllThatAreAlikeAndNoOther(int bits) {
    Random random = new Random(bits);
    Map<Long, Long> hashes = new HashMap<>();
    HashIndex index = new HashIndex(bits);
    long centre = 0;
    for (long photo = 1; photo <= 1500; photo++) {
      if (photo % 5 == 1) {
        centre = random.nextLong();
      }
      long hash = centre;
      for (int flips = random.nextInt(18); flips > 0; flips--) {
        hash ^= 1L << random.nextInt(64);
      }
      hashes.put(photo, photo % 7 == 0 ? centre : hash);
      index.add(photo, hashes.get(photo));
    }
    Set<Long> alike = new HashSet<>();
    Map<Long, Set<Long>> near = new HashMap<>();
    hashes.forEach(
        (one, hash) ->
            hashes.forEach(
                (other, others) -> {
                  if (!one.equals(other) && Long.bitCount(hash ^ others) <= bits) {
                    alike.add(one);
                    if (!hash.equals(others)) {
                      near.computeIfAbsent(hash, each -> new HashSet<>()).add(others);
                    }
                  }
                }));

    HashIndex.Alike found = index.alike();

    assertThat(index.size()).isEqualTo(1500);
    assertThat(found.photos()).isEqualTo(alike);
    assertThat(found.near().keySet()).isEqualTo(near.keySet());
    found
        .near()
        .forEach(
            (hash, others) ->
                assertThat(others).containsExactlyInAnyOrderElementsOf(near.get(hash)));
  }

  /** So many at once are held against each other in another way than a few. */
  @Test
  void manyAtOnceAreFoundLikeAFewAtATime() {
    Random random = new Random(7);
    HashIndex atOnce = new HashIndex(4);
    HashIndex byAndBy = new HashIndex(4);
    long hash = 0;
    for (long photo = 1; photo <= 45_000; photo++) {
      hash = photo % 10 > 1 ? random.nextLong() : hash ^ 1L << random.nextInt(64);
      atOnce.add(photo, hash);
      byAndBy.add(photo, hash);
      if (photo == 22_000 || photo > 22_000 && photo % 5000 == 0) {
        byAndBy.alike();
      }
    }
    HashIndex.Alike found = atOnce.alike();
    assertThat(found.photos()).isEqualTo(byAndBy.alike().photos()).hasSizeGreaterThan(5000);
    Map<Long, Set<Long>> one = new HashMap<>();
    Map<Long, Set<Long>> other = new HashMap<>();
    found.near().forEach((each, others) -> one.put(each, new HashSet<>(others)));
    byAndBy.alike().near().forEach((each, others) -> other.put(each, new HashSet<>(others)));
    assertThat(one).isEqualTo(other);
  }

  @Test
  void manyOfOneHashAreNoPairs() {
    HashIndex index = new HashIndex(4);
    for (long photo = 1; photo <= 200_000; photo++) {
      index.add(photo, 42);
    }
    assertThat(index.alike().photos()).hasSize(200_000);
    assertThat(index.alike().near()).isEmpty();
  }

  @Test
  void moreBitsThanThePartsCanTellAreRefused() {
    assertThatThrownBy(() -> new HashIndex(15)).isInstanceOf(IllegalArgumentException.class);
  }
}
