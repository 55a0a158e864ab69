package io.caravel.photo;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.NullUnmarked;

/**
 * TIFFs of 64 x 48 pixels in four quarters, in all the ways that numbers can be stored in one
 * (little-endian). A page is its strips and its tags.
 */
@NullUnmarked
public final class DrawnTiff {
  public static final int WIDTH = 64;
  public static final int HEIGHT = 48;

  /** Red, green; blue, yellow. */
  public static final int[][] COLOURS = {
    {0xc8, 0x1e, 0x1e}, {0x1e, 0x9f, 0x1e}, {0x1d, 0x1e, 0xc8}, {0xdc, 0xdb, 0x28}
  };

  private static final int[][] GREYS = {{40}, {100}, {160}, {220}};

  private final TreeMap<Integer, long[]> tags = new TreeMap<>(); // SHORT or LONG, by its size
  private final List<byte[]> strips = new ArrayList<>();
  private int[][] colours;
  private int extra;

  /** A page of RGB, or of grey, of bytes. */
  public static DrawnTiff page(boolean grey) {
    DrawnTiff page = new DrawnTiff();
    page.colours = grey ? GREYS : COLOURS;
    page.tags.put(TiffPage.WIDTH, new long[] {WIDTH});
    page.tags.put(TiffPage.LENGTH, new long[] {HEIGHT});
    page.tags.put(TiffPage.COMPRESSION, new long[] {1});
    page.tags.put(TiffPage.ROWS_PER_STRIP, new long[] {HEIGHT});
    page.with(TiffPage.PHOTOMETRIC, grey ? TiffPage.BLACK_IS_ZERO : TiffPage.RGB);
    return page.numbers(8, TiffPage.UNSIGNED, value -> value);
  }

  public DrawnTiff with(int tag, long... values) {
    tags.put(tag, values);
    return this;
  }

  /** A further sample of 7 for each pixel, of a meaning that is said or not. */
  public DrawnTiff extra(int meaning) {
    extra = 1;
    return meaning < 0 ? this : with(TiffPage.EXTRA_SAMPLES, meaning);
  }

