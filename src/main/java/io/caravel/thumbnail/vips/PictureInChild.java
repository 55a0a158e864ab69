package io.caravel.thumbnail.vips;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/**
 * In a process of its own, {@code src/main/cpp/decode_main.cpp}, which may die or be killed without
 * harm: limited memory, processor time and no way out.
 */
final class PictureInChild implements OpenPicture {
  private static final int DECODE_FAILED = 2;
  private static final int LONGEST_LINE = 100;
  private static final Set<String> ENVIRONMENT =
      Set.of("LANG", "LC_ALL", "MALLOC_ARENA_MAX", "LD_LIBRARY_PATH");

  /**
   * What a child may use.
   *
   * @param memoryMb of data; libraries come on top
   */
  record Limits(int memoryMb, int cpuSeconds) {}

  private final Process process;
  private final InputStream out;
  private int[] head = {0, 0, 1, 1};
  private @Nullable BytePointer bytes;
  private Vips.@Nullable Picture picture;

  /**
   * @param page of a TIFF, from 0
   */
  PictureInChild(Path decoder, String loaders, Limits limits, Path file, int page)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                decoder.toString(),
                loaders,
                String.valueOf(limits.memoryMb()),
                String.valueOf(limits.cpuSeconds()),
                file.toString(),
                String.valueOf(page)));
    builder.environment().keySet().retainAll(ENVIRONMENT); // secrets of the program among the rest
    this.process = builder.start();
    this.out = process.getInputStream();
  }

  @Override
  public void readHeader() throws IOException {
    head = numbers(4);
  }

  @Override
  public int width() {
    return head[0];
  }

  @Override
  public int height() {
    return head[1];
  }

  @Override
  public int orientation() {
    return head[2];
  }

  @Override
  public int exifOrientation() {
    return head[3];
  }

  @Override
  public Vips.Picture decode(
      int width, int height, int orientation, boolean tolerant, boolean quick) throws IOException {
    String wish = "%d %d %d %d%n".formatted(width, height, orientation, tolerant ? 1 : 0);
    try {
      process.getOutputStream().write(wish.getBytes(StandardCharsets.US_ASCII));
      process.getOutputStream().close();
    } catch (IOException e) {
      throw ended(e);
    }
    int[] answer = numbers(3);
    if (answer[0] != width || answer[1] != height || answer[2] < 3 || answer[2] > 4) {
      throw new IOException("the decoder answered something else than it was asked");
    }
    bytes = new BytePointer((long) width * height * answer[2]);
    ByteBuffer buffer = bytes.asByteBuffer();
    ReadableByteChannel channel = Channels.newChannel(out);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw ended(new EOFException("in the midst of the pixels"));
      }
    }
    picture = new Vips.Picture(bytes, width, height, answer[2]);
    return picture;
  }

  /** The numbers of the next line. */
  private int[] numbers(int count) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = out.read(); next != '\n'; next = out.read()) {
      if (next < 0 || line.length() > LONGEST_LINE) {
        throw ended(new EOFException("no answer"));
      }
      line.append((char) next);
    }
    String[] words = line.toString().split(" ");
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = Integer.parseInt(words[i]);
    }
    return numbers;
  }

  /** Why the child said nothing more. */
  private RuntimeException ended(IOException e) {
    try {
      String reason =
          new String(process.getErrorStream().readNBytes(500), StandardCharsets.UTF_8).strip();
      int status = process.waitFor();
      return status == DECODE_FAILED
          ? new RuntimeException(reason, e)
          : new Died(status, reason, e);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return new RuntimeException("stopped: while it ended", interrupted);
    } catch (IOException unread) {
      return new RuntimeException("vips: no reason given", unread);
    }
  }

  @Override
  public void stop() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    if (picture != null) {
      picture.close();
    }
    if (bytes != null) {
      bytes.close();
    }
    try {
      process.getInputStream().close();
      process.getErrorStream().close();
      process.getOutputStream().close();
    } catch (IOException e) {
      // it is gone
    }
  }
}
