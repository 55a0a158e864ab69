package io.caravel.photo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
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

  private int orientation = 1;
  private byte @Nullable [] profile;
  private int components;
  private boolean turnsItself;
  private int adobeTransform = -1;

  private DisplayTags() {}

  /**
   * Reads the tags of a JPEG or PNG, and whether a HEIF turns itself; other kinds have none that
   * are read here.
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
    boolean oriented = false;
    JpegSegments segments = new JpegSegments(bytes);
    try {
      for (JpegSegments.Segment segment; (segment = segments.next()) != null; ) {
        long data = segment.data();
        if (segment.frame()) {
          components = bytes.u8(data + 5);
        } else if (segment.marker() == JpegSegments.APP1
            && !oriented
            && bytes.has(data, "Exif\0")) {
          oriented = true;
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
    boolean oriented = false;
    boolean coloured = false;
    for (long at = 8; ; ) {
      long length = bytes.u32(at, false);
      long data = at + 8;
      switch (bytes.text(at + 4, 4)) {
        case "eXIf" -> {
          if (!oriented) {
            oriented = true;
            orient(bytes, data);
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

  private void orient(HeaderBytes bytes, long tiff) throws IOException {
    try {
      long value = TiffDirectory.first(bytes, tiff).number(ORIENTATION);
      orientation = value >= 1 && value <= 8 ? (int) value : 1;
    } catch (HeaderBytes.Unreadable e) {
      orientation = 1;
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
