package io.caravel.photo;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.jspecify.annotations.NullUnmarked;

/** RAW files as cameras build them, of few pixels: a sensor's readings in a TIFF, and a preview. */
@NullUnmarked
public final class DrawnRaw {
  private static final int LONG = 4;

  private final TreeMap<Integer, byte[]> values = new TreeMap<>();
  private final TreeMap<Integer, Integer> types = new TreeMap<>();

  private DrawnRaw() {}

  /** A preview of four colours, 320 x 240. */
  public static byte[] preview() throws IOException {
    BufferedImage picture = new BufferedImage(320, 240, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 240; y++) {
      for (int x = 0; x < 320; x++) {
        int[] colour = DrawnTiff.COLOURS[(x < 160 ? 0 : 1) + (y < 120 ? 0 : 2)];
        picture.setRGB(x, y, colour[0] << 16 | colour[1] << 8 | colour[2]);
      }
    }
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(picture, "jpg", jpeg);
    return jpeg.toByteArray();
  }

  /**
   * A maker's file: the readings in the first directory, the preview in the second.
   *
   * @param compression the maker's own
   * @param preview null: none
   */
  public static byte[] of(String make, int compression, byte[] preview) {
    DrawnRaw first = sensor(make, compression, 12);
    byte[] readings = new byte[64 * 48 * 2];
    int data = 1024; // behind both directories
    first.longs(0x111, data).longs(0x117, readings.length);
    ByteBuffer file =
        ByteBuffer.allocate(data + readings.length + (preview == null ? 0 : preview.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8);
    int end = first.write(file, 8, preview == null ? 0 : 700);
    if (end > 700) {
      throw new IllegalStateException("the directories overlap");
    }
    if (preview != null) {
      new DrawnRaw()
          .shorts(0x103, 6)
          .longs(0x201, data + readings.length)
          .longs(0x202, preview.length)
          .write(file, 700, 0);
    }
    file.position(data).put(readings);
    if (preview != null) {
      file.put(preview);
    }
    return file.array();
  }

  /** A DNG without a preview, which LibRaw reads: uncompressed readings of four colours. */
  public static byte[] dng() {
    int width = 320;
    int height = 240;
    ByteBuffer readings = ByteBuffer.allocate(2 * width * height).order(ByteOrder.LITTLE_ENDIAN);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int[] colour = DrawnTiff.COLOURS[(x < width / 2 ? 0 : 1) + (y < height / 2 ? 0 : 2)];
        int band = y % 2 == 0 ? x % 2 : 1 + x % 2; // R G / G B
        readings.putShort((short) (Math.pow(colour[band] / 255.0, 2.2) * 16000 + 200));
      }
    }
    DrawnRaw first = sensor("Nobody", 1, 16);
    first
        .longs(0x100, width)
        .longs(0x101, height)
        .longs(0x116, height)
        .longs(0x111, 2048)
        .longs(0x117, readings.capacity())
        .shorts(0x828d, 2, 2)
        .bytes(0x828e, 1, 0, 1, 1, 2)
        .bytes(0xc612, 1, 1, 4, 0, 0)
        .bytes(0xc613, 1, 1, 1, 0, 0)
        .text(0xc614, "Nobody One")
        .shorts(0xc61a, 200)
        .longs(0xc61d, 16200)
        .rationals(0xc621, true, 3240, -1537, -498, -969, 1876, 41, 55, -204, 1057)
        .rationals(0xc628, false, 1000, 1000, 1000)
        .shorts(0xc65a, 21);
    ByteBuffer file =
        ByteBuffer.allocate(2048 + readings.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8);
    first.write(file, 8, 0);
    file.position(2048).put(readings.array());
    return file.array();
  }

  /** Minolta's: blocks in front of the readings, the second of them a TIFF. */
  public static byte[] minolta() {
    ByteBuffer tiff = ByteBuffer.allocate(400).order(ByteOrder.BIG_ENDIAN);
    tiff.put((byte) 'M').put((byte) 'M').putShort((short) 42).putInt(8);
    DrawnRaw first = new DrawnRaw();
    first.order = ByteOrder.BIG_ENDIAN;
    first.longs(0x100, 64).longs(0x101, 48).text(0x10f, "Minolta Co., Ltd.");
    first.text(0x110, "DiMAGE X-1").text(0x132, "2004:02:02 02:02:02");
    first.write(tiff, 8, 0);
    ByteBuffer file = ByteBuffer.allocate(8 + 8 + 24 + 8 + 400 + 64 * 48 * 2);
    file.put(latin("\0MRM")).putInt(8 + 24 + 8 + 400);
    file.put(latin("\0PRD")).putInt(24).put(latin("21860002"));
    file.putShort((short) 48).putShort((short) 64).putShort((short) 48).putShort((short) 64);
    file.put((byte) 12).put((byte) 12).put((byte) 0x59).put(new byte[5]);
    file.put(latin("\0TTW")).putInt(400).put(tiff.array());
    return file.array();
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static DrawnRaw sensor(String make, int compression, int bits) {
    return new DrawnRaw()
        .longs(0x100, 64)
        .longs(0x101, 48)
        .shorts(0x102, bits)
        .shorts(0x103, compression)
        .shorts(0x106, 32803)
        .text(0x10f, make)
        .text(0x110, make + " One")
        .shorts(0x112, 1)
        .shorts(0x115, 1)
        .longs(0x116, 48)
        .text(0x132, "2012:02:02 02:02:02");
  }

  private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

  private DrawnRaw put(int tag, int type, byte[] bytes) {
    values.put(tag, bytes);
    types.put(tag, type);
    return this;
  }

  private DrawnRaw text(int tag, String text) {
    return put(tag, 2, latin(text + "\0"));
  }

  private DrawnRaw bytes(int tag, int type, int... numbers) {
    byte[] bytes = new byte[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      bytes[i] = (byte) numbers[i];
    }
    return put(tag, type, bytes);
  }

  private DrawnRaw shorts(int tag, int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * numbers.length).order(order);
    for (int each : numbers) {
      bytes.putShort((short) each);
    }
    return put(tag, 3, bytes.array());
  }

  private DrawnRaw longs(int tag, int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(order);
    for (int each : numbers) {
      bytes.putInt(each);
    }
    return put(tag, LONG, bytes.array());
  }

  /** Of thousandths. */
  private DrawnRaw rationals(int tag, boolean signed, int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * numbers.length).order(order);
    for (int each : numbers) {
      bytes.putInt(each).putInt(1000);
    }
    return put(tag, signed ? 10 : 5, bytes.array());
  }

  /** Writes the directory there and its values behind it; tells where they end. */
  private int write(ByteBuffer file, int at, int next) {
    int behind = at + 2 + 12 * values.size() + 4;
    file.position(at);
    file.putShort((short) values.size());
    for (int tag : values.keySet()) {
      byte[] bytes = values.get(tag);
      int size = new int[] {0, 1, 1, 2, 4, 8, 0, 0, 0, 0, 8}[types.get(tag)];
      file.putShort((short) tag).putShort((short) (int) types.get(tag)).putInt(bytes.length / size);
      if (bytes.length <= 4) {
        file.put(bytes).put(new byte[4 - bytes.length]);
      } else {
        file.putInt(behind);
        for (int i = 0; i < bytes.length; i++) {
          file.put(behind + i, bytes[i]);
        }
        behind += bytes.length + (bytes.length & 1);
      }
    }
    file.putInt(next);
    return behind;
  }
}
