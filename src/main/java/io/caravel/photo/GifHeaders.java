package io.caravel.photo;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** GIF (CompuServe, 89a): its screen, and the first frame on it. */
final class GifHeaders {
  private static final int BLOCKS_AT_MOST = 4096;
  static final int EXTENSION = 0x21;
  static final int FRAME = 0x2c;

  private GifHeaders() {}

  /**
   * The header; null when the file does not begin like a GIF. A screen that is too small for the
   * first frame, or none, is widened to it, as browsers do.
   */
  static @Nullable PictureHeader read(HeaderBytes bytes) throws IOException {
    if (!bytes.has(0, "GIF87a") && !bytes.has(0, "GIF89a")) {
      return null;
    }
    int width = bytes.u16(6, true);
    int height = bytes.u16(8, true);
    try {
      long frame = firstFrame(bytes);
      int left = bytes.u16(frame + 1, true);
      int top = bytes.u16(frame + 3, true);
      int across = bytes.u16(frame + 5, true);
      int down = bytes.u16(frame + 7, true);
      if (across == 0 || down == 0) {
        return new PictureHeader(PictureType.GIF, width, height);
      }
      boolean all = left == 0 && top == 0 && across == width && down == height;
      return new PictureHeader(
          PictureType.GIF,
          Math.max(width, left + across),
          Math.max(height, top + down),
          false,
          0,
          !all);
    } catch (HeaderBytes.Unreadable e) {
      return new PictureHeader(PictureType.GIF, width, height);
    }
  }

  /** Where the first image descriptor stands. */
  static long firstFrame(HeaderBytes bytes) throws IOException {
    long at = behindColours(bytes, 13, bytes.u8(10));
    for (int blocks = 0; blocks < BLOCKS_AT_MOST; blocks++) {
      int kind = bytes.u8(at);
      if (kind == FRAME) {
        return at;
      }
      if (kind != EXTENSION) {
        break;
      }
      at = behindData(bytes, at + 2);
    }
    throw new HeaderBytes.Unreadable("no frame");
  }

  /** Behind a table of colours, where the flags say that there is one. */
  static long behindColours(HeaderBytes bytes, long at, int flags) {
    return (flags & 0x80) == 0 ? at : at + 3L * (2 << (flags & 7));
  }

  /** Behind sub-blocks and the empty one that ends them. */
  static long behindData(HeaderBytes bytes, long from) throws IOException {
    long at = from;
    for (int length; (length = bytes.u8(at)) > 0; ) {
      at += length + 1;
    }
    return at + 1;
  }
}
