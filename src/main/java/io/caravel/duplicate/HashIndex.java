package io.caravel.duplicate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The hashes of all photos in memory, and which of them are alike. Of two hashes that differ in few
 * bits one of five parts differs in hardly any: whoever is alike is among those whose part is near
 * (Norouzi, Punjani, Fleet: Fast Search in Hamming Space with Multi-Index Hashing, 2012). A photo
 * takes some 50 bytes. Nothing is taken out: whoever asks drops what is so no more. Not
 * thread-safe.
 */
final class HashIndex {
  private static final int PARTS = 5;
  private static final int PART_BITS = 13; // of the last one 12
  private static final int PART = (1 << PART_BITS) - 1;
  private static final int NONE = -1;

  /** From so many new ones on it is quicker to hold all against each other. */
  private static final int MANY = 20_000;

  private final int bits;
  private final int[] masks;
  private int count;
  private long[] photos = new long[1024];
  private long[] hashes = new long[1024];

  /** The next photo of the same hash; the first of them alone is in what follows. */
  private int[] same = new int[1024];

  /** By a hash's own bits: where its first photo stands. Half of it is empty at least. */
  private int[] table = filled(4096);

  /** For each part: the first hash with such a part, and the next with the same one. */
  private final int[][] first = new int[PARTS][];

  private final int[][] next = new int[PARTS][1024];
  private long[] pairs = new long[64];
  private int pairCount;

  /** Those from here on have not been held against the others yet. */
  private int fresh;

  /**
   * @param bits in which alike hashes differ at most, 0 to 14; from 5 and 10 on it takes some ten
   *     times as long
   */
  HashIndex(int bits) {
    if (bits < 0 || bits >= 3 * PARTS) {
      throw new IllegalArgumentException(bits + " bits: no more than " + (3 * PARTS - 1));
    }
    this.bits = bits;
    this.masks = masks(bits / PARTS);
    for (int part = 0; part < PARTS; part++) {
      first[part] = filled(1 << PART_BITS);
    }
  }

  private static int[] filled(int length) {
    int[] filled = new int[length];
    Arrays.fill(filled, NONE);
    return filled;
  }

  /** All patterns of at most so many bits in a part. */
  private static int[] masks(int most) {
    List<Integer> masks = new ArrayList<>();
    for (int mask = 0; mask <= PART; mask++) {
      if (Integer.bitCount(mask) <= most) {
        masks.add(mask);
      }
    }
    return masks.stream().mapToInt(Integer::intValue).toArray();
  }

  int size() {
    return count;
  }

  void add(long photo, long hash) {
    if (count == photos.length) {
      grow();
    }
    int slot = count++;
    photos[slot] = photo;
    hashes[slot] = hash;
    int at = place(hash);
    if (table[at] != NONE) {
      same[slot] = same[table[at]];
      same[table[at]] = slot;
      return;
    }
    table[at] = slot;
    same[slot] = NONE;
    for (int part = 0; part < PARTS; part++) {
      int key = part(hash, part);
      next[part][slot] = first[part][key];
      first[part][key] = slot;
    }
  }

  private void grow() {
    photos = Arrays.copyOf(photos, 2 * count);
    hashes = Arrays.copyOf(hashes, 2 * count);
    same = Arrays.copyOf(same, 2 * count);
    for (int part = 0; part < PARTS; part++) {
      next[part] = Arrays.copyOf(next[part], 2 * count);
    }
    int[] before = table;
    table = filled(2 * before.length);
    for (int slot : before) {
      if (slot != NONE) {
        table[place(hashes[slot])] = slot;
      }
    }
  }

  /** Where a hash stands in the table, or would. */
  private int place(long hash) {
    int at = (int) (hash * 0x9E3779B97F4A7C15L >>> 32) & table.length - 1;
    while (table[at] != NONE && hashes[table[at]] != hash) {
      at = at + 1 & table.length - 1;
    }
    return at;
  }

  private static int part(long hash, int part) {
    return (int) (hash >>> part * PART_BITS) & PART;
  }

  /** Notes which are like the new ones. */
  private void pair() {
    if (masks.length == 1 && count - fresh > MANY) {
      for (int part = 0; part < PARTS; part++) {
        pairAll(part);
      }
    } else {
      for (int slot = fresh; slot < count; slot++) {
        if (table[place(hashes[slot])] == slot) {
          pair(slot);
        }
      }
    }
    fresh = count;
  }

  private void pair(int slot) {
    long hash = hashes[slot];
    for (int part = 0; part < PARTS; part++) {
      int key = part(hash, part);
      int[] following = next[part];
      for (int mask : masks) {
        for (int other = first[part][key ^ mask]; other != NONE; other = following[other]) {
          if (other < slot) {
            note(slot, hash, other, hashes[other], part);
          }
        }
      }
    }
  }

  /** All of the same part against each other, side by side in memory: ten times as fast. */
  private void pairAll(int part) {
    int[] slots = new int[64];
    long[] theirs = new long[64];
    for (int head : first[part]) {
      int length = 0;
      for (int slot = head; slot != NONE; slot = next[part][slot]) {
        if (length == slots.length) {
          slots = Arrays.copyOf(slots, 2 * length);
          theirs = Arrays.copyOf(theirs, 2 * length);
        }
        slots[length] = slot;
        theirs[length++] = hashes[slot];
      }
      // The newest first: behind the last fresh one there is nothing to be found.
      for (int i = 0; i < length && slots[i] >= fresh; i++) {
        for (int j = i + 1; j < length; j++) {
          if (Long.bitCount(theirs[i] ^ theirs[j]) <= bits) {
            note(slots[i], theirs[i], slots[j], theirs[j], part);
          }
        }
      }
    }
  }

  private void note(int slot, long hash, int other, long others, int part) {
    long difference = hash ^ others;
    if (Long.bitCount(difference) <= bits && !isFound(difference, part)) {
      if (pairCount == pairs.length) {
        pairs = Arrays.copyOf(pairs, 2 * pairCount);
      }
      pairs[pairCount++] = (long) slot << 32 | other;
    }
  }

  /** Whether one of the parts before is near, too, so that the pair has been found by it. */
  private boolean isFound(long difference, int part) {
    for (int before = 0; before < part; before++) {
      if (Integer.bitCount(part(difference, before)) <= bits / PARTS) {
        return true;
      }
    }
    return false;
  }

  /**
   * Which are alike.
   *
   * @param photos those that have one like them
   * @param near the hashes that differ from a hash in some bits, but not too many; those without
   *     any are not in it
   */
  record Alike(Set<Long> photos, Map<Long, List<Long>> near) {}

  Alike alike() {
    pair();
    Set<Long> found = new HashSet<>();
    Map<Long, List<Long>> near = new HashMap<>();
    for (int i = 0; i < pairCount; i++) {
      int one = (int) (pairs[i] >>> 32);
      int other = (int) pairs[i];
      near.computeIfAbsent(hashes[one], each -> new ArrayList<>(1)).add(hashes[other]);
      near.computeIfAbsent(hashes[other], each -> new ArrayList<>(1)).add(hashes[one]);
      for (int slot = one; slot != NONE; slot = same[slot]) {
        found.add(photos[slot]);
      }
      for (int slot = other; slot != NONE; slot = same[slot]) {
        found.add(photos[slot]);
      }
    }
    for (int slot : table) {
      if (slot != NONE && same[slot] != NONE) {
        for (int each = slot; each != NONE; each = same[each]) {
          found.add(photos[each]);
        }
      }
    }
    return new Alike(found, near);
  }
}
