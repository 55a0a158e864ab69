package io.caravel.metadata;

import java.io.ByteArrayOutputStream;

/** Reads whole numbers written in as few bytes as they need: 7 bits a byte, sign in the lowest. */
final class Varints {
  private final byte[] bytes;
  private int at;

  Varints(byte[] bytes) {
    this.bytes = bytes;
  }

  static void write(ByteArrayOutputStream out, int number) {
    int rest = (number << 1) ^ (number >> 31);
    while ((rest & ~0x7f) != 0) {
      out.write(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }

  boolean more() {
    return at < bytes.length;
  }

  int next() {
    int folded = 0;
    int shift = 0;
    byte part;
    do {
      part = bytes[at++];
      folded |= (part & 0x7f) << shift;
      shift += 7;
    } while (part < 0);
    return (folded >>> 1) ^ -(folded & 1);
  }
}
