package io.caravel.photo;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * JPEG XL: a bare codestream (ISO/IEC 18181-1, C.2 and C.3), or one in boxes (18181-2). The size is
 * that of the upright picture: which way up is part of the codestream, and decoders turn it.
 */
final class JxlHeaders {
  private static final int BOXES_AT_MOST = 256;

  /** Of a width to the height, by three bits; 0: the width is told. */
  private static final int[][] RATIOS = {
    {0, 1}, {1, 1}, {12, 10}, {4, 3}, {3, 2}, {16, 9}, {5, 4}, {2, 1}
  };

  private final HeaderBytes bytes;
  private long bit;

  private JxlHeaders(HeaderBytes bytes, long at) {
    this.bytes = bytes;
    this.bit = 8 * at;
  }

  /** The header; null when the file does not begin like JPEG XL. */
  static @Nullable PictureHeader read(HeaderBytes bytes) throws IOException {
    if (bytes.has(0, "\u00ff\n")) {
      return new JxlHeaders(bytes, 2).codestream();
    }
    if (!bytes.has(0, "\0\0\0\u000cJXL \r\n\u0087\n")) {
      return null;
    }
    long at = 12;
    for (int boxes = 0; boxes < BOXES_AT_MOST; boxes++) {
      long size = bytes.u32(at, false);
      long content = at + 8;
      if (size == 1) {
        size = bytes.u64(content, false);
        content += 8;
      }
      String type = bytes.text(at + 4, 4);
      if (type.equals("jxlp")) {
        content += 4; // its number
      }
      if ((type.equals("jxlc") || type.equals("jxlp")) && bytes.has(content, "\u00ff\n")) {
        return new JxlHeaders(bytes, content + 2).codestream();
      }
      if (size == 0 || at + size < content) {
        break;
      }
      at += size;
    }
    throw new HeaderBytes.Unreadable("no codestream");
  }

  private PictureHeader codestream() throws IOException {
    boolean small = bits(1) == 1;
    long height = small ? 8 * (bits(5) + 1) : extent();
    int[] ratio = RATIOS[(int) bits(3)];
    long width =
        ratio[0] != 0 ? height * ratio[0] / ratio[1] : small ? 8 * (bits(5) + 1) : extent();
    boolean plain = bits(1) == 1;
    long orientation = !plain && bits(1) == 1 ? bits(3) + 1 : 1;
    boolean sideways = orientation >= 5;
    return new PictureHeader(
        PictureType.JXL,
        HeaderBytes.extent(sideways ? height : width),
        HeaderBytes.extent(sideways ? width : height),
        true);
  }

  private long extent() throws IOException {
    int[] widths = {9, 13, 18, 30};
    return bits(widths[(int) bits(2)]) + 1;
  }

  /** The lowest bits of a byte come first. */
  private long bits(int count) throws IOException {
    long value = 0;
    for (int i = 0; i < count; i++, bit++) {
      value |= (long) (bytes.u8(bit >> 3) >> (int) (bit & 7) & 1) << i;
    }
    return value;
  }
}
