package io.caravel.ground;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.read.ListAppender;
import io.caravel.database.RepeatedTransaction;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class WeatherLogTest {
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final ListAppender<ILoggingEvent> written = new ListAppender<>();
  private final WeatherLog log = new WeatherLog();
  private List<TurboFilter> others = List.of();

  @BeforeEach
  void listen() {
    // Those of programs that other tests have started in this JVM.
    others = List.copyOf(root.getLoggerContext().getTurboFilterList());
    root.getLoggerContext().resetTurboFilterList();
    written.start();
    root.addAppender(written);
    log.listen();
  }

  @AfterEach
  void leave() {
    log.leave();
    root.detachAppender(written);
    others.forEach(root.getLoggerContext()::addTurboFilter);
  }

  private static void tell(String logger, int times) {
    IntStream.range(0, times)
        .forEach(
            each ->
                LoggerFactory.getLogger(logger)
                    .warn("away " + each, new IllegalStateException("connection refused")));
  }

  private List<String> written(String what) {
    return written.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.contains(what))
        .toList();
  }

  /** Was: 5 MB of log in 35 s. */
  @Test
  void whatALibraryRepeatsIsToldOnceAMinuteAndWhatIsOfOnePhotoAlways() {
    tell("org.example.broker.Container", 500);
    tell("org.example.broker.deeper.Reader", 500);
    for (int each = 0; each < 500; each++) {
      LoggerFactory.getLogger("caravel.clock" + each)
          .warn(WeatherLog.MARKER, "clock could not go on {}", each);
    }
    for (int each = 0; each < 20; each++) {
      LoggerFactory.getLogger("io.caravel.job.Jobs").warn("Photo {} failed", each);
    }
    assertThat(written("away ")).containsExactly("away 0");
    assertThat(written("could not go on")).containsExactly("clock could not go on 0");
    assertThat(written("failed")).hasSize(20);
    log.leave();
    tell("org.example.broker.Container", 2);
    assertThat(written("away ")).hasSize(3);
  }

  /** Was: 65 lines of a soak of 50 minutes had 303 lines of stacks beneath. */
  @Test
  void aLibrarysWeatherIsOneLineWithItsCauseAndAFaultKeepsItsStack() {
    LoggerFactory.getLogger("org.example.pool.Pool")
        .warn(
            "no connection to {}\nand a history of it",
            "server",
            new IllegalStateException("outer", new java.net.ConnectException("refused")));
    LoggerFactory.getLogger(RepeatedTransaction.class) // Spring's word in our class's name
        .error("rolled back", new IllegalStateException(new java.net.ConnectException("away")));
    LoggerFactory.getLogger("org.example.other.Part").error("a fault", new NullPointerException());

    assertThat(written.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "Pool: no connection to server (ConnectException: refused)",
            "RepeatedTransaction: rolled back (ConnectException: away)",
            "a fault");
    assertThat(written.list.get(0).getThrowableProxy()).isNull();
    assertThat(written.list.get(2).getThrowableProxy()).isNotNull();
  }
}
