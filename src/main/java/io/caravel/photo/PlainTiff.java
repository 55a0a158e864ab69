package io.caravel.photo;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A plain copy of a TIFF that is {@linkplain PictureHeader#odd odd}, or cut off: a byte for each
 * colour of each pixel, which every decoder reads. It is written strip by strip, so memory is that
 * of one.
 *
 * <p>What a number means that is no byte, TIFF does not say. Here 1.0 is the white of floating
 * point, the highest number of its type that of integers; where no number of the picture comes near
 * it, 255, then 65535 is, and else the highest there is. Where there are numbers below 0 the
 * darkest is black.
 */
public final class PlainTiff {
  /** Of a strip or tile, unpacked: a picture of 300 megapixels in one strip has more. */
  private static final int STRIP_BYTES_AT_MOST = 128 << 20;

  private static final int PROFILE_BYTES_AT_MOST = 4 << 20;
  private static final int STRIPS_AT_MOST = 1 << 20;
  private static final int GREY = 128;

  private PlainTiff() {}

  /** The picture is stored in a way that is not read here, or needs too much memory. */
  public static final class Unread extends IOException {
    Unread(String reason) {
      super(reason);
    }
  }

  /**
   * Writes the copy: upright as the original's own orientation says, which it keeps.
   *
   * @param target is replaced
   * @return whether all of the picture is there; what is not is grey
   * @throws Unread when it can not be read so
   * @throws IOException when a file cannot be read or written
   */
  public static boolean write(Path original, PictureHeader header, Path target) throws IOException {
    try (HeaderBytes bytes = HeaderBytes.of(original, Integer.MAX_VALUE)) {
      TiffDirectory page = TiffDirectory.first(bytes, 0);
      for (int i = 0; i < header.page(); i++) {
        page = page.at(page.next());
      }
      return new Copy(bytes, page, header).write(target);
    } catch (HeaderBytes.Unreadable e) {
      throw new Unread(String.valueOf(e.getMessage()));
    }
  }

  /** What the numbers of a picture are made bytes by. */
  private record Scale(double black, double white) {
    byte of(double number) {
      double level = (number - black) / (white - black) * 255;
      return (byte) (level >= 255 ? 255 : level > 0 ? (int) (level + 0.5) : 0);
    }
  }

  private static final class Copy {
    private final HeaderBytes bytes;
    private final boolean little;
    private final int width;
    private final int height;
    private final int samples;
    private final int bits;
    private final int format;
    private final int photometric;
    private final int compression;
    private final int predictor;
    private final boolean planar;
    private final int colours;
    private final int blockWidth;
    private final int blockHeight;
    private final boolean tiled;
    private final int across;
    private final int down;
    private final List<Long> offsets;
    private final List<Long> counts;
    private final int subsamplingX;
    private final int subsamplingY;
    private final int orientation;
    private final byte[] profile;
    private boolean whole = true;
    private boolean any;

    Copy(HeaderBytes bytes, TiffDirectory page, PictureHeader header) throws IOException {
      this.bytes = bytes;
      this.little = page.little();
      this.width = header.width();
      this.height = header.height();
      this.samples = TiffPage.samples(page);
      this.bits = TiffPage.bits(page);
      this.format = TiffPage.format(page);
      this.photometric = (int) page.number(TiffPage.PHOTOMETRIC);
      this.compression = TiffPage.compression(page);
      this.predictor = page.has(TiffPage.PREDICTOR) ? (int) page.number(TiffPage.PREDICTOR) : 1;
      this.planar = page.number(TiffPage.PLANAR_CONFIGURATION) == 2 && samples > 1;
      this.colours = photometric >= TiffPage.RGB ? 3 : 1;
      this.tiled = page.has(TiffPage.TILE_WIDTH);
      long rows = page.has(TiffPage.ROWS_PER_STRIP) ? page.number(TiffPage.ROWS_PER_STRIP) : height;
      this.blockWidth = tiled ? HeaderBytes.extent(page.number(TiffPage.TILE_WIDTH)) : width;
      this.blockHeight =
          tiled
              ? HeaderBytes.extent(page.number(TiffPage.TILE_LENGTH))
              : (int) Math.max(1, Math.min(height, rows));
      this.across = (width - 1) / blockWidth + 1;
      this.down = (height - 1) / blockHeight + 1;
      this.offsets =
          page.numbers(tiled ? TiffPage.TILE_OFFSETS : TiffPage.STRIP_OFFSETS, STRIPS_AT_MOST);
      this.counts =
          page.numbers(
              tiled ? TiffPage.TILE_BYTE_COUNTS : TiffPage.STRIP_BYTE_COUNTS, STRIPS_AT_MOST);
      List<Long> subsampling = page.numbers(TiffPage.YCBCR_SUBSAMPLING, 2);
      boolean ycbcr = photometric == TiffPage.YCBCR;
      this.subsamplingX = !ycbcr ? 1 : subsampling.size() < 2 ? 2 : subsampling.get(0).intValue();
      this.subsamplingY = !ycbcr ? 1 : subsampling.size() < 2 ? 2 : subsampling.get(1).intValue();
      long said = page.number(TiffPage.ORIENTATION);
      this.orientation = said >= 1 && said <= 8 ? (int) said : 1;
      this.profile = page.bytes(TiffPage.ICC_PROFILE, PROFILE_BYTES_AT_MOST);
      refuseWhatIsNotRead();
    }

    private void refuseWhatIsNotRead() throws Unread {
      boolean numbers =
          switch (format) {
            case TiffPage.FLOAT -> bits == 16 || bits == 24 || bits == 32 || bits == 64;
            case TiffPage.SIGNED -> bits == 8 || bits == 16 || bits == 32 || bits == 64;
            default -> bits >= 1 && bits <= 32 && format == TiffPage.UNSIGNED;
          };
      boolean ycbcr = photometric == TiffPage.YCBCR;
      if (!numbers
          || !TiffPackings.reads(compression)
          || samples < colours
          || photometric > TiffPage.RGB && !ycbcr
          || ycbcr && (bits != 8 || samples != 3 || planar)
          || !List.of(1, 2, 4).contains(subsamplingX)
          || !List.of(1, 2, 4).contains(subsamplingY)
          || predictor < 1
          || predictor > 3
          || predictor == 2 && bits != 8 && bits != 16 && bits != 32 && bits != 64
          || predictor == 3 && format != TiffPage.FLOAT) {
        throw new Unread("samples of %d bits, packed by %d".formatted(bits, compression));
      }
      if (blockBytes() > STRIP_BYTES_AT_MOST) {
        throw new Unread("a strip of " + blockBytes() + " bytes");
      }
    }

    private int samplesInBlock() {
      return planar ? 1 : samples;
    }

    private long rowBytes() {
      return ((long) blockWidth * samplesInBlock() * bits + 7) / 8;
    }

    private long blockBytes() {
      if (subsamplingX * subsamplingY > 1) {
        return units(blockWidth, subsamplingX)
            * units(blockHeight, subsamplingY)
            * (subsamplingX * subsamplingY + 2);
      }
      return rowBytes() * blockHeight;
    }

    private static long units(int pixels, int of) {
      return (pixels + of - 1L) / of;
    }

    boolean write(Path target) throws IOException {
      Scale scale = scale();
      try (OutputStream file = Files.newOutputStream(target);
          DataOutputStream out = new DataOutputStream(new BufferedOutputStream(file, 1 << 16))) {
        head(out);
        byte[] rows = new byte[0];
        for (int row = 0; row < down; row++) {
          int lines = Math.min(blockHeight, height - row * blockHeight);
          long bytesOfRows = (long) width * colours * lines;
          if (bytesOfRows > STRIP_BYTES_AT_MOST) {
            throw new Unread("a row of tiles of " + bytesOfRows + " bytes");
          }
          if (rows.length != bytesOfRows) {
            rows = new byte[(int) bytesOfRows];
          }
          for (int column = 0; column < across; column++) {
            draw(row, column, lines, scale, rows);
          }
          out.write(rows);
        }
      }
      if (!any) {
        throw new Unread("not one line is there");
      }
      return whole;
    }

    /** The header, and the one directory, before the pixels. */
    private void head(DataOutputStream out) throws IOException {
      int entries = profile.length > 0 ? 11 : 10;
      int directory = 8;
      int bitsAt = directory + 2 + 12 * entries + 4;
      int profileAt = bitsAt + 6;
      long pixels = (long) width * height * colours;
      if (pixels > 0xffffffffL - (profileAt + profile.length)) {
        throw new Unread(pixels + " bytes of pixels");
      }
      out.writeBytes("MM\0*");
      out.writeInt(directory);
      out.writeShort(entries);
      entry(out, TiffPage.WIDTH, 4, 1, width);
      entry(out, TiffPage.LENGTH, 4, 1, height);
      if (colours == 3) {
        entry(out, TiffPage.BITS_PER_SAMPLE, 3, 3, bitsAt);
      } else {
        entry(out, TiffPage.BITS_PER_SAMPLE, 3, 1, 8 << 16);
      }
      entry(out, TiffPage.COMPRESSION, 3, 1, 1 << 16);
      entry(
          out,
          TiffPage.PHOTOMETRIC,
          3,
          1,
          (colours == 3 ? TiffPage.RGB : TiffPage.BLACK_IS_ZERO) << 16);
      entry(out, TiffPage.STRIP_OFFSETS, 4, 1, profileAt + profile.length);
      entry(out, TiffPage.ORIENTATION, 3, 1, orientation << 16);
      entry(out, TiffPage.SAMPLES_PER_PIXEL, 3, 1, colours << 16);
      entry(out, TiffPage.ROWS_PER_STRIP, 4, 1, height);
      entry(out, TiffPage.STRIP_BYTE_COUNTS, 4, 1, (int) pixels);
      if (profile.length > 0) {
        entry(out, TiffPage.ICC_PROFILE, 7, profile.length, profileAt);
      }
      out.writeInt(0); // no further directory
      for (int i = 0; i < 3; i++) {
        out.writeShort(8);
      }
      out.write(profile);
    }

    private static void entry(DataOutputStream out, int tag, int type, int count, int value)
        throws IOException {
      out.writeShort(tag);
      out.writeShort(type);
      out.writeInt(count);
      out.writeInt(value);
    }

    /** Of a byte each is its own level; else what all numbers of the picture tell. */
    private Scale scale() throws IOException {
      double full = Math.pow(2, format == TiffPage.SIGNED ? bits - 1 : bits) - 1;
      if (format == TiffPage.UNSIGNED && bits <= 16) {
        return new Scale(0, full);
      }
      double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
      for (int row = 0; row < down; row++) {
        for (int column = 0; column < across; column++) {
          int lines = Math.min(blockHeight, height - row * blockHeight);
          int pixels = Math.min(blockWidth, width - column * blockWidth);
          for (int plane = 0; plane < (planar ? colours : 1); plane++) {
            Block block = block(row, column, plane);
            for (int y = 0; y < Math.min(lines, block.lines()); y++) {
              for (int x = 0; x < pixels; x++) {
                for (int sample = 0; sample < (planar ? 1 : colours); sample++) {
                  double number = number(block, y, x, sample);
                  if (number < range[0] && number >= -Double.MAX_VALUE) {
                    range[0] = number;
                  }
                  if (number > range[1] && number <= Double.MAX_VALUE) {
                    range[1] = number;
                  }
                }
              }
            }
          }
        }
      }
      return scale(range[0], range[1], full);
    }

    private Scale scale(double least, double most, double full) {
      if (!(least < most)) { // one number, or none
        double only = Double.isFinite(most) ? most : 0;
        return new Scale(Math.min(0, only), Math.max(1, only));
      }
      if (least < 0) {
        boolean wide = format == TiffPage.SIGNED && most - least > full / 2;
        return wide ? new Scale(-full - 1, full) : new Scale(least, most);
      }
      double[] whites =
          format == TiffPage.FLOAT ? new double[] {1, 255, 65535} : new double[] {255, 65535, full};
      for (double white : whites) {
        if (most <= white && most > white / 16 && (white <= full || format == TiffPage.FLOAT)) {
          return new Scale(0, white);
        }
      }
      return new Scale(0, most);
    }

    /**
     * A strip or tile, unpacked.
     *
     * @param lines that are there whole
     */
    private record Block(byte[] data, int lines, boolean little) {}

    private Block block(int row, int column, int plane) throws IOException {
      int index = (plane * down + row) * across + column;
      int lines = tiled ? blockHeight : Math.min(blockHeight, height - row * blockHeight);
      long rowBytes = rowBytes();
      boolean subsampled = subsamplingX * subsamplingY > 1;
      byte[] data = new byte[(int) (subsampled ? blockBytes() : rowBytes * lines)];
      int got = 0;
      if (index < offsets.size()) {
        long from = offsets.get(index);
        long most = Math.max(0, bytes.size() - from);
        // Some write no counts, and some wrong ones, where nothing is packed.
        long said = compression == 1 ? data.length : index < counts.size() ? counts.get(index) : 0;
        int there = (int) Math.min(Math.min(said, most), 2L * STRIP_BYTES_AT_MOST);
        got = TiffPackings.unpack(compression, bytes.run(from, there), data);
      }
      if (subsampled) {
        long lineOfUnits = units(blockWidth, subsamplingX) * (subsamplingX * subsamplingY + 2);
        return new Block(data, (int) Math.min(lines, got / lineOfUnits * subsamplingY), little);
      }
      int there = (int) (rowBytes == 0 ? 0 : got / rowBytes);
      boolean littleNow = unpredicted(data, there, (int) rowBytes);
      return new Block(data, there, littleNow);
    }

    /** Takes the predictor back, and tells the order of bytes that the numbers then have. */
    private boolean unpredicted(byte[] data, int lines, int rowBytes) {
      int step = samplesInBlock();
      int size = bits / 8;
      for (int y = 0; y < lines && predictor > 1; y++) {
        int row = y * rowBytes;
        if (predictor == 2) {
          for (int i = step; i < blockWidth * step; i++) {
            int at = row + i * size;
            long sum = whole(data, at, size, little) + whole(data, at - step * size, size, little);
            for (int k = 0; k < size; k++) {
              data[at + k] = (byte) (sum >> 8 * (little ? k : size - 1 - k));
            }
          }
        } else { // Adobe Photoshop TIFF Technical Note 3: bytes of a kind together
          for (int i = step; i < rowBytes; i++) {
            data[row + i] += data[row + i - step];
          }
          byte[] line = Arrays.copyOfRange(data, row, row + rowBytes);
          int count = blockWidth * step;
          for (int i = 0; i < count; i++) {
            for (int k = 0; k < size; k++) {
              data[row + i * size + k] = line[k * count + i];
            }
          }
        }
      }
      return predictor == 3 ? false : little;
    }

    private static long whole(byte[] data, int at, int size, boolean little) {
      long value = 0;
      for (int k = 0; k < size; k++) {
        value = value << 8 | data[at + (little ? size - 1 - k : k)] & 0xff;
      }
      return value;
    }

    private double number(Block block, int y, int x, int sample) {
      long bit = (long) x * samplesInBlock() * bits + (long) sample * bits;
      int row = (int) (y * rowBytes());
      if (bits % 8 != 0) { // the highest bits first, whatever the order of bytes
        long value = 0;
        for (int i = 0; i < bits; i++) {
          long at = bit + i;
          value = value << 1 | block.data()[row + (int) (at >> 3)] >> 7 - (at & 7) & 1;
        }
        return value;
      }
      int size = bits / 8;
      long value = whole(block.data(), row + (int) (bit >> 3), size, block.little());
      return switch (format) {
        case TiffPage.SIGNED -> value << 64 - bits >> 64 - bits;
        case TiffPage.FLOAT ->
            switch (size) {
              case 2 -> small((int) value, 5, 10);
              case 3 -> small((int) value, 7, 16);
              case 4 -> Float.intBitsToFloat((int) value);
              default -> Double.longBitsToDouble(value);
            };
        default -> value;
      };
    }

    /**
     * A number of sign, exponent and fraction, as IEEE 754 has them: of binary16 5 and 10 bits, of
     * Adobe's 24 bits (Photoshop TIFF Technical Note 3) 7 and 16.
     */
    private static double small(int bits, int exponentBits, int fractionBits) {
      int most = (1 << exponentBits) - 1;
      int one = 1 << fractionBits;
      int lowest = 2 - (1 << exponentBits - 1) - fractionBits; // the exponent of the last bit
      int exponent = bits >> fractionBits & most;
      int fraction = bits & one - 1;
      double size =
          exponent == most
              ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
              : exponent == 0
                  ? Math.scalb((double) fraction, lowest)
                  : Math.scalb((double) (one + fraction), lowest + exponent - 1);
      return (bits >> exponentBits + fractionBits & 1) == 0 ? size : -size;
    }

    private void draw(int row, int column, int lines, Scale scale, byte[] rows) throws IOException {
      int pixels = Math.min(blockWidth, width - column * blockWidth);
      for (int plane = 0; plane < (planar ? colours : 1); plane++) {
        Block block = block(row, column, plane);
        whole &= block.lines() >= lines;
        any |= block.lines() > 0;
        for (int y = 0; y < lines; y++) {
          for (int x = 0; x < pixels; x++) {
            int at = (y * width + column * blockWidth + x) * colours + plane;
            if (y >= block.lines()) {
              for (int i = 0; i < (planar ? 1 : colours); i++) {
                rows[at + i] = (byte) GREY;
              }
            } else if (photometric == TiffPage.YCBCR) {
              ycbcr(block, y, x, rows, at);
            } else {
              for (int i = 0; i < (planar ? 1 : colours); i++) {
                byte level = scale.of(number(block, y, x, i));
                rows[at + i] = photometric == TiffPage.WHITE_IS_ZERO ? (byte) ~level : level;
              }
            }
          }
        }
      }
    }

    /** Section 21, with the coefficients of ITU-R BT.601 in full range, as JPEG has them. */
    private void ycbcr(Block block, int y, int x, byte[] rows, int at) {
      int unit = subsamplingX * subsamplingY + 2;
      long perLine = units(blockWidth, subsamplingX);
      int from = (int) (y / subsamplingY * perLine + x / subsamplingX) * unit;
      byte[] data = block.data();
      int luma = data[from + y % subsamplingY * subsamplingX + x % subsamplingX] & 0xff;
      int blue = (data[from + unit - 2] & 0xff) - 128;
      int red = (data[from + unit - 1] & 0xff) - 128;
      rows[at] = level(luma + 1.402 * red);
      rows[at + 1] = level(luma - 0.344136 * blue - 0.714136 * red);
      rows[at + 2] = level(luma + 1.772 * blue);
    }

    private static byte level(double value) {
      return (byte) Math.max(0, Math.min(255, Math.round(value)));
    }
  }
}
