package io.caravel.photo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Zeros where a picture's data should be: what a copy that broke off leaves of a reserved size, and
 * a disk of what it lost. Decoders make a picture of them without a word. Only where no coder can
 * have written so many is it a hole: the padding of metadata, the black of a BMP, and a flat area
 * whose code is all zeros are none.
 */
public final class Holes {
  /**
   * Bytes of zeros in a row from which on they are looked into: half of the smallest page that a
   * disk or a copy loses. No gradient makes so many in a JPEG: with each block a step darker, 2,047
   * steps are all there are, and at 7 bits for a pixel of three components that is 1,792 bytes.
   */
  static final int LEAST = 2048;

  private static final int CHUNK = 1 << 16;
  private static final int SECTOR = 512;

  private Holes() {}

  /** From the first zero up to what is none, in bytes of the file. */
  record Run(long from, long to) {
    long length() {
      return to - from;
    }

    /** What of it lies between two places. */
    Run within(long begin, long end) {
      long first = Math.max(from, begin);
      return new Run(first, Math.max(first, Math.min(to, end)));
    }

    /**
     * Whether it begins and ends with a sector, but for a zero that happened to stand before or
     * behind it; or goes on to {@code end}.
     */
    boolean aligned(long end) {
      long first = Math.floorMod(-from, (long) SECTOR);
      return first <= 2 && (to == end || to % SECTOR <= 2);
    }
  }

  /**
   * Whether a part of the picture's data is zeros; of the kinds JPEG, WebP, HEIC and AVIF.
   *
   * @throws IOException the file cannot be read
   */
  public static boolean in(Path photo, PictureHeader header) throws IOException {
    return switch (header.type()) {
      case JPEG -> !runs(photo).isEmpty() && JpegData.read(photo).hole();
      case WEBP -> WebpData.hole(photo, runs(photo), header);
      case HEIC, HEIF, AVIF -> BoxItems.hole(photo, runs(photo));
      default -> false;
    };
  }

  /** All rows of zeros of at least {@link #LEAST} bytes. */
  static List<Run> runs(Path photo) throws IOException {
    List<Run> runs = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(photo, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
      byte[] bytes = buffer.array();
      long begin = -1; // of the zeros that reach up to here
      long at = 0;
      while (channel.read(buffer) >= 0) {
        int count = buffer.position();
        int i = 0;
        while (i < count) {
          if (begin >= 0) {
            while (i < count && bytes[i] == 0) {
              i++;
            }
            if (i < count) {
              add(runs, begin, at + i);
              begin = -1;
            }
          } else if (i + LEAST / 2 <= count && bytes[i + LEAST / 2 - 1] != 0) {
            i += LEAST / 2; // a long row that begins before this byte has ended before it
          } else if (bytes[i] != 0) {
            i++;
          } else {
            begin = at + i;
          }
        }
        at += count;
        buffer.clear();
      }
      if (begin >= 0) {
        add(runs, begin, at);
      }
    }
    return runs;
  }

  private static void add(List<Run> runs, long from, long to) {
    if (to - from >= LEAST) {
      runs.add(new Run(from, to));
    }
  }
}
