package io.caravel.photo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where the pixels lie in a WebP: RFC 9649, 2. */
final class WebpData {
  private static final int CHUNKS_AT_MOST = 4096;

  private WebpData() {}

  /** Whether one of these rows of zeros lies in the data of a frame. */
  static boolean hole(Path photo, List<Holes.Run> runs, PictureHeader header) throws IOException {
    if (runs.isEmpty()) {
      return false;
    }
    try (HeaderBytes bytes = HeaderBytes.of(photo, 2 * CHUNKS_AT_MOST)) {
      long at = 12;
      for (int chunks = 0; chunks < CHUNKS_AT_MOST && at + 8 <= bytes.size(); chunks++) {
        String name = bytes.text(at, 4);
        long data = at + 8;
        long end = Math.min(bytes.size(), data + bytes.u32(at + 4, true));
        if (name.equals("ANMF")) {
          at = data + 16; // a frame's own chunks: its place and size stand before them
          continue;
        }
        for (Holes.Run run : runs) {
          Holes.Run within = run.within(data, end);
          if (within.length() < Holes.LEAST) {
            continue;
          }
          if (name.equals("VP8 ")) {
            return true; // its coder skips what is flat, and writes no such row
          }
          if (name.equals("VP8L") && isImpossible(within, end, header)) {
            return true;
          }
        }
        at = end + (end & 1);
      }
      return false;
    } catch (HeaderBytes.Unreadable e) {
      return false;
    }
  }

  /** A simple coder writes a flat area pixel by pixel, by a code of one bit that may be 0. */
  private static boolean isImpossible(Holes.Run run, long end, PictureHeader header) {
    return run.length() * 8 > (long) header.width() * header.height() || run.aligned(end);
  }
}
