package io.caravel.photo;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** TIFF, and the raw kinds that are TIFF underneath: told apart by their makers' marks. */
final class TiffHeaders {
  private static final int IMAGE_WIDTH = 0x100;
  private static final int IMAGE_LENGTH = 0x101;
  private static final int MAKE = 0x10f;
  private static final int SUB_IFDS = 0x14a;
  private static final int DNG_VERSION = 0xc612;
  private static final int SUB_IFDS_AT_MOST = 8;

  private TiffHeaders() {}

  /** The header; null when the file begins like none of these kinds. */
  static @Nullable PictureHeader read(HeaderBytes bytes) throws IOException {
    if (bytes.has(0, "FUJIFILMCCD-RAW")) {
      return new PictureHeader(PictureType.RAF, 0, 0);
    }
    if (bytes.has(0, "IIU\0")) {
      TiffDirectory directory = TiffDirectory.first(bytes, 0);
      return sized(PictureType.RW2, directory.number(2), directory.number(3)); // the sensor's
    }
    if (bytes.has(0, "IIRO") || bytes.has(0, "IIRS") || bytes.has(0, "MMOR")) {
      return largest(PictureType.ORF, TiffDirectory.first(bytes, 0));
    }
    if (bytes.has(0, "II*\0\u0010\0\0\0CR\u0002")) {
      return largest(PictureType.CR2, TiffDirectory.first(bytes, 0));
    }
    if (bytes.has(0, "II*\0")
        || bytes.has(0, "MM\0*")
        || bytes.has(0, "II+\0\u0008\0\0\0")
        || bytes.has(0, "MM\0+\0\u0008\0\0")) {
      TiffDirectory directory = TiffDirectory.first(bytes, 0);
      PictureType type = type(directory);
      return type.raw()
          ? largest(type, directory)
          : new PictureHeader(
              type,
              HeaderBytes.extent(directory.number(IMAGE_WIDTH)),
              HeaderBytes.extent(directory.number(IMAGE_LENGTH)));
    }
    return null;
  }

  /** A camera's raw file keeps the sensor's picture in a sub-directory; its plain TIFF does not. */
  private static PictureType type(TiffDirectory directory) throws IOException {
    if (directory.has(DNG_VERSION)) {
      return PictureType.DNG;
    }
    if (directory.has(SUB_IFDS)) {
      if (directory.begins(MAKE, "NIKON")) {
        return PictureType.NEF;
      }
      if (directory.begins(MAKE, "SONY")) {
        return PictureType.ARW;
      }
    }
    return PictureType.TIFF;
  }

  /** The first directory often describes a preview: the largest one is the photo. */
  private static PictureHeader largest(PictureType type, TiffDirectory directory)
      throws IOException {
    PictureHeader largest = sized(type, directory);
    for (long offset : directory.numbers(SUB_IFDS, SUB_IFDS_AT_MOST)) {
      try {
        PictureHeader other = sized(type, directory.at(offset));
        if ((long) other.width() * other.height() > (long) largest.width() * largest.height()) {
          largest = other;
        }
      } catch (HeaderBytes.Unreadable e) {
        break; // the preview may still be whole
      }
    }
    return largest;
  }

  private static PictureHeader sized(PictureType type, TiffDirectory directory) throws IOException {
    return sized(type, directory.number(IMAGE_WIDTH), directory.number(IMAGE_LENGTH));
  }

  private static PictureHeader sized(PictureType type, long width, long height) {
    boolean known = width > 0 && height > 0 && Math.max(width, height) <= Integer.MAX_VALUE;
    return known
        ? new PictureHeader(type, (int) width, (int) height)
        : new PictureHeader(type, 0, 0);
  }
}