  /**
   * @param number of a level from 0 to 255
   */
  public DrawnTiff numbers(int bits, int format, DoubleUnaryOperator number) {
    Bits all = new Bits();
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        for (int level : colour(x, y)) {
          all.put(encoded(bits, format, number.applyAsDouble(level)), bits);
        }
        if (extra > 0) {
          all.put(7, bits);
        }
      }
    }
    int samples = colours[0].length + extra;
    long[] each = new long[samples];
    java.util.Arrays.fill(each, bits);
    tags.put(TiffPage.BITS_PER_SAMPLE, each);
    long[] formats = new long[samples];
    java.util.Arrays.fill(formats, format);
    tags.put(TiffPage.SAMPLE_FORMAT, formats);
    tags.put(TiffPage.SAMPLES_PER_PIXEL, new long[] {samples});
    strips.clear();
    strips.add(all.bytes());
    return this;
  }

  /** The colours' samples apart: one strip each. */
  public DrawnTiff planar(int bits, int format, DoubleUnaryOperator number) {
    numbers(bits, format, number).with(TiffPage.PLANAR_CONFIGURATION, 2);
    strips.clear();
    for (int plane = 0; plane < colours[0].length; plane++) {
      Bits one = new Bits();
      for (int i = 0; i < WIDTH * HEIGHT; i++) {
        int level = colour(i % WIDTH, i / WIDTH)[plane];
        one.put(encoded(bits, format, number.applyAsDouble(level)), bits);
      }
      strips.add(one.bytes());
    }
    return this;
  }

  /** YCbCr in units of so many pixels. */
  public DrawnTiff ycbcr(int across, int down) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (int y = 0; y < HEIGHT; y += down) {
      for (int x = 0; x < WIDTH; x += across) {
        int[] c = colour(x, y);
        double luma = 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2];
        for (int i = 0; i < across * down; i++) {
          data.write((int) Math.round(luma));
        }
        data.write((int) Math.round(128 + (c[2] - luma) / 1.772));
        data.write((int) Math.round(128 + (c[0] - luma) / 1.402));
      }
    }
    strips.clear();
    strips.add(data.toByteArray());
    return with(TiffPage.PHOTOMETRIC, TiffPage.YCBCR)
        .with(TiffPage.YCBCR_SUBSAMPLING, across, down);
  }

  /** The data as another packs them. */
  public DrawnTiff packed(int compression, java.util.function.UnaryOperator<byte[]> packing) {
    strips.replaceAll(packing);
    return with(TiffPage.COMPRESSION, compression);
  }

  private int[] colour(int x, int y) {
    return colours[(x < WIDTH / 2 ? 0 : 1) + (y < HEIGHT / 2 ? 0 : 2)];
  }

  private static long encoded(int bits, int format, double number) {
    if (format != TiffPage.FLOAT) {
      return (long) number;
    }
    return switch (bits) {
      case 16 -> half((float) number);
      case 32 -> Float.floatToIntBits((float) number);
      default -> Double.doubleToLongBits(number);
    };
  }

  /** IEEE 754 binary16 of a number from 2^-14 up, cut off. */
  private static long half(float number) {
    int bits = Float.floatToIntBits(number);
    return number == 0
        ? 0
        : (bits >>> 31) << 15 | ((bits >> 23 & 255) - 112) << 10 | bits >> 13 & 1023;
  }

  /** Numbers of whole bytes least byte first, others highest bit first. */
  private static final class Bits {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int held;
    private int count;

    void put(long value, int bits) {
      if (bits % 8 == 0) {
        for (int i = 0; i < bits; i += 8) {
          out.write((int) (value >> i));
        }
        return;
      }
      for (int i = bits - 1; i >= 0; i--) {
        held = held << 1 | (int) (value >> i & 1);
        if (++count == 8) {
          out.write(held);
          held = 0;
          count = 0;
        }
      }
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }

  /** A file of these pages, whose data stand behind their directories. */
  public static byte[] file(DrawnTiff... pages) {
    ByteBuffer file = ByteBuffer.allocate(8 << 20).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8);
    for (int i = 0; i < pages.length; i++) {
      pages[i].write(file, i + 1 < pages.length);
    }
    byte[] bytes = new byte[file.position()];
    file.flip().get(bytes);
    return bytes;
  }

  private void write(ByteBuffer file, boolean more) {
    Map<Integer, long[]> all = new TreeMap<>(tags);
    long[] offsets = new long[strips.size()];
    long[] counts = strips.stream().mapToLong(strip -> strip.length).toArray();
    all.put(TiffPage.STRIP_OFFSETS, offsets);
    all.put(TiffPage.STRIP_BYTE_COUNTS, counts);
    int values = file.position() + 2 + 12 * all.size() + 4;
    int data = values;
    for (long[] each : all.values()) {
      data += each.length == 1 ? 0 : 4 * each.length;
    }
    for (int i = 0, at = data; i < offsets.length; i++) {
      offsets[i] = at;
      at += strips.get(i).length + (strips.get(i).length & 1);
    }
    file.putShort((short) all.size());
    ByteBuffer behind = ByteBuffer.allocate(data - values).order(ByteOrder.LITTLE_ENDIAN);
    for (Map.Entry<Integer, long[]> each : all.entrySet()) {
      file.putShort((short) (int) each.getKey()).putShort((short) 4).putInt(each.getValue().length);
      if (each.getValue().length == 1) {
        file.putInt((int) each.getValue()[0]);
      } else {
        file.putInt(values + behind.position());
        for (long value : each.getValue()) {
          behind.putInt((int) value);
        }
      }
    }
    int next = file.position();
    file.putInt(0).put(behind.array());
    for (byte[] strip : strips) {
      file.put(strip);
      if (strip.length % 2 == 1) {
        file.put((byte) 0);
      }
    }
    if (more) {
      file.putInt(next, file.position());
    }
  }
}
