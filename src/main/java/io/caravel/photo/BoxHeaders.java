package io.caravel.photo;

import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Pictures in boxes: HEIC, HEIF and AVIF (ISO/IEC 23008-12), Canon's CR3, JP2 (ITU-T T.800, I). A
 * video is in the same boxes: its brand tells, and where a picture's brand stands on a film without
 * an item to show ({@code ispe}), that is refused too.
 */
final class BoxHeaders {
  private static final Set<String> HEIC =
      Set.of("heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs");
  private static final Set<String> HEIF = Set.of("mif1", "mif2", "msf1", "miaf");
  private static final Set<String> AVIF = Set.of("avif", "avis");
  private static final Set<String> JPEG_2000 = Set.of("jp2 ", "jpx ", "jph ");
  private static final int BOXES_AT_MOST = 1024;
  private static final int BRANDS_AT_MOST = 64;

  private final HeaderBytes bytes;
  private int boxes;
  private long width;
  private long height;
  private boolean turned;

  private BoxHeaders(HeaderBytes bytes) {
    this.bytes = bytes;
  }

  /** The header; null when the file begins like none of these kinds. */
  static @Nullable PictureHeader read(HeaderBytes bytes) throws IOException {
    if (bytes.has(0, "\0\0\0\u000cjP  \r\n\u0087\n")) {
      return bytes.has(16, "ftyp") && JPEG_2000.contains(bytes.text(20, 4))
          ? new BoxHeaders(bytes).sized(PictureType.JP2)
          : null;
    }
    if (!bytes.has(4, "ftyp")) {
      return null;
    }
    PictureType type = type(bytes);
    if (type == null || type == PictureType.CR3) {
      return type == null ? null : new PictureHeader(type, 0, 0);
    }
    return new BoxHeaders(bytes).sized(type);
  }

  /** Whether a HEIF has a rotation or mirroring among its properties, even one of nothing. */
  static boolean turnsItself(HeaderBytes bytes) throws IOException {
    BoxHeaders boxes = new BoxHeaders(bytes);
    boxes.walk(0, bytes.size());
    return boxes.turned;
  }

  /** The major brand decides; only a general one ({@code mif1}) is narrowed by the others. */
  private static @Nullable PictureType type(HeaderBytes bytes) throws IOException {
    String major = bytes.text(8, 4);
    if (major.equals("crx ")) {
      return PictureType.CR3;
    }
    if (AVIF.contains(major)) {
      return PictureType.AVIF;
    }
    if (HEIC.contains(major)) {
      return PictureType.HEIC;
    }
    if (!HEIF.contains(major)) {
      return null;
    }
    long end = Math.min(bytes.u32(0, false), 16 + 4L * BRANDS_AT_MOST);
    for (long at = 16; at + 4 <= end; at += 4) {
      if (AVIF.contains(bytes.text(at, 4))) {
        return PictureType.AVIF;
      }
    }
    return PictureType.HEIF;
  }

  private PictureHeader sized(PictureType type) throws IOException {
    walk(0, bytes.size());
    return new PictureHeader(type, HeaderBytes.extent(width), HeaderBytes.extent(height));
  }

  /** Of several pictures (tiles, previews, the whole) the largest is the photo. */
  private void walk(long from, long to) throws IOException {
    for (long at = from; at + 8 <= to && !(from == 0 && width > 0); ) {
      if (boxes++ == BOXES_AT_MOST) {
        throw new HeaderBytes.Unreadable("boxes without end");
      }
      long size = bytes.u32(at, false);
      long content = at + 8;
      if (size == 1) {
        size = bytes.u64(content, false);
        content += 8;
      }
      long end = size == 0 ? to : at + size;
      if (end < content || end > to) {
        if (from == 0 && width == 0) {
          end = to; // a cut file: what stands before the cut may still tell
        } else {
          return;
        }
      }
      switch (bytes.text(at + 4, 4)) {
        case "meta" -> walk(content + 4, end);
        case "iprp", "ipco", "jp2h" -> walk(content, end);
        case "ispe" -> keep(bytes.u32(content + 4, false), bytes.u32(content + 8, false));
        case "irot", "imir" -> turned = true;
        case "ihdr" -> keep(bytes.u32(content + 4, false), bytes.u32(content, false));
        default -> {
          // pixels, names and the like
        }
      }
      at = end;
    }
  }

  private void keep(long itsWidth, long itsHeight) throws HeaderBytes.Unreadable {
    if ((long) HeaderBytes.extent(itsWidth) * HeaderBytes.extent(itsHeight) > width * height) {
      width = itsWidth;
      height = itsHeight;
    }
  }
}
