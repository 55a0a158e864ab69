package io.caravel.photo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One directory (IFD) of a TIFF structure: of a file, or of the EXIF block in another one (TIFF
 * 6.0, section 2; BigTIFF). Whoever follows a chain of directories bounds it: it may be a loop.
 */
final class TiffDirectory {
  private static final int ENTRIES = 1024;

  private final HeaderBytes bytes;
  private final long base;
  private final boolean little;
  private final boolean big;
  private final long first;
  private final int count;

  private TiffDirectory(HeaderBytes bytes, long base, boolean little, boolean big, long offset)
      throws IOException {
    this.bytes = bytes;
    this.base = base;
    this.little = little;
    this.big = big;
    long at = base + offset;
    long entries = big ? bytes.u64(at, little) : bytes.u16(at, little);
    if (entries > ENTRIES) {
      throw new HeaderBytes.Unreadable("a directory of " + entries + " entries");
    }
    this.count = (int) entries;
    this.first = at + (big ? 8 : 2);
  }

  /**
   * The first directory.
   *
   * @param base where the byte order mark stands: all offsets count from there
   */
  static TiffDirectory first(HeaderBytes bytes, long base) throws IOException {
    boolean little = bytes.has(base, "II");
    if (!little && !bytes.has(base, "MM")) {
      throw new HeaderBytes.Unreadable("no byte order");
    }
    boolean big = bytes.u16(base + 2, little) == 43;
    long offset = big ? bytes.u64(base + 8, little) : bytes.u32(base + 4, little);
    return new TiffDirectory(bytes, base, little, big, offset);
  }

  /** Another directory of the same structure. */
  TiffDirectory at(long offset) throws IOException {
    return new TiffDirectory(bytes, base, little, big, offset);
  }

  /** Where the next directory of the chain stands ({@link #at}); 0: this is the last. */
  long next() throws IOException {
    long at = first + (long) count * (big ? 20 : 12);
    return big ? bytes.u64(at, little) : bytes.u32(at, little);
  }

  /** Whether the structure's numbers have their least byte first. */
  boolean little() {
    return little;
  }

  boolean has(int tag) throws IOException {
    return entry(tag) >= 0;
  }

  /** The tag's first number; 0 where it is missing or no whole number. */
  long number(int tag) throws IOException {
    List<Long> numbers = numbers(tag, 1);
    return numbers.isEmpty() ? 0 : numbers.get(0);
  }

  /**
   * The tag's first number also where a writer has given it a signed or a text type; 0 where there
   * is none.
   */
  long looseNumber(int tag) throws IOException {
    long entry = entry(tag);
    if (entry < 0 || valueCount(entry) == 0) {
      return 0;
    }
    return switch (bytes.u16(entry + 2, little)) {
      case 2 -> digit(bytes.u8(values(entry, 1)));
      case 6 -> bytes.u8(values(entry, 1));
      case 8 -> bytes.u16(values(entry, 2), little);
      case 9 -> bytes.u32(values(entry, 4), little);
      default -> number(tag);
    };
  }

  private static int digit(int letter) {
    return letter >= '0' && letter <= '9' ? letter - '0' : 0;
  }

  /** The tag's numbers, the first so many of them. */
  List<Long> numbers(int tag, int most) throws IOException {
    List<Long> numbers = new ArrayList<>();
    long entry = entry(tag);
    int size = entry < 0 ? 0 : size(bytes.u16(entry + 2, little));
    if (size == 0) {
      return numbers;
    }
    long values = Math.min(most, valueCount(entry));
    long at = values(entry, size);
    for (int i = 0; i < values; i++, at += size) {
      numbers.add(
          switch (size) {
            case 1 -> (long) bytes.u8(at);
            case 2 -> (long) bytes.u16(at, little);
            case 4 -> bytes.u32(at, little);
            default -> bytes.u64(at, little);
          });
    }
    return numbers;
  }

  /** Whether the tag's text begins so. */
  boolean begins(int tag, String text) throws IOException {
    long entry = entry(tag);
    return entry >= 0 && valueCount(entry) >= text.length() && bytes.has(values(entry, 1), text);
  }

  /** Whether the tag's text begins so, in capitals or not. */
  boolean beginsInAnyCase(int tag, String text) throws IOException {
    long entry = entry(tag);
    return entry >= 0
        && valueCount(entry) >= text.length()
        && bytes.text(values(entry, 1), text.length()).equalsIgnoreCase(text);
  }

  /** The tag's bytes, whatever they mean; empty where it is missing or has more than so many. */
  byte[] bytes(int tag, int most) throws IOException {
    long entry = entry(tag);
    if (entry < 0 || valueCount(entry) > most) {
      return new byte[0];
    }
    return bytes.bytes(values(entry, 1), (int) valueCount(entry));
  }

  /** Bytes of a whole number of this field type; 0 for the other types. */
  private static int size(int type) {
    return switch (type) {
      case 1 -> 1;
      case 3 -> 2;
      case 4, 13 -> 4;
      case 16, 18 -> 8;
      default -> 0;
    };
  }

  private long entry(int tag) throws IOException {
    for (int i = 0; i < count; i++) {
      long at = first + (long) i * (big ? 20 : 12);
      if (bytes.u16(at, little) == tag) {
        return at;
      }
    }
    return -1;
  }

  private long valueCount(long entry) throws IOException {
    return big ? bytes.u64(entry + 4, little) : bytes.u32(entry + 4, little);
  }

  /** Where the values stand: in the entry itself when they fit. */
  private long values(long entry, int size) throws IOException {
    long count = valueCount(entry);
    if (big) {
      return count <= 8 / size ? entry + 12 : base + bytes.u64(entry + 12, little);
    }
    return count <= 4 / size ? entry + 8 : base + bytes.u32(entry + 8, little);
  }
}
