package io.caravel;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import io.caravel.ground.CannotStart;
import io.caravel.job.JobLog;
import io.caravel.job.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The files of CARAVEL_LOG_DIR: caravel.log with all that is said on standard output, too, and one
 * for each queue, such as thumbnails.log, with the end of each start of a job ({@link JobLog}). A
 * file of 10 MB becomes thumbnails.log.1, and so on; ten are kept beside the one that is written.
 * The number of files is fixed, and with it what they take.
 */
@Component
class LogFiles implements DisposableBean {
  private static final String ALL = "%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5level %logger{0}: %msg%n%ex";
  private static final String OF_A_QUEUE = "%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5level %msg%n";
  private static final int KEPT = 10;
  private static final long BYTES = 10L << 20;

  private final long bytes;
  private final List<Runnable> undo = new ArrayList<>();

  @Autowired
  LogFiles(@Value("${caravel.log-dir}") String directory, Steps steps) {
    this(directory, steps.names(), BYTES);
  }

  /**
   * @param directory empty: none
   * @param bytes of a file, after which the next begins
   * @throws CannotStart the directory cannot be written
   */
  LogFiles(String directory, List<String> queues, long bytes) {
    this.bytes = bytes;
    if (directory.isBlank()) {
      return;
    }
    Path folder = Path.of(directory.strip()).toAbsolutePath().normalize();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw CannotStart.mendFirst(
          "CARAVEL_LOG_DIR is %s, which cannot be made (%s): make it, owned by the user that Caravel runs as."
              .formatted(folder, e),
          e);
    }
    if (!Files.isWritable(folder)) {
      throw CannotStart.mendFirst(
          "CARAVEL_LOG_DIR is %s, which cannot be written to: give it to the user that Caravel runs as."
              .formatted(folder));
    }
    LoggerContext logging = (LoggerContext) LoggerFactory.getILoggerFactory();
    attach(logging.getLogger(Logger.ROOT_LOGGER_NAME), folder.resolve("caravel.log"), ALL);
    for (String queue : queues) {
      Logger logger = logging.getLogger(JobLog.NAME + queue);
      logger.setLevel(Level.INFO);
      logger.setAdditive(false);
      undo.add(() -> logger.setLevel(null));
      undo.add(() -> logger.setAdditive(true));
      attach(logger, folder.resolve(queue + ".log"), OF_A_QUEUE);
    }
  }

  private void attach(Logger logger, Path file, String pattern) {
    LoggerContext logging = logger.getLoggerContext();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(logging);
    encoder.setPattern(pattern);
    encoder.start();
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(logging);
    appender.setName(file.toString());
    appender.setFile(file.toString());
    appender.setEncoder(encoder);
    FixedWindowRollingPolicy window = new FixedWindowRollingPolicy();
    window.setContext(logging);
    window.setParent(appender);
    window.setMinIndex(1);
    window.setMaxIndex(KEPT);
    window.setFileNamePattern(file + ".%i");
    window.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
    size.setContext(logging);
    size.setMaxFileSize(new FileSize(bytes));
    size.setCheckIncrement(new Duration(0)); // at each line: a file's length is soon asked for
    size.start();
    appender.setRollingPolicy(window);
    appender.setTriggeringPolicy(size);
    appender.start();
    logger.addAppender(appender);
    undo.add(
        () -> {
          logger.detachAppender(appender);
          appender.stop();
        });
  }

  @Override
  public void destroy() {
    undo.forEach(Runnable::run);
  }
}
