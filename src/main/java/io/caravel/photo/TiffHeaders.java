package io.caravel.photo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** TIFF, and the raw kinds that are TIFF underneath: told apart by their makers' marks. */
final class TiffHeaders {
  private static final int IMAGE_WIDTH = 0x100;
  private static final int IMAGE_LENGTH = 0x101;
  private static final int COMPRESSION = 0x103;
  private static final int PHOTOMETRIC = 0x106;
  private static final int MAKE = 0x10f;
  private static final int SUB_IFDS = 0x14a;
  private static final int DNG_VERSION = 0xc612;
  private static final int SUB_IFDS_AT_MOST = 8;
  private static final int PAGES_AT_MOST = 16;

  /** Color Filter Array (TIFF/EP), LinearRaw (DNG 1.4). */
  private static final Set<Long> SENSOR = Set.of(32803L, 34892L);

  /** Those of makers: Sony, Samsung (two), packed, Nikon, Kodak (two), Pentax. */
  private static final Set<Long> MAKERS_COMPRESSIONS =
      Set.of(32767L, 32770L, 32772L, 32769L, 34713L, 65000L, 262L, 65535L);

  private record Maker(String make, PictureType type) {}

  private static final List<Maker> MAKERS =
      List.of(
          new Maker("NIKON", PictureType.NEF),
          new Maker("SONY", PictureType.ARW),
          new Maker("PENTAX", PictureType.PEF),
          new Maker("RICOH", PictureType.PEF),
          new Maker("ASAHI", PictureType.PEF),
          new Maker("SAMSUNG", PictureType.SRW),
          new Maker("SEIKO EPSON", PictureType.ERF),
          new Maker("EPSON", PictureType.ERF),
          new Maker("PHASE ONE", PictureType.IIQ),
          new Maker("LEAF", PictureType.MOS),
          new Maker("MAMIYA", PictureType.MEF),
          new Maker("HASSELBLAD", PictureType.THREE_FR),
          new Maker("EASTMAN KODAK", PictureType.KDC),
          new Maker("KODAK", PictureType.KDC));

  private TiffHeaders() {}

  /** The header; null when the file begins like none of these kinds. */
  static @Nullable PictureHeader read(HeaderBytes bytes) throws IOException {
    if (bytes.has(0, "FUJIFILMCCD-RAW")) {
      return new PictureHeader(PictureType.RAF, 0, 0);
    }
    if (bytes.has(0, "FOVb")) {
      return new PictureHeader(PictureType.X3F, 0, 0);
    }
    if (bytes.has(0, "II\u001a\0") && bytes.has(6, "HEAPCCDR")) {
      return new PictureHeader(PictureType.CRW, 0, 0);
    }
    if (bytes.has(0, "\0MRM") || bytes.has(0, "\0MRI")) {
      return minolta(bytes);
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
      PictureType type = type(bytes, directory);
      return type.raw() ? largest(type, directory) : page(directory);
    }
    return null;
  }

  /** Blocks of a name, a length and data; that of the sensor's size comes first. */
  private static PictureHeader minolta(HeaderBytes bytes) throws IOException {
    boolean little = bytes.u8(3) == 'I';
    return bytes.has(8, "\0PRD") || bytes.has(8, "\0DRP")
        ? sized(PictureType.MRW, bytes.u16(26, little), bytes.u16(24, little))
        : new PictureHeader(PictureType.MRW, 0, 0);
  }

  /**
   * A camera's raw file says that its numbers are a sensor's, is packed in the maker's own way, or,
   * of some makers, keeps its picture in a sub-directory; its plain TIFF does none of it.
   */
  private static PictureType type(HeaderBytes bytes, TiffDirectory directory) throws IOException {
    if (directory.has(DNG_VERSION)) {
      return PictureType.DNG;
    }
    if (bytes.has(8, "IIII") || bytes.has(8, "MMMM")) { // where others have their first directory
      return PictureType.IIQ;
    }
    if (directory.has(SUB_IFDS)
        && (directory.begins(MAKE, "NIKON") || directory.begins(MAKE, "SONY"))) {
      return maker(directory);
    }
    for (TiffDirectory each : all(directory)) {
      if (SENSOR.contains(each.number(PHOTOMETRIC))
          || MAKERS_COMPRESSIONS.contains(each.number(COMPRESSION))) {
        return maker(directory);
      }
    }
    return PictureType.TIFF;
  }

  private static PictureType maker(TiffDirectory directory) throws IOException {
    for (Maker each : MAKERS) {
      if (directory.beginsInAnyCase(MAKE, each.make())) {
        return each.type();
      }
    }
    return PictureType.RAW;
  }

  /** The chain's first directories and their sub-directories, as far as they can be read. */
  private static List<TiffDirectory> all(TiffDirectory directory) throws IOException {
    List<TiffDirectory> all = new ArrayList<>(List.of(directory));
    try {
      for (long offset : directory.numbers(SUB_IFDS, SUB_IFDS_AT_MOST)) {
        all.add(directory.at(offset));
      }
      TiffDirectory page = directory;
      for (int i = 0; i < 4 && page.next() != 0; i++) {
        page = page.at(page.next());
        all.add(page);
      }
    } catch (HeaderBytes.Unreadable e) {
      // what is behind the damage tells nothing
    }
    return all;
  }

  /** Of a TIFF's pages the first that is the picture itself. */
  private static PictureHeader page(TiffDirectory first) throws IOException {
    TiffDirectory page = first;
    try {
      for (int i = 0; i < PAGES_AT_MOST; i++) {
        if (TiffPage.isPicture(page)) {
          return page(page, i);
        }
        if (page.next() == 0) {
          break;
        }
        page = page.at(page.next());
      }
    } catch (HeaderBytes.Unreadable e) {
      // the first is what there is
    }
    return page(first, 0);
  }

  private static PictureHeader page(TiffDirectory page, int number) throws IOException {
    return new PictureHeader(
        PictureType.TIFF,
        HeaderBytes.extent(page.number(IMAGE_WIDTH)),
        HeaderBytes.extent(page.number(IMAGE_LENGTH)),
        false,
        number,
        TiffPage.isOdd(page));
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
