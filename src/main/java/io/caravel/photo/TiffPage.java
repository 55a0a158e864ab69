package io.caravel.photo;

import java.io.IOException;
import java.util.List;

/** What a directory of a TIFF says of its picture (TIFF 6.0, sections 4, 18, 19 and 21). */
final class TiffPage {
  static final int NEW_SUBFILE_TYPE = 0xfe;
  static final int SUBFILE_TYPE = 0xff;
  static final int WIDTH = 0x100;
  static final int LENGTH = 0x101;
  static final int BITS_PER_SAMPLE = 0x102;
  static final int COMPRESSION = 0x103;
  static final int PHOTOMETRIC = 0x106;
  static final int STRIP_OFFSETS = 0x111;
  static final int ORIENTATION = 0x112;
  static final int SAMPLES_PER_PIXEL = 0x115;
  static final int ROWS_PER_STRIP = 0x116;
  static final int STRIP_BYTE_COUNTS = 0x117;
  static final int PLANAR_CONFIGURATION = 0x11c;
  static final int PREDICTOR = 0x13d;
  static final int TILE_WIDTH = 0x142;
  static final int TILE_LENGTH = 0x143;
  static final int TILE_OFFSETS = 0x144;
  static final int TILE_BYTE_COUNTS = 0x145;
  static final int EXTRA_SAMPLES = 0x152;
  static final int SAMPLE_FORMAT = 0x153;
  static final int YCBCR_SUBSAMPLING = 0x212;
  static final int REFERENCE_BLACK_WHITE = 0x214;
  static final int ICC_PROFILE = 0x8773;

  static final int WHITE_IS_ZERO = 0;
  static final int BLACK_IS_ZERO = 1;
  static final int RGB = 2;
  static final int YCBCR = 6;

  static final int UNSIGNED = 1;
  static final int SIGNED = 2;
  static final int FLOAT = 3;

  private static final int UNDEFINED = 4;
  private static final int SAMPLES = 16;

  private TiffPage() {}

  /** Neither a smaller copy of another page nor a mask for it. */
  static boolean isPicture(TiffDirectory page) throws IOException {
    return (page.number(NEW_SUBFILE_TYPE) & 5) == 0 && page.number(SUBFILE_TYPE) != 2;
  }

  /**
   * Whether libvips 8.14 shows it wrongly or not at all (tried with 56 files): other numbers than
   * unsigned ones of 8 and 16 bits, samples of no said meaning, YCbCr that is no JPEG.
   */
  static boolean isOdd(TiffDirectory page) throws IOException {
    int photometric = (int) page.number(PHOTOMETRIC);
    int compression = compression(page);
    if (photometric == YCBCR) {
      return compression == 1 || TiffPackings.reads(compression);
    }
    if (photometric > RGB) {
      return false;
    }
    int colours = photometric == RGB ? 3 : 1;
    int samples = samples(page);
    int bits = bits(page);
    boolean usual =
        bits == 8 || bits == 16 || colours == 1 && samples == 1 && (bits <= 4 && bits != 3);
    return format(page) != UNSIGNED || !usual || samples > colours && !isAlpha(page);
  }

  /** 1 where it is not said. */
  static int compression(TiffDirectory page) throws IOException {
    return page.has(COMPRESSION) ? (int) page.number(COMPRESSION) : 1;
  }

  static int samples(TiffDirectory page) throws IOException {
    return (int) Math.max(1, Math.min(1 << 16, page.number(SAMPLES_PER_PIXEL)));
  }

  /** Of each sample; 0 where they differ, or cannot be. */
  static int bits(TiffDirectory page) throws IOException {
    List<Long> bits = page.numbers(BITS_PER_SAMPLE, SAMPLES);
    if (bits.isEmpty()) {
      return 1;
    }
    long first = bits.get(0);
    return first >= 1 && first <= 64 && bits.stream().allMatch(each -> each == first)
        ? (int) first
        : 0;
  }

  /** {@link #UNSIGNED}, {@link #SIGNED} or {@link #FLOAT}; 0: complex numbers, or none that are. */
  static int format(TiffDirectory page) throws IOException {
    List<Long> formats = page.numbers(SAMPLE_FORMAT, SAMPLES);
    if (formats.isEmpty() || formats.get(0) == UNDEFINED) {
      return UNSIGNED;
    }
    long first = formats.get(0);
    return first >= UNSIGNED && first <= FLOAT ? (int) first : 0;
  }

  /** Whether the first sample behind the colours is said to be an alpha. */
  private static boolean isAlpha(TiffDirectory page) throws IOException {
    long extra = page.number(EXTRA_SAMPLES);
    return extra == 1 || extra == 2;
  }
}
