package io.caravel.crash;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Makes small JPEGs, each with bytes of its own; of some the EXIF has a place of its own.
 * Thread-safe.
 */
public final class Camera {
  static final int WIDTH = 640;
  static final int HEIGHT = 480;

  private static final int SCENES = 12;
  private static final int PLACED = 5;

  private final List<byte[]> scenes = new ArrayList<>();
  private final String roll;
  private final int placed;
  private int taken;

  /** The same seed draws the same scenes; the roll makes the bytes distinct from other cameras'. */
  Camera(long seed, String roll) {
    this(seed, roll, WIDTH, HEIGHT, PLACED);
  }

  /** Photos of this size; every so many of them with a place. */
  public Camera(long seed, String roll, int width, int height, int placed) {
    this.roll = roll;
    this.placed = placed;
    Random random = new Random(seed);
    for (int scene = 0; scene < SCENES; scene++) {
      scenes.add(draw(random, scene, width, height));
    }
  }

  /**
   * One photo.
   *
   * @param placed whether its EXIF has a position
   */
  public record Shot(String filename, byte[] bytes, String sha256, boolean placed) {}

  public Shot shoot() {
    int number;
    synchronized (this) {
      number = ++taken;
    }
    boolean here = number % placed == 0;
    byte[] scene = scenes.get(number % SCENES);
    ByteArrayOutputStream photo = new ByteArrayOutputStream();
    photo.write(scene, 0, 2); // start of image
    if (here) {
      photo.writeBytes(segment(0xE1, position(number)));
    }
    photo.writeBytes(
        segment(0xFE, (roll + " photo " + number).getBytes(StandardCharsets.US_ASCII)));
    photo.write(scene, 2, scene.length - 2);
    byte[] bytes = photo.toByteArray();
    // Few names: they collide, as cameras' names do.
    return new Shot("IMG_%04d.jpg".formatted(number % 400), bytes, sha256(bytes), here);
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] draw(Random random, int scene, int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = picture.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    for (int shape = 0; shape < 60; shape++) {
      pen.setColor(new Color(random.nextInt(1 << 24)));
      pen.fillOval(random.nextInt(width), random.nextInt(height), width / 4, height / 5);
    }
    pen.setColor(Color.WHITE);
    pen.setFont(new Font(Font.SANS_SERIF, Font.BOLD, height / 8));
    pen.drawString("scene " + scene, width / 16, height / 2);
    pen.dispose();
    try {
      ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
      ImageIO.write(picture, "jpg", jpeg);
      return jpeg.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] segment(int marker, byte[] content) {
    return ByteBuffer.allocate(content.length + 4)
        .put((byte) 0xFF)
        .put((byte) marker)
        .putShort((short) (content.length + 2))
        .put(content)
        .array();
  }

  /** EXIF 2.32, 4.6.6 (GPS): north and east, a thousandth of a degree further with each photo. */
  private static byte[] position(int number) {
    int degrees = 26; // offset of the GPS directory in the TIFF part
    int values = degrees + 2 + 4 * 12 + 4;
    ByteBuffer tiff = ByteBuffer.allocate(6 + values + 48);
    tiff.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII));
    tiff.put("MM".getBytes(StandardCharsets.US_ASCII)).putShort((short) 42).putInt(8);
    tiff.putShort((short) 1); // one entry: GPSInfo
    tiff.putShort((short) 0x8825).putShort((short) 4).putInt(1).putInt(degrees).putInt(0);
    tiff.putShort((short) 4);
    tiff.putShort((short) 1).putShort((short) 2).putInt(2).putInt('N' << 24);
    tiff.putShort((short) 2).putShort((short) 5).putInt(3).putInt(values);
    tiff.putShort((short) 3).putShort((short) 2).putInt(2).putInt('E' << 24);
    tiff.putShort((short) 4).putShort((short) 5).putInt(3).putInt(values + 24);
    tiff.putInt(0);
    tiff.putInt(48).putInt(1).putInt(0).putInt(1).putInt(0).putInt(1);
    tiff.putInt(10_000 + number).putInt(1000).putInt(0).putInt(1).putInt(0).putInt(1);
    return tiff.array();
  }
}
