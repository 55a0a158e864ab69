package io.caravel.photo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Whether the end of a file looks as if more of it were to come: by what its kind says of its
 * length, by its end marker, by a tail of zeros such as a reserved size has. A sign and no proof:
 * what looks so is waited for, not refused.
 */
final class FileEnd {
  /** In which an end marker is looked for: some programs write more behind it. */
  private static final int TAIL = 1 << 16;

  /** A TIFF may end with a few. */
  private static final int ZEROS = 16;

  private static final int BOXES_AT_MOST = 64;

  private FileEnd() {}

  static boolean looksUnfinished(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      long size = channel.size();
      ByteBuffer head = read(channel, 0, 16);
      if (head.limit() < 16) {
        return true;
      }
      if (text(read(channel, size - ZEROS, ZEROS)).chars().allMatch(each -> each == 0)) {
        return true;
      }
      String begin = text(head);
      if (begin.startsWith("\u00ff\u00d8\u00ff")) {
        return !text(read(channel, Math.max(0, size - TAIL), TAIL)).contains("\u00ff\u00d9");
      }
      if (begin.startsWith("\u0089PNG")) {
        return !text(read(channel, Math.max(0, size - TAIL), TAIL)).contains("IEND");
      }
      if (begin.startsWith("RIFF") && begin.startsWith("WEBP", 8)) {
        return size < Integer.toUnsignedLong(Integer.reverseBytes(head.getInt(4))) + 8;
      }
      return begin.startsWith("ftyp", 4) && isBoxCut(channel, size);
    }
  }

  static boolean isBoxCut(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return isBoxCut(channel, channel.size());
    }
  }

  /** Whether one of the file's outermost boxes (ISO/IEC 14496-12, 4.2) ends behind it. */
  private static boolean isBoxCut(FileChannel channel, long size) throws IOException {
    long at = 0;
    for (int boxes = 0; at < size && boxes < BOXES_AT_MOST; boxes++) {
      ByteBuffer box = read(channel, at, 16);
      if (box.limit() < 8) {
        return true;
      }
      long length = Integer.toUnsignedLong(box.getInt(0));
      if (length == 0) {
        return false; // up to the end, wherever that is
      }
      if (length == 1) {
        length = box.limit() < 16 ? size : box.getLong(8);
      }
      if (length < 8 || length > size - at) {
        return length >= 8;
      }
      at += length;
    }
    return false;
  }

  private static ByteBuffer read(FileChannel channel, long from, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) > 0) {
      // until all are there or the file ends
    }
    return bytes.flip();
  }

  private static String text(ByteBuffer bytes) {
    return new String(bytes.array(), 0, bytes.limit(), StandardCharsets.ISO_8859_1);
  }
}
