package io.caravel.photo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/** A black PNG, 8 bit RGB, with whatever chunks a test wants in it. */
public final class DrawnPng {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final byte[] pixels;

  public DrawnPng(int width, int height) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
      byte[] row = new byte[1 + 3 * width];
      for (int y = 0; y < height; y++) {
        deflater.write(row);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    pixels = packed.toByteArray();
    bytes.writeBytes(new byte[] {(byte) 137, 'P', 'N', 'G', 13, 10, 26, 10});
    byte[] head =
        ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) 8).put((byte) 2).array();
    chunk("IHDR", head);
  }

  /** A chunk before the pixels, or behind them. */
  public DrawnPng chunk(String type, byte[]... data) {
    byte[] name = latin(type);
    CRC32 crc = new CRC32();
    crc.update(name);
    bytes.writeBytes(number(Stream.of(data).mapToInt(part -> part.length).sum()));
    bytes.writeBytes(name);
    for (byte[] part : data) {
      crc.update(part);
      bytes.writeBytes(part);
    }
    bytes.writeBytes(number((int) crc.getValue()));
    return this;
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  /** The pixels, which chunks may follow. */
  public DrawnPng pixels() {
    return chunk("IDAT", pixels);
  }

  /** The pixels, a few bytes a chunk. */
  public DrawnPng pixelsInPieces(int length) {
    for (int at = 0; at < pixels.length; at += length) {
      chunk("IDAT", Arrays.copyOfRange(pixels, at, Math.min(pixels.length, at + length)));
    }
    return this;
  }

  public byte[] end() {
    return chunk("IEND").bytes.toByteArray();
  }

  /** Such as the keyword of a text, with its zeros. */
  public static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** What becomes so many megabytes of the letter a when it is unpacked. */
  public static byte[] packed(int megabytes) {
    byte[] megabyte = new byte[1 << 20];
    Arrays.fill(megabyte, (byte) 'a');
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
      for (int i = 0; i < megabytes; i++) {
        deflater.write(megabyte);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }
}
