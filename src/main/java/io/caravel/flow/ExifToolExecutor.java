package io.caravel.flow;

import io.caravel.metadata.ExifToolPool;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.camel.component.exec.ExecCommand;
import org.apache.camel.component.exec.ExecCommandExecutor;
import org.apache.camel.component.exec.ExecResult;
import org.springframework.stereotype.Component;

/**
 * Lets {@code exec:exiftool} be answered by a process that is already there: {@code
 * exec:exiftool?commandExecutor=#exifToolExecutor&args=PATH}. The pool has its own time limit; the
 * endpoint's is not looked at.
 */
@Component("exifToolExecutor")
class ExifToolExecutor implements ExecCommandExecutor {
  private static final InputStream NOTHING_SAID = InputStream.nullInputStream();

  private final ExifToolPool pool;

  ExifToolExecutor(ExifToolPool pool) {
    this.pool = pool;
  }

  @Override
  public ExecResult execute(ExecCommand command) {
    byte[] answer = pool.read(command.getArgs()).getBytes(StandardCharsets.UTF_8);
    return new ExecResult(command, new ByteArrayInputStream(answer), NOTHING_SAID, 0);
  }
}
