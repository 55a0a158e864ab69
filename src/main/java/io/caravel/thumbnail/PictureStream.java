package io.caravel.thumbnail;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import javax.imageio.stream.ImageInputStreamImpl;
import org.jspecify.annotations.Nullable;

/**
 * A photo as ImageIO reads it: buffered, and with an eye on what a decoder does not tell: whether
 * it asked for more than there is, whether the disk failed. Reading ends when the thread is
 * interrupted: a decoder that makes no pixels for long (a progressive JPEG) is stopped by that.
 */
final class PictureStream extends ImageInputStreamImpl {
  private static final int BUFFER = 1 << 16;

  /** A part of the file, from one byte up to another. */
  record Part(long from, long to) {}

  private final RandomAccessFile file;
  private final NavigableMap<Long, Part> parts = new TreeMap<>();
  private long size;
  private final byte[] buffer = new byte[BUFFER];
  private long start;
  private int count;
  private boolean exhausted;
  private @Nullable IOException trouble;

  PictureStream(Path photo) throws IOException {
    file = new RandomAccessFile(photo.toFile(), "r");
    show(List.of(new Part(0, file.length())));
  }

  /** Shows but these parts of the file, one right behind the other, from the first byte on. */
  void show(List<Part> kept) throws IOException {
    parts.clear();
    size = 0;
    for (Part part : kept) {
      parts.put(size, part);
      size += part.to() - part.from();
    }
    count = 0;
    exhausted = false;
    seek(0);
  }

  /** Whether the decoder asked for bytes beyond the file's end. */
  boolean exhausted() {
    return exhausted;
  }

  /** What the disk said when it could not be read. */
  @Nullable IOException trouble() {
    return trouble;
  }

  @Override
  public int read() throws IOException {
    checkClosed();
    bitOffset = 0;
    if (!available()) {
      return -1;
    }
    return buffer[(int) (streamPos++ - start)] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    checkClosed();
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    if (!available()) {
      return -1;
    }
    int from = (int) (streamPos - start);
    int some = Math.min(length, count - from);
    System.arraycopy(buffer, from, into, offset, some);
    streamPos += some;
    return some;
  }

  @Override
  public long length() {
    return size;
  }

  private boolean available() throws IOException {
    if (streamPos >= start && streamPos < start + count) {
      return true;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("stopped");
    }
    if (streamPos >= size) {
      exhausted = true;
      return false;
    }
    try {
      Map.Entry<Long, Part> here = parts.floorEntry(streamPos);
      Part part = here.getValue();
      long at = part.from() + streamPos - here.getKey();
      file.seek(at);
      start = streamPos;
      count = Math.max(0, file.read(buffer, 0, (int) Math.min(BUFFER, part.to() - at)));
    } catch (IOException e) {
      count = 0;
      trouble = e;
      throw e;
    }
    exhausted |= count == 0;
    return count > 0;
  }

  @Override
  public void close() throws IOException {
    try (file) {
      super.close();
    }
  }
}
