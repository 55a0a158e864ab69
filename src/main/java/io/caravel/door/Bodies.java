package io.caravel.door;

import io.caravel.ground.Failure;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.util.FastByteArrayOutputStream;

/** The bodies that are kept in memory until they are answered, and how much all of them may be. */
@Component
class Bodies {
  private static final int PIECE = 16 * 1024;
  private static final String HERE = Bodies.class.getName() + ".here";

  private final Semaphore pieces;

  /**
   * @param mb of all bodies at once, but for the first 16 kB of each: so small ones, which are
   *     bounded by the number of connections, are not refused for large ones
   */
  Bodies(@Value("${caravel.bodies-mb}") int mb) {
    this.pieces = new Semaphore(mb * (1 << 20) / PIECE);
  }

  /** A body that is there wholly, and counts until it is closed. */
  final class Body implements AutoCloseable {
    private final FastByteArrayOutputStream bytes = new FastByteArrayOutputStream(1024);
    private int held;

    private void add(byte[] piece, int length) throws IOException {
      if (bytes.size() > 0) {
        if (!pieces.tryAcquire()) {
          throw Failure.passing(
              "busy", "As many large requests as fit into memory are under way: try again later.");
        }
        held++;
      }
      bytes.write(piece, 0, length);
    }

    /** The request, to be read from here, and by nobody else from its line. */
    HttpServletRequest of(HttpServletRequest request) {
      request.setAttribute(HERE, true);
      return new InMemory(request, in());
    }

    /** From its beginning. */
    InputStream in() {
      return bytes.getInputStream();
    }

    @Override
    public void close() {
      pieces.release(held);
    }
  }

  /**
   * Reads a body to its end.
   *
   * @throws Multipart.TooMuch more than {@code most} bytes
   * @throws Failure busy: too much of others is in memory
   * @throws IOException it breaks off
   */
  Body read(HttpServletRequest request, long most) throws IOException {
    if (request.getContentLengthLong() > most) {
      throw tooMuch(most);
    }
    Body body = new Body();
    try {
      InputStream in = request.getInputStream();
      byte[] piece = new byte[PIECE];
      for (int read; (read = in.readNBytes(piece, 0, PIECE)) > 0; ) {
        if (body.bytes.size() + read > most) {
          throw tooMuch(most);
        }
        body.add(piece, read);
      }
      return body;
    } catch (IOException | RuntimeException e) {
      body.close();
      throw e;
    }
  }

  private static Multipart.TooMuch tooMuch(long most) {
    return new Multipart.TooMuch(
        "The body is larger than the %d kB that are taken here: send it in several requests."
            .formatted(most >> 10));
  }

  /** A request whose body was taken from it. */
  static HttpServletRequest none(HttpServletRequest request) {
    return new InMemory(request, InputStream.nullInputStream());
  }

  /** Whether the request's body is in memory already. */
  static boolean isHere(HttpServletRequest request) {
    return request.getAttribute(HERE) != null;
  }

  private static final class InMemory extends HttpServletRequestWrapper {
    private final ServletInputStream body;

    InMemory(HttpServletRequest request, InputStream body) {
      super(request);
      this.body = new InMemoryStream(body);
    }

    @Override
    public ServletInputStream getInputStream() {
      return body;
    }

    @Override
    public BufferedReader getReader() {
      String named = getCharacterEncoding();
      Charset charset = named == null ? StandardCharsets.UTF_8 : Charset.forName(named);
      return new BufferedReader(new InputStreamReader(body, charset));
    }
  }

  private static final class InMemoryStream extends ServletInputStream {
    private final InputStream bytes;

    InMemoryStream(InputStream bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read() throws IOException {
      return bytes.read();
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      return bytes.read(into, from, length);
    }

    @Override
    public int available() throws IOException {
      return bytes.available();
    }

    @Override
    public boolean isFinished() {
      try {
        return bytes.available() == 0;
      } catch (IOException e) {
        return true;
      }
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new IllegalStateException("The body is read as it comes");
    }
  }
}
