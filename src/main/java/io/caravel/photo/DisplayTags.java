package io.caravel.photo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * What a photo says of how its pixels are to be shown: which way up, and in which colours. Tags
 * that are missing, broken or too large count as not there: they never make a photo unreadable.
 */
public final class DisplayTags {
  private static final int ORIENTATION = 0x112;
  private static final int PROFILE_BYTES_AT_MOST = 4 << 20;
  private static final String RAW_PROFILE = "Raw profile type ";
  private static final int RAW_PROFILES_AT_MOST = 4;

  private int orientation = 1;
  private boolean oriented;
  private byte @Nullable [] profile;
  private int components;
  private boolean turnsItself;
  private int adobeTransform = -1;

  private DisplayTags() {}

  /**
   * Reads the tags of a JPEG, PNG or WebP, and whether a HEIF turns itself; other kinds have none
   * that are read here.
   *
   * @throws IOException when the file cannot be read
   */
  public static DisplayTags read(Path file, PictureType type) throws IOException {
    DisplayTags tags = new DisplayTags();
    // A PNG may carry its EXIF behind the pixels: 256 MB of chunks are walked for it at most.
    try (HeaderBytes bytes = HeaderBytes.of(file, 1 << 16)) {
      switch (type) {
        case JPEG -> tags.jpeg(bytes);
        case PNG -> tags.png(bytes);
        case WEBP -> tags.webp(bytes);
        case HEIC, HEIF, AVIF -> tags.turnsItself = BoxHeaders.turnsItself(bytes);
        default -> {
          // others have none that are read here
        }
      }
    } catch (HeaderBytes.Unreadable e) {
      // What was found before the damage holds.
    }
    return tags;
  }

  /**
   * Whether a photo of this kind is turned as {@link #orientation} says, whatever other readers
   * make of it: what is told of the photo and what is made of it then agree.
   */
  public static boolean decide(PictureType type) {
    return switch (type) {
      case JPEG, PNG, WEBP, GIF, BMP, JP2, J2C -> true;
      default -> false;
    };
  }

  /** The EXIF orientation, 1 to 8 (Exif 2.32, 4.6.4.A); 1 where there is none or a wrong one. */
  public int orientation() {
    return orientation;
  }

  /** Whether a HEIF says by itself how it is turned (ISO/IEC 23008-12, irot and imir). */
  public boolean turnsItself() {
    return turnsItself;
  }

  /** The embedded ICC profile as it is, unchecked; null without one. */
  public byte @Nullable [] profile() {
    return profile;
  }

  /** Colour components of a JPEG: 1, 3 or 4; 0 for other kinds. */
  public int components() {
    return components;
  }

  /**
   * The colour transform of a JPEG's Adobe marker: 0 none, 1 YCbCr, 2 YCCK; -1 without the marker
   * (Adobe Technical Note 5116, 18).
   */
  public int adobeTransform() {
    return adobeTransform;
  }

