package io.caravel.flow;

import io.caravel.place.GeocoderSlot;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;

/**
 * Ends a question to the geocoder with its slot, whatever the server does (drips included: the
 * client's own time-outs start anew with each byte), and reads no more of the answer than allowed.
 */
final class GuardedQuestion implements ExecChainHandler, AutoCloseable {
  private final GeocoderSlot slot;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(GuardedQuestion::daemon);
  private final int maxBytes;

  GuardedQuestion(GeocoderSlot slot, int maxBytes) {
    this.slot = slot;
    this.maxBytes = maxBytes;
  }

  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    if (!(scope.originalRequest instanceof Cancellable question)) {
      throw new IllegalStateException("This request could not be ended in time");
    }
    requireSlot();
    Future<?> end = clock.schedule(question::cancel, slot.left().toNanos(), TimeUnit.NANOSECONDS);
    try {
      ClassicHttpResponse response = chain.proceed(request, scope);
      response.setEntity(whole(response.getEntity()));
      return response;
    } catch (IOException | HttpException | RuntimeException e) {
      // Not closed: closing would read on to the end of the answer.
      scope.execRuntime.discardEndpoint();
      if (slot.left().isNegative()) {
        InterruptedIOException late = new InterruptedIOException("it took too long to answer");
        late.initCause(e);
        throw late;
      }
      throw e;
    } finally {
      end.cancel(false);
    }
  }

  /** A node that stood still until its slot lapsed must not ask in another's turn. */
  void requireSlot() throws IOException {
    if (!slot.mayStart()) {
      throw new InterruptedIOException("its slot lapsed before the request could start");
    }
  }

  private HttpEntity whole(@Nullable HttpEntity entity) throws IOException {
    if (entity == null) {
      return new ByteArrayEntity(new byte[0], null);
    }
    if (entity.getContentLength() > maxBytes) {
      throw tooLong();
    }
    // The stream is not closed before its end, see above; at its end it closes by itself.
    byte[] bytes = entity.getContent().readNBytes(maxBytes + 1);
    if (bytes.length > maxBytes) {
      throw tooLong();
    }
    return new ByteArrayEntity(bytes, null);
  }

  private IOException tooLong() {
    return new IOException("its answer is longer than " + maxBytes + " bytes");
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "nominatim-deadline");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
