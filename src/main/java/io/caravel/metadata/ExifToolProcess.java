package io.caravel.metadata;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One ExifTool that waits for questions on its standard input. For one caller at a time. */
final class ExifToolProcess implements AutoCloseable {
  private static final int CHUNK = 1 << 16;

  private final Process process;
  private final ExecutorService reader;
  private int questions;

  ExifToolProcess(Process process) {
    this.process = process;
    // A read from a pipe cannot be interrupted, so a thread of its own does it and the caller
    // waits.
    this.reader =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "exiftool-" + process.pid());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * What ExifTool prints for these arguments. After any exception the process is of no more use:
   * what it has begun to say would be taken for the answer to the next question.
   *
   * @throws TimeoutException when the answer was not complete within the limit
   * @throws AnswerTooLong when it is longer than {@code most} bytes
   * @throws IOException when the process ended
   */
  String ask(List<String> arguments, Duration limit, int most)
      throws IOException, TimeoutException, InterruptedException {
    int question = ++questions;
    String lines = String.join("\n", arguments) + "\n-execute" + question + "\n";
    process.getOutputStream().write(lines.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    Future<String> answer = reader.submit(() -> readUntil("{ready" + question + "}\n", most));
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException ended ? ended : new IOException(e.getCause());
    }
  }

  int questions() {
    return questions;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Kills it, whatever it does; ExifTool only reads, so nothing is left half done. */
  @Override
  public void close() {
    process.destroyForcibly();
    reader.shutdown();
  }

  // ExifTool escapes line ends within values, so no photo can print this mark on a line of its own.
  private String readUntil(String mark, int most) throws IOException {
    byte[] end = mark.getBytes(StandardCharsets.US_ASCII);
    InputStream out = process.getInputStream();
    Answer answer = new Answer();
    byte[] chunk = new byte[CHUNK];
    while (!answer.endsWith(end)) {
      int length = out.read(chunk);
      if (length < 0) {
        throw new EOFException("exiftool ended without an answer");
      }
      answer.write(chunk, 0, length);
      if (answer.size() > most + end.length) {
        throw new AnswerTooLong(most);
      }
    }
    return answer.text(end.length);
  }

  /** ExifTool has more to say about a file than anyone wants to hear. */
  static final class AnswerTooLong extends IOException {
    AnswerTooLong(int most) {
      super("more than " + most + " bytes");
    }
  }

  private static final class Answer extends ByteArrayOutputStream {
    boolean endsWith(byte[] end) {
      int start = count - end.length;
      if (start < 0 || start > 0 && buf[start - 1] != '\n') {
        return false;
      }
      for (int i = 0; i < end.length; i++) {
        if (buf[start + i] != end[i]) {
          return false;
        }
      }
      return true;
    }

    String text(int withoutLast) {
      return new String(buf, 0, count - withoutLast, StandardCharsets.UTF_8);
    }
  }
}