  private void jpeg(HeaderBytes bytes) throws IOException {
    TreeMap<Integer, byte[]> pieces = new TreeMap<>();
    int profileBytes = 0;
    JpegSegments segments = new JpegSegments(bytes);
    try {
      for (JpegSegments.Segment segment; (segment = segments.next()) != null; ) {
        long data = segment.data();
        if (segment.frame()) {
          components = bytes.u8(data + 5);
        } else if (segment.marker() == JpegSegments.APP1 && bytes.has(data, "Exif\0")) {
          orient(bytes, data + 6);
        } else if (segment.marker() == JpegSegments.APP14
            && segment.length() >= 12
            && bytes.has(data, "Adobe")) {
          adobeTransform = bytes.u8(data + 11);
        } else if (segment.marker() == JpegSegments.APP2
            && segment.length() > 14
            && bytes.has(data, "ICC_PROFILE\0")
            && (profileBytes += segment.length() - 14) <= PROFILE_BYTES_AT_MOST) {
          pieces.put(bytes.u8(data + 12), bytes.bytes(data + 14, segment.length() - 14));
        }
      }
    } finally {
      if (!pieces.isEmpty()) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        pieces.values().forEach(whole::writeBytes);
        profile = whole.toByteArray();
      }
    }
  }

  /**
   * The first of each kind counts: a file of a thousand packed profiles has them all unpacked else.
   */
  private void png(HeaderBytes bytes) throws IOException {
    boolean coloured = false;
    int raw = 0;
    for (long at = 8; ; ) {
      long length = bytes.u32(at, false);
      long data = at + 8;
      switch (bytes.text(at + 4, 4)) {
        case "eXIf" -> orientBehindMark(bytes, data);
        case "tEXt", "zTXt" -> {
          if (!oriented && raw < RAW_PROFILES_AT_MOST && isRawProfile(bytes, data)) {
            raw++;
            rawProfile(bytes, data, length, bytes.has(at + 4, "zTXt"));
          }
        }
        case "iCCP" -> {
          if (!coloured) {
            coloured = true;
            profile = inflated(bytes, data, length);
          }
        }
        case "IEND" -> {
          return;
        }
        default -> {
          // pixels, texts and the like
        }
      }
      at = data + length + 4;
    }
  }

  /** RFC 9649, 2.7: also where the flag that announces EXIF is not set. */
  private void webp(HeaderBytes bytes) throws IOException {
    for (long at = 12; ; ) {
      long length = bytes.u32(at + 4, true);
      if (bytes.has(at, "EXIF")) {
        orientBehindMark(bytes, at + 8);
      }
      at += 8 + length + (length & 1);
    }
  }

  /** The first block of EXIF that tells an orientation counts. */
  private void orient(HeaderBytes bytes, long tiff) throws IOException {
    if (oriented) {
      return;
    }
    try {
      long value = TiffDirectory.first(bytes, tiff).looseNumber(ORIENTATION);
      if (value >= 1 && value <= 8) {
        orientation = (int) value;
        oriented = true;
      }
    } catch (HeaderBytes.Unreadable e) {
      // this block tells none
    }
  }

  /** As some write it: with the mark that EXIF has in a JPEG. */
  private void orientBehindMark(HeaderBytes bytes, long data) throws IOException {
    orient(bytes, bytes.has(data, "Exif\0\0") ? data + 6 : data);
  }

  private static boolean isRawProfile(HeaderBytes bytes, long data) throws IOException {
    return bytes.has(data, RAW_PROFILE + "exif\0") || bytes.has(data, RAW_PROFILE + "APP1\0");
  }

  /**
   * EXIF as ImageMagick writes it into a text: a line with its name, one with its length, and then
   * hexadecimal digits.
   */
  private void rawProfile(HeaderBytes bytes, long data, long length, boolean packed)
      throws IOException {
    byte @Nullable [] text;
    if (packed) {
      text = inflated(bytes, data, length);
    } else {
      int name = RAW_PROFILE.length() + 5;
      text =
          length - name > PROFILE_BYTES_AT_MOST
              ? null
              : bytes.bytes(data + name, (int) (length - name));
    }
    if (text != null) {
      String[] lines = new String(text, StandardCharsets.ISO_8859_1).strip().split("\n", 3);
      String digits = lines.length < 3 ? "" : lines[2].replaceAll("\\s+", "");
      try {
        orientBehindMark(HeaderBytes.of(HexFormat.of().parseHex(digits)), 0);
      } catch (IllegalArgumentException e) {
        // no such digits: it tells nothing
      }
    }
  }

  /** A profile's name, a zero, the method 0, and the zlib stream (PNG, third edition, 11.3.2.3). */
  private static byte @Nullable [] inflated(HeaderBytes bytes, long data, long length)
      throws IOException {
    int name = 0;
    while (name < 80 && bytes.u8(data + name) != 0) {
      name++;
    }
    long packed = length - name - 2;
    if (packed <= 0 || packed > PROFILE_BYTES_AT_MOST) {
      return null;
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes.bytes(data + name + 2, (int) packed));
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      byte[] some = new byte[8192];
      for (int count; (count = inflater.inflate(some)) > 0; ) {
        whole.write(some, 0, count);
        if (whole.size() > PROFILE_BYTES_AT_MOST) {
          return null;
        }
      }
      return inflater.finished() ? whole.toByteArray() : null;
    } catch (DataFormatException e) {
      return null;
    } finally {
      inflater.end();
    }
  }
}
