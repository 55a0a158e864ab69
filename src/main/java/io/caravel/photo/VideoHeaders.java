package io.caravel.photo;

import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Videos: MP4, QuickTime and 3GP (ISO/IEC 14496-12; QuickTime File Format), Matroska and WebM (RFC
 * 9559), AVI. What has no track of pictures, such as music in the same boxes, is none.
 */
final class VideoHeaders {
  private static final Set<String> BEFORE_BRANDS_WERE =
      Set.of("moov", "mdat", "wide", "free", "skip");
  private static final int BOXES_AT_MOST = 4096;
  private static final int DEEPEST = 4;

  private static final long SEGMENT = 0x18538067L;
  private static final long TRACKS = 0x1654AE6BL;
  private static final long TRACK_ENTRY = 0xAE;
  private static final long VIDEO = 0xE0;
  private static final long PIXEL_WIDTH = 0xB0;
  private static final long PIXEL_HEIGHT = 0xBA;
  private static final long CLUSTER = 0x1F43B675L;
  private static final long DOC_TYPE = 0x4282;

  private final HeaderBytes bytes;
  private int boxes;
  private long width;
  private long height;
  private long trackWidth;
  private long trackHeight;
  private String docType = "";

  private VideoHeaders(HeaderBytes bytes) {
    this.bytes = bytes;
  }

  /** The header; null when the file begins like none of these kinds. */
  static @Nullable PictureHeader read(HeaderBytes bytes) throws IOException {
    VideoHeaders header = new VideoHeaders(bytes);
    if (bytes.has(0, "RIFF") && bytes.has(8, "AVI ")) {
      return header.avi();
    }
    if (bytes.has(0, "\u001aE\u00df\u00a3")) {
      return header.matroska();
    }
    if (bytes.size() < 16) {
      return null;
    }
    String first = bytes.text(4, 4);
    if (first.equals("ftyp")) {
      return header.boxes(type(bytes.text(8, 4)));
    }
    return BEFORE_BRANDS_WERE.contains(first) ? header.boxes(PictureType.MOV) : null;
  }

  private static PictureType type(String brand) {
    if (brand.equals("qt  ")) {
      return PictureType.MOV;
    }
    if (brand.startsWith("3g")) {
      return PictureType.THREE_GP;
    }
    return brand.startsWith("M4V") ? PictureType.M4V : PictureType.MP4;
  }

  /** Of several tracks of pictures the largest is the film. Null: there is none. */
  private @Nullable PictureHeader boxes(PictureType type) throws IOException {
    walk(0, bytes.size(), 0);
    return width > 0 ? new PictureHeader(type, (int) width, (int) height, true) : null;
  }

  private void walk(long from, long to, int depth) throws IOException {
    for (long at = from; at + 8 <= to && !(depth == 0 && width > 0); ) {
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
      if (end < content) {
        return;
      }
      end = Math.min(end, to);
      switch (bytes.text(at + 4, 4)) {
        case "moov", "trak", "mdia" -> {
          if (depth < DEEPEST) {
            walk(content, end, depth + 1);
          }
        }
        case "tkhd" -> track(content);
        case "hdlr" -> {
          if (bytes.has(content + 8, "vide") && trackWidth * trackHeight > width * height) {
            width = trackWidth;
            height = trackHeight;
          }
        }
        default -> {
          // samples, names and the like
        }
      }
      at = end;
    }
  }

  /**
   * The track's size, turned as its matrix says: 14496-12, 8.3.2. The whole part of 16.16 numbers.
   */
  private void track(long at) throws IOException {
    long matrix = at + (bytes.u8(at) == 1 ? 52 : 40);
    trackWidth = bytes.u16(matrix + 36, false);
    trackHeight = bytes.u16(matrix + 40, false);
    boolean sideways = bytes.u32(matrix, false) == 0 && bytes.u32(matrix + 4, false) != 0;
    if (sideways) {
      long across = trackWidth;
      trackWidth = trackHeight;
      trackHeight = across;
    }
  }

  private PictureHeader matroska() throws IOException {
    elements(0, bytes.size(), 0);
    PictureType type = docType.equals("webm") ? PictureType.WEBM : PictureType.MKV;
    return new PictureHeader(type, HeaderBytes.extent(width), HeaderBytes.extent(height), true);
  }

  /** EBML (RFC 8794): an id, a length, content. Those of an unknown length reach to the end. */
  private void elements(long from, long to, int depth) throws IOException {
    for (long at = from; at < to && width == 0; ) {
      if (boxes++ == BOXES_AT_MOST) {
        throw new HeaderBytes.Unreadable("elements without end");
      }
      int idLength = Integer.numberOfLeadingZeros(bytes.u8(at)) - 23;
      if (idLength > 4) {
        throw new HeaderBytes.Unreadable("no element");
      }
      long id = number(at, idLength, false);
      at += idLength;
      int lengthLength = Integer.numberOfLeadingZeros(bytes.u8(at)) - 23;
      if (lengthLength > 8) {
        throw new HeaderBytes.Unreadable("no length");
      }
      long length = number(at, lengthLength, true);
      at += lengthLength;
      boolean unknown = length == (1L << 7 * lengthLength) - 1;
      long end = unknown || length > to - at ? to : at + length;
      if (id == DOC_TYPE && length <= 16) {
        docType = bytes.text(at, (int) length);
      } else if (id == PIXEL_WIDTH && depth == DEEPEST && length <= 8) {
        trackWidth = number(at, (int) length, false);
      } else if (id == PIXEL_HEIGHT && depth == DEEPEST && length <= 8) {
        trackHeight = number(at, (int) length, false);
      } else if (id == CLUSTER) {
        return; // pictures: what tells of them has come before
      } else if (depth == 0
          || depth == 1 && id == TRACKS
          || depth == 2 && id == TRACK_ENTRY
          || depth == 3 && id == VIDEO) {
        if (depth > 0 || id == SEGMENT || docType.isEmpty()) {
          elements(at, end, depth + 1);
        }
        if (depth == 3) {
          width = trackWidth;
          height = trackHeight;
        }
      }
      at = end;
    }
  }

  private long number(long at, int length, boolean withoutMarker) throws IOException {
    long value = 0;
    for (int i = 0; i < length; i++) {
      int each = bytes.u8(at + i);
      value = value << 8 | (i == 0 && withoutMarker ? each & (0xff >> length) : each);
    }
    return value;
  }

  /** The main header, and then the streams: AVI RIFF File Reference. */
  private PictureHeader avi() throws IOException {
    for (long at = 12, chunks = 0; chunks < 64; chunks++) {
      long length = bytes.u32(at + 4, true);
      if (bytes.has(at, "LIST") && bytes.has(at + 8, "hdrl") && bytes.has(at + 12, "avih")) {
        return new PictureHeader(
            PictureType.AVI,
            HeaderBytes.extent(bytes.u32(at + 20 + 32, true)),
            HeaderBytes.extent(bytes.u32(at + 20 + 36, true)),
            true);
      }
      at += 8 + length + (length & 1);
    }
    throw new HeaderBytes.Unreadable("no header");
  }
}
