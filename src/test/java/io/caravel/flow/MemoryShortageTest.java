package io.caravel.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryShortageTest {
  private static final int LOOKS = 12;

  private final AtomicInteger looks = new AtomicInteger();
  private final List<Integer> ends = new CopyOnWriteArrayList<>();
  private volatile double used;
  private final long begun = System.nanoTime();
  private volatile boolean collecting;
  private final MemoryShortage shortage =
      new MemoryShortage(
          Duration.ofMillis(240), this::look, this::collectedMs, ends::add, status -> {});

  private long collectedMs() {
    return collecting ? TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) : 0;
  }

  private double look() {
    looks.incrementAndGet();
    return used;
  }

  @AfterEach
  void close() {
    shortage.close();
  }

  private void met() {
    shortage.met(new OutOfMemoryError("Java heap space"));
  }

  @Test
  void onePhotoThatAskedForTooMuchEndsNothing() {
    used = 0.5; // what it held is free again
    met();
    await().until(() -> looks.get() == 1);
    assertThat(ends).isEmpty();
  }

  /** Of small objects: nothing is thrown, and nothing goes on. */
  @Test
  void aCollectorThatDoesNothingElseEndsTheProgramWithItsStatus() {
    used = 0.95;
    collecting = true;
    await().until(() -> !ends.isEmpty());
    assertThat(looks.get()).isGreaterThan(LOOKS);
    assertThat(ends).containsExactly(3);
  }

  @Test
  void aCollectorThatFindsRoomEndsNothing() {
    used = 0.5;
    collecting = true;
    await().until(() -> looks.get() > 2);
    assertThat(ends).isEmpty();
  }

  /** It is full, but everybody gets on with what there is. */
  @Test
  void aFullHeapOfWhichNobodyComplainsFurtherEndsNothing() {
    used = 0.99;
    met();
    await().until(() -> looks.get() > 2 * LOOKS);
    assertThat(ends).isEmpty();
  }

  @Test
  void memoryThatComesBackEndsNothing() {
    used = 0.99;
    met();
    await().until(() -> looks.get() > LOOKS / 2);
    used = 0.3;
    met();
    int before = looks.get();
    await().until(() -> looks.get() > before);
    met();
    await().until(() -> looks.get() > before + 1);
    assertThat(ends).isEmpty();
  }

  /** Whom it would be told by needs memory for that. */
  @Test
  void withNothingToBeHadItEndsThoughNobodyComplainsFurther() {
    used = 1;
    met();
    await().until(() -> !ends.isEmpty());
    assertThat(looks.get()).isGreaterThan(LOOKS);
    assertThat(ends).containsExactly(3);
  }

  @Test
  void memoryThatDoesNotComeBackEndsTheProgramWithItsStatus() {
    used = 0.99;
    await()
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              met();
              return !ends.isEmpty();
            });
    assertThat(looks.get()).isGreaterThan(LOOKS);
    assertThat(ends).containsExactly(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http-nio-127.0.0.1-8080-Acceptor", "http-nio-8080-Poller"})
  void withoutTheThreadsThatHearRequestsItEnds(String name) {
    used = 0.1;
    shortage.uncaughtException(new Thread(name), new OutOfMemoryError());
    assertThat(ends).containsExactly(3);
  }

  @Test
  void otherThreadsAreReplacedAndEndNothing() {
    used = 0.1;
    shortage.uncaughtException(new Thread("http-nio-8080-exec-1"), new OutOfMemoryError());
    shortage.uncaughtException(new Thread("x-Poller"), new IllegalStateException("odd"));
    assertThat(ends).isEmpty();
  }
}
