package io.caravel.photo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Files of several pictures that end in a later one than the first: what is shown is whole, and not
 * all of the file is there.
 */
public final class LaterFrames {
  /** Of 4 kB: a quarter of a gigabyte is walked through at most. */
  private static final int READS = 1 << 16;

  private static final int PARTS_AT_MOST = 1 << 20;
  private static final int PAGES_AT_MOST = 4096;
  private static final int STRIPS_AT_MOST = 1 << 16;

  private LaterFrames() {}

  /**
   * Whether the file ends within a picture behind its first, which is there to its end; of animated
   * GIF, WebP and PNG, TIFF of several pages, and films in boxes.
   *
   * @throws IOException the file cannot be read
   */
  public static boolean cut(Path photo, PictureHeader header) throws IOException {
    try (HeaderBytes bytes = HeaderBytes.of(photo, READS)) {
      return switch (header.type()) {
        case GIF -> gif(bytes);
        case WEBP -> header.progressive() && webp(bytes);
        case PNG -> png(bytes);
        case TIFF -> tiff(bytes, header.page());
        case MP4, MOV, M4V, THREE_GP -> FileEnd.isBoxCut(photo);
        default -> false;
      };
    } catch (HeaderBytes.Unreadable e) {
      return false;
    }
  }

  /** One that ends between two blocks lacks but its last byte, as some are written. */
  private static boolean gif(HeaderBytes bytes) throws IOException {
    long at = GifHeaders.firstFrame(bytes);
    boolean first = true;
    try {
      for (int parts = 0; parts < PARTS_AT_MOST && at < bytes.size(); parts++) {
        switch (bytes.u8(at)) {
          case GifHeaders.FRAME -> {
            long data = GifHeaders.behindColours(bytes, at + 10, bytes.u8(at + 9));
            at = GifHeaders.behindData(bytes, data + 1);
            first = false;
          }
          case GifHeaders.EXTENSION -> at = GifHeaders.behindData(bytes, at + 2);
          default -> {
            return false; // its end, or what no decoder reads
          }
        }
      }
      return false;
    } catch (HeaderBytes.Unreadable e) {
      return !first && at < bytes.size();
    }
  }

  /** RFC 9649, 2.7: the length of all stands in front. */
  private static boolean webp(HeaderBytes bytes) throws IOException {
    long end = 8 + bytes.u32(4, true);
    if (bytes.size() >= end) {
      return false;
    }
    long at = 12;
    for (int parts = 0; parts < PARTS_AT_MOST && at + 8 <= bytes.size(); parts++) {
      long next = at + 8 + bytes.u32(at + 4, true);
      next += next & 1;
      if (bytes.has(at, "ANMF")) {
        return next <= bytes.size();
      }
      at = next;
    }
    return false;
  }

  /** PNG, third edition, 11.3.5: the pixels of later frames are in chunks of their own. */
  private static boolean png(HeaderBytes bytes) throws IOException {
    boolean animated = false;
    boolean first = false; // is there
    long at = 8;
    for (int parts = 0; parts < PARTS_AT_MOST && at + 8 <= bytes.size(); parts++) {
      long next = at + 12 + bytes.u32(at, false);
      boolean there = next <= bytes.size();
      switch (bytes.text(at + 4, 4)) {
        case "acTL" -> animated = true;
        case "IDAT" -> first = there;
        case "IEND" -> {
          return false;
        }
        default -> {
          // of the frames behind the first, and what is no picture
        }
      }
      if (!there) {
        return animated && first;
      }
      at = next;
    }
    return animated && first;
  }

  private static boolean tiff(HeaderBytes bytes, int shown) throws IOException {
    TiffDirectory page = TiffDirectory.first(bytes, 0);
    for (int number = 0; number < PAGES_AT_MOST; number++) {
      if (number >= shown && isCut(bytes, page)) {
        return number > shown;
      }
      long next = page.next();
      if (next == 0) {
        return false;
      }
      if (next >= bytes.size()) {
        return number >= shown;
      }
      try {
        page = page.at(next);
      } catch (HeaderBytes.Unreadable e) {
        return false; // wrong, not cut
      }
    }
    return false;
  }

  private static boolean isCut(HeaderBytes bytes, TiffDirectory page) throws IOException {
    boolean tiled = page.has(TiffPage.TILE_OFFSETS);
    List<Long> from =
        page.numbers(tiled ? TiffPage.TILE_OFFSETS : TiffPage.STRIP_OFFSETS, STRIPS_AT_MOST);
    List<Long> lengths =
        page.numbers(
            tiled ? TiffPage.TILE_BYTE_COUNTS : TiffPage.STRIP_BYTE_COUNTS, STRIPS_AT_MOST);
    for (int i = 0; i < Math.min(from.size(), lengths.size()); i++) {
      if (from.get(i) + lengths.get(i) > bytes.size()) {
        return true;
      }
    }
    return false;
  }
}
