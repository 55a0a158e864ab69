package io.caravel.metadata;

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

  /** Bytes of one tag: more than is kept of all of them. */
  private static final int LONGEST_TAG = StoredJson.MOST_BYTES;

  private static final int ENDS_WITHIN_SECONDS = 5;

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
   * What ExifTool prints for these arguments; tags that are too long are left out. After any
   * exception the process is of no more use: what it has begun to say would be taken for the answer
   * to the next question.
   *
   * @throws TimeoutException when the answer was not complete within the limit
   * @throws ExifToolAnswer.TooLong when it is longer than {@code most} bytes, of short tags
   * @throws Ended when the process ended
   */
  String ask(List<String> arguments, Duration limit, int most)
      throws IOException, TimeoutException, InterruptedException {
    int question = ++questions;
    String lines = String.join("\n", arguments) + "\n-execute" + question + "\n";
    try {
      process.getOutputStream().write(lines.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
      Future<String> answer = reader.submit(() -> readUntil("{ready" + question + "}", most));
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ExifToolAnswer.TooLong tooLong) {
        throw tooLong;
      }
      throw ended(e.getCause() instanceof IOException io ? io : new IOException(e.getCause()));
    } catch (IOException e) {
      throw ended(e);
    }
  }

  private Ended ended(IOException e) throws InterruptedException {
    process.waitFor(ENDS_WITHIN_SECONDS, TimeUnit.SECONDS); // its output was closed: it is about to
    return new Ended(process.isAlive() ? -1 : process.exitValue(), e);
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
    ExifToolAnswer answer = new ExifToolAnswer(mark, Math.min(most, LONGEST_TAG), most);
    InputStream out = process.getInputStream();
    byte[] chunk = new byte[CHUNK];
    int length;
    do {
      length = out.read(chunk);
      if (length < 0) {
        throw new EOFException("exiftool ended without an answer");
      }
    } while (!answer.take(chunk, length));
    return answer.text();
  }

  /** It ended instead of answering. */
  static final class Ended extends IOException {
    /** How Perl ends when it gets no more memory; ExifTool itself never ends by itself. */
    private static final int OUT_OF_MEMORY = 1;

    private final int status;

    Ended(int status, IOException origin) {
      super("exiftool ended (" + status + ")", origin);
      this.status = status;
    }

    boolean outOfMemory() {
      return status == OUT_OF_MEMORY;
    }
  }
}
