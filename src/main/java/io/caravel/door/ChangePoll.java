package io.caravel.door;

import io.caravel.change.Changes.Page;
import java.time.Duration;
import java.util.List;
import org.springframework.web.context.request.async.DeferredResult;

/** A request that waits for the next change, and holds no thread meanwhile. */
final class ChangePoll extends ChangeListener {
  private final DeferredResult<Page> answer = new DeferredResult<>(0L); // ends by itself
  private final long until;

  ChangePoll(long last, Duration wait) {
    super(last);
    this.until = System.nanoTime() + wait.toNanos();
  }

  DeferredResult<Page> answer() {
    return answer;
  }

  @Override
  boolean isDue() {
    return System.nanoTime() - until >= 0;
  }

  @Override
  boolean staysOn() {
    return false;
  }

  @Override
  void send(Page page) {
    answer.setResult(page);
  }

  @Override
  void fail(RuntimeException problem) {
    answer.setErrorResult(problem);
  }

  @Override
  void end() {
    answer.setResult(new Page(List.of(), last()));
  }
}
