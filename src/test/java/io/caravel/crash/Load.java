package io.caravel.crash;

import static org.awaitility.Awaitility.await;

import io.caravel.server.CaravelProcess;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Several who send at once, into the doors and the inbox, whether the program is up or not. */
final class Load implements AutoCloseable {
  private static final int UPLOADERS = 3;
  private static final int MOST_PER_REQUEST = 5;

  private final CountDownLatch over = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();
  private final Semaphore allowance;
  private final Sender sender;
  private final int promisedBefore;

  /** Uploads so many photos at most, and drops a tenth as many. */
  Load(Sender sender, List<CaravelProcess> programs, int photos) {
    this.sender = sender;
    promisedBefore = sender.promised().size();
    allowance = new Semaphore(photos);
    Path inbox = programs.get(0).home().resolve("inbox");
    for (int uploader = 0; uploader < UPLOADERS; uploader++) {
      URI base = programs.get(uploader % programs.size()).baseUri();
      start("uploader-" + uploader, () -> upload(base));
    }
    start("dropper", () -> drop(inbox, photos / 10));
  }

  /** Waits until every photo of the allowance was sent, answered or not. */
  void awaitSent() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** Waits until so many photos were answered with a promise. */
  void awaitPromised(int photos) {
    await("promised photos")
        .atMost(Duration.ofMinutes(2))
        .until(() -> sender.promised().size() - promisedBefore >= photos);
  }

  private void upload(URI base) {
    int count = 1;
    while (!over() && allowance.tryAcquire(count)) {
      if (!sender.upload(base, count)) {
        allowance.release(count);
        pause(50);
      }
      count = count % MOST_PER_REQUEST + 1;
    }
  }

  private void drop(Path inbox, int photos) {
    for (int i = 0; i < photos && !over(); i++) {
      sender.drop(inbox);
      pause(40);
    }
  }

  private boolean over() {
    return over.getCount() == 0;
  }

  private void pause(int millis) {
    try {
      if (over.await(millis, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  @Override
  public void close() {
    over.countDown();
    try {
      awaitSent();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
