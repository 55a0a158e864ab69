package io.caravel.thumbnail;

import java.util.Arrays;
import java.util.Random;

/** Files as a bad disk, a broken transfer or an attacker makes them. */
public final class Mutants {
  private Mutants() {}

  /** The bytes with flipped bits, cut, spliced with themselves, or with a long run overwritten. */
  public static byte[] of(byte[] whole, Random random) {
    byte[] mutant = whole.clone();
    switch (random.nextInt(4)) {
      case 0 -> {
        for (int flips = 1 + random.nextInt(20); flips > 0; flips--) {
          mutant[random.nextInt(mutant.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      case 1 -> mutant = Arrays.copyOf(mutant, 1 + random.nextInt(mutant.length));
      case 2 -> {
        int length = 1 + random.nextInt(mutant.length / 2);
        System.arraycopy(
            whole,
            random.nextInt(whole.length - length),
            mutant,
            random.nextInt(whole.length - length),
            length);
      }
      default -> {
        int from = random.nextInt(mutant.length);
        int to = Math.min(mutant.length, from + 1 + random.nextInt(64));
        Arrays.fill(mutant, from, to, (byte) (random.nextBoolean() ? 255 : 0));
      }
    }
    return mutant;
  }
}
