package io.caravel.route;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** A small JPEG made for a test, no two with the same bytes, with the EXIF tags it is told. */
public final class Picture {
  private static final byte[] PLAIN = plain(48, 32);

  private final byte[] pixels;
  private int orientation = 1;
  private @Nullable String make;
  private @Nullable String model;
  private @Nullable String takenAt;
  private double @Nullable [] position;

  private Picture(byte[] pixels) {
    this.pixels = pixels;
  }

  /** 48 x 32 pixels, blue. */
  public static Picture tiny() {
    return new Picture(PLAIN);
  }

  public static Picture of(int width, int height) {
    return new Picture(plain(width, height));
  }

  public static Picture of(BufferedImage drawing) {
    return new Picture(jpeg(drawing));
  }

  /** EXIF value, 1 to 8. */
  public Picture orientation(int value) {
    orientation = value;
    return this;
  }

  /** A model that begins with its maker's name. */
  public Picture by(String makeAndModel) {
    return by(makeAndModel.split(" ", 2)[0], makeAndModel);
  }

  public Picture by(String make, String model) {
    this.make = make;
    this.model = model;
    return this;
  }

  /** As EXIF writes it: {@code 2024:07:14 18:30:05}. */
  public Picture takenAt(String time) {
    takenAt = time;
    return this;
  }

  /** WGS 84 degrees. */
  public Picture at(double latitude, double longitude) {
    position = new double[] {latitude, longitude};
    return this;
  }

  public byte[] bytes() {
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    jpeg.write(pixels, 0, 2);
    segment(jpeg, 0xE1, exif());
    segment(jpeg, 0xFE, UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII));
    jpeg.write(pixels, 2, pixels.length - 2);
    return jpeg.toByteArray();
  }

  private static byte[] plain(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(Color.BLUE);
    pen.fillRect(0, 0, width, height);
    pen.dispose();
    return jpeg(image);
  }

  private static byte[] jpeg(BufferedImage image) {
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "jpg", jpeg);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return jpeg.toByteArray();
  }

  private static void segment(ByteArrayOutputStream jpeg, int marker, byte[] content) {
    jpeg.write(0xFF);
    jpeg.write(marker);
    jpeg.write((content.length + 2) >> 8);
    jpeg.write(content.length + 2);
    jpeg.writeBytes(content);
  }

  /** A field of a TIFF directory. */
  private record Field(int tag, int type, int count, byte[] value) {
    static Field ascii(int tag, String text) {
      byte[] bytes = (text + "\0").getBytes(StandardCharsets.US_ASCII);
      return new Field(tag, 2, bytes.length, bytes);
    }

    static Field number(int tag, int type, int value) {
      return new Field(tag, type, 1, tiff(4).putInt(value).array());
    }

    /** Degrees as EXIF has them: degrees, minutes and seconds, each a fraction. */
    static Field degrees(int tag, double value) {
      double rest = Math.abs(value);
      int whole = (int) rest;
      int minutes = (int) ((rest - whole) * 60);
      long seconds = Math.round(((rest - whole) * 60 - minutes) * 60 * 1_000_000);
      byte[] parts =
          tiff(24)
              .putInt(whole)
              .putInt(1)
              .putInt(minutes)
              .putInt(1)
              .putInt((int) seconds)
              .putInt(1_000_000)
              .array();
      return new Field(tag, 5, 3, parts);
    }
  }

  private static ByteBuffer tiff(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private byte[] exif() {
    List<Field> main = new ArrayList<>();
    if (make != null && model != null) {
      main.add(Field.ascii(0x010F, make));
      main.add(Field.ascii(0x0110, model));
    }
    main.add(Field.number(0x0112, 3, orientation));
    List<Field> exif = new ArrayList<>();
    if (takenAt != null) {
      exif.add(Field.ascii(0x9003, takenAt));
    }
    List<Field> gps = new ArrayList<>();
    if (position != null) {
      gps.add(Field.ascii(1, position[0] < 0 ? "S" : "N"));
      gps.add(Field.degrees(2, position[0]));
      gps.add(Field.ascii(3, position[1] < 0 ? "W" : "E"));
      gps.add(Field.degrees(4, position[1]));
    }
    main.add(Field.number(0x8769, 4, 0));
    main.add(Field.number(0x8825, 4, 0));
    int exifAt = 8 + size(main);
    int gpsAt = exifAt + size(exif);
    main.set(main.size() - 2, Field.number(0x8769, 4, exifAt));
    main.set(main.size() - 1, Field.number(0x8825, 4, gpsAt));
    ByteBuffer all = tiff(gpsAt + size(gps));
    all.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8);
    directory(all, main);
    directory(all, exif);
    directory(all, gps);
    return ByteBuffer.allocate(6 + all.capacity())
        .put("Exif\0\0".getBytes(StandardCharsets.US_ASCII))
        .put(all.array())
        .array();
  }

  private static int size(List<Field> fields) {
    int size = 6 + 12 * fields.size();
    for (Field field : fields) {
      size += field.value().length > 4 ? field.value().length + field.value().length % 2 : 0;
    }
    return size;
  }

  private static void directory(ByteBuffer all, List<Field> fields) {
    int values = all.position() + 6 + 12 * fields.size();
    all.putShort((short) fields.size());
    for (Field field : fields) {
      all.putShort((short) field.tag()).putShort((short) field.type()).putInt(field.count());
      int next = all.position() + 4;
      if (field.value().length <= 4) {
        all.put(field.value());
      } else {
        all.putInt(values);
        all.position(values);
        all.put(field.value());
        values += field.value().length + field.value().length % 2;
      }
      all.position(next);
    }
    all.putInt(0);
    all.position(values);
  }
}
