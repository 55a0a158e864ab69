package io.caravel.photo;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** How the strips and tiles of a TIFF are packed (TIFF 6.0, sections 9 and 13; Deflate). */
final class TiffPackings {
  private static final int NONE = 1;
  private static final int LZW = 5;
  private static final int DEFLATE = 8;
  private static final int PACK_BITS = 32773;
  private static final int OLD_DEFLATE = 32946;

  private TiffPackings() {}

  static boolean reads(int compression) {
    return switch (compression) {
      case NONE, LZW, DEFLATE, PACK_BITS, OLD_DEFLATE -> true;
      default -> false;
    };
  }

  /**
   * Unpacks a strip.
   *
   * @param into filled from its beginning as far as the data reach
   * @return how many bytes were unpacked
   */
  static int unpack(int compression, byte[] packed, byte[] into) {
    return switch (compression) {
      case LZW -> lzw(packed, into);
      case DEFLATE, OLD_DEFLATE -> inflate(packed, into);
      case PACK_BITS -> packBits(packed, into);
      default -> {
        int count = Math.min(packed.length, into.length);
        System.arraycopy(packed, 0, into, 0, count);
        yield count;
      }
    };
  }

  private static int inflate(byte[] packed, byte[] into) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(packed);
      int at = 0;
      while (at < into.length) {
        int count = inflater.inflate(into, at, into.length - at);
        if (count == 0) {
          break;
        }
        at += count;
      }
      return at;
    } catch (DataFormatException e) {
      return (int) Math.min(into.length, inflater.getBytesWritten());
    } finally {
      inflater.end();
    }
  }

  private static int packBits(byte[] packed, byte[] into) {
    int at = 0;
    for (int i = 0; i < packed.length && at < into.length; ) {
      int count = packed[i++];
      if (count >= 0) {
        int run = Math.min(count + 1, Math.min(into.length - at, packed.length - i));
        System.arraycopy(packed, i, into, at, run);
        i += count + 1;
        at += run;
      } else if (count != -128 && i < packed.length) {
        int run = Math.min(1 - count, into.length - at);
        Arrays.fill(into, at, at + run, packed[i++]);
        at += run;
      }
    }
    return at;
  }

  private static final int CLEAR = 256;
  private static final int END = 257;
  private static final int CODES = 4096;

  /** Codes of 9 to 12 bits, the highest first; their width grows one code early (section 13). */
  private static int lzw(byte[] packed, byte[] into) {
    // Each code is a run of what was unpacked before: where it begins, and its length.
    int[] begins = new int[CODES];
    int[] lengths = new int[CODES];
    int next = END + 1;
    int width = 9;
    int before = -1; // where the last code's bytes begin
    int beforeLength = 0;
    int at = 0;
    long bits = 0;
    int held = 0;
    for (int i = 0; at < into.length; ) {
      while (held < width && i < packed.length) {
        bits = bits << 8 | packed[i++] & 0xff;
        held += 8;
      }
      if (held < width) {
        return at;
      }
      int code = (int) (bits >> held - width) & (1 << width) - 1;
      held -= width;
      if (code == END) {
        return at;
      }
      if (code == CLEAR) {
        next = END + 1;
        width = 9;
        before = -1;
        continue;
      }
      int begin = at;
      if (code < CLEAR) {
        into[at++] = (byte) code;
      } else {
        boolean unknown = code >= next;
        if (unknown && (code > next || before < 0)) {
          return at; // damaged
        }
        int from = unknown ? before : begins[code];
        int length = unknown ? beforeLength + 1 : lengths[code];
        for (int k = 0; k < length && at < into.length; k++) {
          // The one more of an unknown code is its own first byte.
          into[at++] = unknown && k == beforeLength ? into[begin] : into[from + k];
        }
      }
      if (before >= 0 && next < CODES) {
        begins[next] = before;
        lengths[next] = beforeLength + 1; // its last byte is the first of what followed
        next++;
      }
      before = begin;
      beforeLength = at - begin;
      width = next >= 2047 ? 12 : next >= 1023 ? 11 : next >= 511 ? 10 : 9;
    }
    return at;
  }
}
