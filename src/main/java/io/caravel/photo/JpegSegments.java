package io.caravel.photo;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The marker segments of a JPEG file that stand before its first scan (ITU-T T.81, B.1). */
final class JpegSegments {
  static final int APP1 = 0xe1;
  static final int APP2 = 0xe2;
  static final int APP14 = 0xee;

  /** libjpeg skips stray bytes between segments with a warning; so do we, up to here. */
  private static final int STRAY_BYTES = 1 << 16;

  private final HeaderBytes bytes;
  private long position = 2;

  JpegSegments(HeaderBytes bytes) {
    this.bytes = bytes;
  }

  static boolean begin(HeaderBytes bytes) throws IOException {
    return bytes.has(0, "\u00ff\u00d8\u00ff");
  }

  /**
   * @param data where its content begins, after marker and length
   * @param length of its content in bytes
   */
  record Segment(int marker, long data, int length) {
    /** A start of frame; DHT, JPG and DAC lie among their numbers. */
    boolean frame() {
      return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    /** SOF2, 6, 10 and 14. */
    boolean progressive() {
      return frame() && (marker & 3) == 2;
    }
  }

  /** The next segment; null where the first scan or the end of the picture stands. */
  @Nullable Segment next() throws IOException {
    long limit = position + STRAY_BYTES;
    while (position < limit) {
      if (bytes.u8(position++) != 0xff) {
        continue;
      }
      int marker = bytes.u8(position);
      if (marker == 0xff) {
        continue; // a fill byte
      }
      position++;
      if (marker == 0 || marker == 1 || marker >= 0xd0 && marker <= 0xd8) {
        continue; // these have no content
      }
      if (marker == 0xd9 || marker == 0xda) {
        return null;
      }
      int length = bytes.u16(position, false);
      if (length < 2) {
        throw new HeaderBytes.Unreadable("a segment of no length");
      }
      Segment segment = new Segment(marker, position + 2, length - 2);
      position += length;
      return segment;
    }
    throw new HeaderBytes.Unreadable("no marker in sight");
  }

  /** Of the first byte that was not looked at: where next() has ended, behind the marker. */
  long position() {
    return position;
  }
}
