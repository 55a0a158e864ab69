package io.caravel.photo;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Headers at fixed places: JPEG, PNG, BMP, WebP, the JPEG 2000 codestream. */
final class WebHeaders {
  /** RFC 9649, 2.7.1.1. */
  private static final int ANIMATION = 2;

  private WebHeaders() {}

  /** The header; null when the file begins like none of these kinds. */
  static @Nullable PictureHeader read(HeaderBytes bytes) throws IOException {
    if (JpegSegments.begin(bytes)) {
      return jpeg(bytes);
    }
    if (bytes.has(0, "\u0089PNG\r\n\u001a\n")) {
      return png(bytes);
    }
    if (bytes.has(0, "RIFF") && bytes.has(8, "WEBP")) {
      return webp(bytes);
    }
    if (bytes.has(0, "\u00ff\u004f\u00ff\u0051")) { // SOC, SIZ: ITU-T T.800, A.5.1
      return new PictureHeader(
          PictureType.J2C,
          HeaderBytes.extent(bytes.u32(8, false) - bytes.u32(16, false)),
          HeaderBytes.extent(bytes.u32(12, false) - bytes.u32(20, false)));
    }
    return bytes.has(0, "BM") ? bmp(bytes) : null;
  }

  private static PictureHeader jpeg(HeaderBytes bytes) throws IOException {
    JpegSegments segments = new JpegSegments(bytes);
    for (JpegSegments.Segment segment; (segment = segments.next()) != null; ) {
      if (segment.frame()) {
        // precision, height, width: T.81, B.2.2. A height of 0 is told at the end, by DNL.
        return new PictureHeader(
            PictureType.JPEG,
            HeaderBytes.extent(bytes.u16(segment.data() + 3, false)),
            bytes.u16(segment.data() + 1, false),
            segment.progressive() || inSeveralScans(bytes, segments, segment));
      }
    }
    throw new HeaderBytes.Unreadable("no frame before the first scan");
  }

  /** Whether the first scan holds fewer components than the frame: T.81, B.2.3. */
  private static boolean inSeveralScans(
      HeaderBytes bytes, JpegSegments segments, JpegSegments.Segment frame) throws IOException {
    int components = bytes.u8(frame.data() + 5);
    try {
      while (segments.next() != null) {
        // up to the first scan
      }
      return bytes.u8(segments.position() + 2) < components;
    } catch (HeaderBytes.Unreadable e) {
      return false;
    }
  }

  private static PictureHeader png(HeaderBytes bytes) throws IOException {
    if (!bytes.has(12, "IHDR")) {
      throw new HeaderBytes.Unreadable("the first chunk is not IHDR");
    }
    return new PictureHeader(
        PictureType.PNG,
        HeaderBytes.extent(bytes.u32(16, false)),
        HeaderBytes.extent(bytes.u32(20, false)),
        bytes.u8(28) == 1);
  }

  private static PictureHeader webp(HeaderBytes bytes) throws IOException {
    if (bytes.has(12, "VP8 ") && bytes.has(23, "\u009d\u0001\u002a")) { // RFC 6386, 9.1
      return new PictureHeader(
          PictureType.WEBP, bytes.u16(26, true) & 0x3fff, bytes.u16(28, true) & 0x3fff);
    }
    if (bytes.has(12, "VP8L") && bytes.u8(20) == 0x2f) { // RFC 9649, 3.4: 14 bits each, less 1
      long sizes = bytes.u32(21, true);
      return new PictureHeader(
          PictureType.WEBP, (int) (sizes & 0x3fff) + 1, (int) (sizes >> 14 & 0x3fff) + 1);
    }
    if (bytes.has(12, "VP8X")) { // RFC 9649, 2.7: 24 bits each, less 1
      return new PictureHeader(
          PictureType.WEBP,
          (bytes.u16(24, true) | bytes.u8(26) << 16) + 1,
          (bytes.u16(27, true) | bytes.u8(29) << 16) + 1,
          (bytes.u8(20) & ANIMATION) != 0);
    }
    throw new HeaderBytes.Unreadable("no frame of a WebP");
  }

  /** Two letters are a weak sign, so the rest of the header has to make sense too. */
  private static @Nullable PictureHeader bmp(HeaderBytes bytes) throws IOException {
    if (bytes.size() < 26) {
      return null;
    }
    long header = bytes.u32(14, true);
    if (header == 12) {
      return bytes.u16(22, true) == 1
          ? new PictureHeader(PictureType.BMP, bytes.u16(18, true), bytes.u16(20, true))
          : null;
    }
    if (header < 40 || header > 124 || bytes.u16(26, true) != 1) {
      return null;
    }
    if (bytes.u32(30, true) == 4 || bytes.u32(30, true) == 5) {
      return null; // BI_JPEG, BI_PNG: another file in this one, meant for printers only
    }
    return new PictureHeader(
        PictureType.BMP,
        HeaderBytes.extent((int) bytes.u32(18, true)),
        HeaderBytes.extent(Math.abs((long) (int) bytes.u32(22, true)))); // negative: from the top
  }
}
