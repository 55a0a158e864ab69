package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.caravel.bench.DoorLoad;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Every request gets its answer, whole, and nobody else's; src/bench/door-load is the long one. */
class DoorLoadTest extends FlowTest {
  private static final Logger ROOT =
      (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

  private final Collection<String> complaints = new ConcurrentLinkedQueue<>();
  private final AppenderBase<ILoggingEvent> log =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (event.getLevel().isGreaterOrEqual(Level.ERROR) || event.getThrowableProxy() != null) {
            complaints.add(event.getThreadName() + ": " + event.getFormattedMessage());
          }
        }
      };

  @BeforeEach
  void listen() {
    log.start();
    ROOT.addAppender(log);
  }

  @AfterEach
  void listenNoMore() {
    ROOT.detachAppender(log);
  }

  @Test
  void noAnswerIsDroppedOrMixedAndTheLogStaysQuiet() throws InterruptedException {
    int requests = Integer.getInteger("caravel.test.door-load", 6_000);
    DoorLoad load = new DoorLoad(port, requests);
    List<String> amiss = load.run(port);
    assertThat(amiss).isEmpty();
    assertThat(complaints).isEmpty();
    assertThat(load.answered()).isGreaterThan(requests * 2 / 3);
  }
}
