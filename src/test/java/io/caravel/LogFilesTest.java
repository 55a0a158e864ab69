package io.caravel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.caravel.ground.CannotStart;
import io.caravel.job.JobLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogFilesTest {
  private static final long LARGE = 1L << 20;

  @TempDir Path directory = Path.of("unset");

  private List<String> lines(String file) throws Exception {
    return Files.readAllLines(directory.resolve("logs").resolve(file));
  }

  private LogFiles start(long bytes) {
    return new LogFiles(
        directory.resolve("logs").toString(), List.of("thumbnails", "faces"), bytes);
  }

  @Test
  void eachQueueHasAFileOfItsOwnAndAllElseIsInOne() throws Exception {
    LogFiles files = start(LARGE);
    Logger thumbnails = LoggerFactory.getLogger(JobLog.NAME + "thumbnails");
    try {
      thumbnails.info("made");
      LoggerFactory.getLogger(JobLog.NAME + "faces").warn("not found");
      LoggerFactory.getLogger("io.caravel.Anything").warn("said");
    } finally {
      files.destroy();
    }
    assertThat(lines("thumbnails.log")).singleElement().asString().endsWith("INFO  made");
    assertThat(lines("faces.log")).singleElement().asString().endsWith("WARN  not found");
    assertThat(lines("caravel.log"))
        .anyMatch(line -> line.endsWith("WARN  Anything: said"))
        .noneMatch(line -> line.contains("made") || line.contains("not found"));
    thumbnails.warn("after the end");
    assertThat(lines("thumbnails.log")).hasSize(1);
  }

  @Test
  void tenFullFilesAreKept() throws Exception {
    LogFiles files = start(100);
    try {
      Logger faces = LoggerFactory.getLogger(JobLog.NAME + "faces");
      for (int line = 0; line < 200; line++) {
        faces.info("{} {}", line, "x".repeat(100));
      }
    } finally {
      files.destroy();
    }
    try (Stream<Path> left = Files.list(directory.resolve("logs"))) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.startsWith("faces"))
          .contains("faces.log", "faces.log.1", "faces.log.10")
          .hasSize(11);
    }
  }

  @Test
  void withoutADirectoryThereIsNone() throws Exception {
    new LogFiles(" ", List.of("faces"), LARGE).destroy();
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsRefusedInASentence() throws Exception {
    Files.writeString(directory.resolve("logs"), "a file");
    assertThatThrownBy(() -> start(LARGE))
        .isInstanceOf(CannotStart.class)
        .hasMessageStartingWith("CARAVEL_LOG_DIR is ")
        .hasMessageEndingWith(".");
  }

  /** What {@code journalctl -p warning} goes by: sd-daemon(3). */
  @ParameterizedTest
  @CsvSource({"ERROR, <3>", "WARN, <4>", "INFO, <6>", "DEBUG, <7>", "TRACE, <7>"})
  void underSystemdALineBeginsWithItsPriority(String level, String prefix) {
    LoggerContext logging = new LoggerContext();
    PatternLayout layout = new PatternLayout();
    layout.setContext(logging);
    layout.setPattern(DerivedSettings.PRIORITY + "%msg");
    layout.start();
    LoggingEvent event =
        new LoggingEvent(
            "", logging.getLogger("any"), Level.valueOf(level), "ERROR is a word", null, null);
    assertThat(layout.doLayout(event)).isEqualTo(prefix + "ERROR is a word");
  }
}
