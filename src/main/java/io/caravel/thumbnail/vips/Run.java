package io.caravel.thumbnail.vips;

import io.caravel.thumbnail.Trouble;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work in native code that an interrupt of the caller stops: native code itself heeds none. */
final class Run {
  private static final Logger LOG = LoggerFactory.getLogger(Run.class);
  private static final int HEEDED_AFTER_SECONDS = 10;

  /** More than any job has: for callers without a limit of their own. */
  static final int LIMIT_SECONDS = 400;

  /** What is done, told of the run so that it can name what to stop. */
  interface Work<T> {
    T with(Run run) throws IOException;
  }

  private @Nullable OpenPicture open;
  private boolean stopped;

  /**
   * Does the work on another thread and waits for it.
   *
   * @param limitSeconds after which it has come to a stand
   * @throws InterruptedException the work was stopped, or has not heeded it for ten seconds
   */
  static <T> T on(ExecutorService threads, int limitSeconds, Work<T> work)
      throws IOException, InterruptedException {
    Run run = new Run();
    Future<T> future = threads.submit(() -> work.with(run));
    try {
      return future.get(limitSeconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      run.end(future);
      throw limitSeconds < LIMIT_SECONDS ? Trouble.stoodStill(e) : Trouble.time(e);
    } catch (InterruptedException e) {
      run.end(future);
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private void end(Future<?> future) {
    stop();
    try {
      future.get(HEEDED_AFTER_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      LOG.warn("A decoder does not heed its stop; its thread is left behind.");
    } catch (ExecutionException | InterruptedException ended) {
      // it has ended, or nobody waits any more
    }
  }

  /** From now on a stop ends the decode of this picture. */
  synchronized <P extends OpenPicture> P opens(P picture) {
    open = picture;
    if (stopped) {
      picture.stop();
    }
    return picture;
  }

  private synchronized void stop() {
    stopped = true;
    if (open != null) {
      open.stop();
    }
  }

  synchronized boolean isStopped() {
    return stopped;
  }
}
