package io.caravel.photo;

import io.caravel.ground.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * In how many scans a JPEG is stored (ITU-T T.81, B.2.1). Each costs a decoder a walk over the
 * whole picture, however few bytes it has, so that a small file can take hours.
 */
public final class JpegScans {
  /** jpegtran and MozJPEG write a dozen. */
  private static final int SCANS_AT_MOST = 100;

  private static final int BUFFER = 1 << 16;

  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);

  private JpegScans(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Holds a picture against the limit of scans; one that is no progressive JPEG is not read.
   *
   * @return its scans; 1 where they are not counted
   * @throws Failure {@code too-complex}
   * @throws IOException when the file cannot be read
   */
  public static int limit(Path file, PictureHeader header) throws IOException {
    if (header.type() != PictureType.JPEG || !header.progressive()) {
      return 1;
    }
    int scans = count(file, SCANS_AT_MOST + 1);
    if (scans > SCANS_AT_MOST) {
      throw Failure.lasting(
          "too-complex",
          "The JPEG is stored in more than %d passes, which no camera or program writes and which would take for ever:"
                  .formatted(SCANS_AT_MOST)
              + " open it in a photo editor, save it anew and send that.");
    }
    return scans;
  }

  /**
   * Counts them; the file is read once, at most.
   *
   * @param most where the count ends
   * @throws IOException when the file cannot be read
   */
  static int count(Path jpeg, int most) throws IOException {
    try (FileChannel channel = FileChannel.open(jpeg)) {
      return new JpegScans(channel).count(most);
    }
  }

  private int count(int most) throws IOException {
    int scans = 0;
    int last = 0;
    for (int next; scans < most && (next = next()) >= 0; last = next) {
      if (last != 0xff || next <= 1 || next == 0xff || next >= 0xd0 && next <= 0xd8) {
        continue; // data, and markers without content
      }
      if (next == 0xd9) {
        break;
      }
      if (next == 0xda) {
        scans++;
      }
      skip((next() << 8 | next()) - 2);
      next = 0;
    }
    return scans;
  }

  /** The next byte; -1 at the end. */
  private int next() throws IOException {
    if (!buffer.hasRemaining()) {
      buffer.clear();
      int count = channel.read(buffer);
      buffer.flip();
      if (count <= 0) {
        return -1;
      }
    }
    return buffer.get() & 0xff;
  }

  private void skip(int count) throws IOException {
    if (count <= buffer.remaining()) {
      buffer.position(buffer.position() + Math.max(0, count));
      return;
    }
    channel.position(channel.position() + count - buffer.remaining());
    buffer.limit(0);
  }
}
