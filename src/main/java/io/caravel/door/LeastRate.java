package io.caravel.door;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.jspecify.annotations.Nullable;

/**
 * Ends the reading of a body that comes too slowly: below every reader, for Tomcat reads a form
 * below the servlets' request. And reads what is left of a body after an early answer, for its
 * sender may read no answer before it has sent all.
 */
class LeastRate extends ValveBase {
  private static final Duration LEFT_OVER = Duration.ofSeconds(20);

  private final Duration longest;
  private final Duration longestUpload;

  /**
   * @param longest that a body may take to come, however fast
   */
  LeastRate(Duration longest, Duration longestUpload) {
    super(true);
    this.longest = longest;
    this.longestUpload = longestUpload;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    ClientPace pace = Connections.current();
    if (pace == null) {
      getNext().invoke(request, response);
      return;
    }
    String type = request.getContentType();
    boolean upload = BodyFirst.isMultipart(type);
    org.apache.coyote.Request coyote = request.getCoyoteRequest();
    InputBuffer tomcats = coyote.getInputBuffer();
    Watched watched = new Watched(tomcats, pace, upload ? longestUpload : longest);
    coyote.setInputBuffer(watched);
    pace.begin();
    try {
      getNext().invoke(request, response);
      if (hasLeftOver(request, response, watched)) {
        response.finishResponse();
        watched.readAway();
      }
    } finally {
      coyote.setInputBuffer(tomcats);
      if (!request.isAsync()) {
        pace.end();
      }
    }
  }

  private static boolean hasLeftOver(Request request, Response response, Watched watched) {
    return !request.isAsync()
        && response.getStatus() >= 400
        && !watched.failed
        && !watched.ended
        && (request.getHeader("Content-Length") != null
            || request.getHeader("Transfer-Encoding") != null)
        && (watched.begun || request.getHeader("Expect") == null);
  }

  private static final class Watched implements InputBuffer, ApplicationBufferHandler {
    private final InputBuffer tomcats;
    private final ClientPace pace;
    private long end;
    private boolean begun;
    private boolean ended;
    private boolean failed;
    private @Nullable ByteBuffer away;

    Watched(InputBuffer tomcats, ClientPace pace, Duration longest) {
      this.tomcats = tomcats;
      this.pace = pace;
      this.end = System.nanoTime() + longest.toNanos();
    }

    @Override
    public int doRead(ApplicationBufferHandler reader) throws IOException {
      begun = true;
      pace.await();
      int read;
      try {
        read = tomcats.doRead(reader);
      } catch (IOException e) {
        failed = true;
        throw pace.isClosed() ? tooSlow() : e;
      }
      boolean keepsUp = pace.came(Math.max(0, read));
      if (read < 0) {
        ended = true;
      } else if (!keepsUp || System.nanoTime() - end > 0) {
        failed = true;
        throw tooSlow();
      }
      return read;
    }

    /** Which Tomcat answers with 408. */
    private static SocketTimeoutException tooSlow() {
      return new SocketTimeoutException("The body came too slowly");
    }

    void readAway() {
      pace.leave();
      end = System.nanoTime() + LEFT_OVER.toNanos();
      try {
        while (doRead(this) >= 0) {
          // Nobody wants it.
        }
      } catch (IOException e) {
        // The connection ends with it.
      }
    }

    @Override
    public int available() {
      return tomcats.available();
    }

    @Override
    public void setByteBuffer(ByteBuffer buffer) {
      away = buffer;
    }

    @Override
    public @Nullable ByteBuffer getByteBuffer() {
      return away;
    }

    @Override
    public void expand(int size) {
      // Tomcat brings the buffers.
    }
  }
}
