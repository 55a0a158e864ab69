package io.caravel.photo;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file's header, wherever they lie in it. A small window is read at a time, and only
 * so many windows: a hostile file cannot make it read on and on.
 */
final class HeaderBytes implements Closeable {
  private static final int WINDOW = 4096;

  private final @Nullable FileChannel channel;
  private final long size;
  private final byte[] window;
  private long start;
  private int length;
  private int readsLeft;

  private HeaderBytes(FileChannel channel, int reads) throws IOException {
    this.channel = channel;
    this.size = channel.size();
    this.window = new byte[WINDOW];
    this.readsLeft = reads;
  }

  private HeaderBytes(byte[] all) {
    this.channel = null;
    this.size = all.length;
    this.window = all.clone();
    this.length = all.length;
  }

  /** Of bytes that were packed in a file. */
  static HeaderBytes of(byte[] all) {
    return new HeaderBytes(all);
  }

  /** For a look at the door: at most 4 MB, in nearly all photos 4 to 20 kB. */
  static HeaderBytes of(Path file) throws IOException {
    return of(file, 1024);
  }

  /**
   * @param reads of 4 kB, at most
   */
  static HeaderBytes of(Path file, int reads) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new HeaderBytes(channel, reads);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** The header ends too early, claims what cannot be, or goes on and on. */
  static final class Unreadable extends IOException {
    Unreadable(String reason) {
      super(reason);
    }
  }

  long size() {
    return size;
  }

  int u8(long at) throws IOException {
    if (at < start || at >= start + length) {
      fill(at);
    }
    return window[(int) (at - start)] & 0xff;
  }

  int u16(long at, boolean little) throws IOException {
    return little ? u8(at) | u8(at + 1) << 8 : u8(at) << 8 | u8(at + 1);
  }

  long u32(long at, boolean little) throws IOException {
    return little
        ? u16(at, true) | (long) u16(at + 2, true) << 16
        : (long) u16(at, false) << 16 | u16(at + 2, false);
  }

  /** A 64-bit number; one of 2^63 or more is no offset or length of any file. */
  long u64(long at, boolean little) throws IOException {
    long value =
        little
            ? u32(at, true) | u32(at + 4, true) << 32
            : u32(at, false) << 32 | u32(at + 4, false);
    if (value < 0) {
      throw new Unreadable("a number beyond 2^63");
    }
    return value;
  }

  /** Whether these very bytes stand here; false, too, where the file ends before. */
  boolean has(long at, String latin1) throws IOException {
    if (at < 0 || at + latin1.length() > size) {
      return false;
    }
    for (int i = 0; i < latin1.length(); i++) {
      if (u8(at + i) != latin1.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  String text(long at, int count) throws IOException {
    return new String(bytes(at, count), StandardCharsets.ISO_8859_1);
  }

  byte[] bytes(long at, int count) throws IOException {
    if (at < 0 || count < 0 || at + count > size) {
      throw new Unreadable("ends too early");
    }
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) u8(at + i);
    }
    return bytes;
  }

  /** So many bytes at once, or fewer where the file ends before. */
  byte[] run(long at, int count) throws IOException {
    if (channel == null) {
      int from = (int) Math.max(0, Math.min(size, at));
      return Arrays.copyOfRange(window, from, (int) Math.min(size, from + (long) count));
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(0, Math.min(count, size - at)));
    while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) > 0) {
      // until it is full or the file ends
    }
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  /** A width or height of at least 1 that an int can hold. */
  static int extent(long pixels) throws Unreadable {
    if (pixels < 1 || pixels > Integer.MAX_VALUE) {
      throw new Unreadable("no such size: " + pixels);
    }
    return (int) pixels;
  }

  private void fill(long at) throws IOException {
    if (at < 0 || at >= size || channel == null) {
      throw new Unreadable("ends too early");
    }
    if (readsLeft-- == 0) {
      throw new Unreadable("goes on and on");
    }
    ByteBuffer buffer = ByteBuffer.wrap(window);
    while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) > 0) {
      // until the window is full or the file ends
    }
    start = at;
    length = buffer.position();
    if (length == 0) {
      throw new Unreadable("ends too early");
    }
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
