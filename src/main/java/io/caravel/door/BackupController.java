package io.caravel.door;

import io.caravel.database.DailyCopy;
import io.caravel.ground.Cause;
import io.caravel.ground.Failure;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Delivers a copy of the embedded database, made at the request: for {@code ./caravel backup}. */
@RestController
class BackupController {
  private final DailyCopy copies;

  BackupController(DailyCopy copies) {
    this.copies = copies;
  }

  @GetMapping("/api/backup")
  void copy(HttpServletResponse response) throws IOException {
    try (FileChannel copy = copies.takeNow()) {
      response.setContentType(MediaType.APPLICATION_OCTET_STREAM_VALUE);
      response.setContentLengthLong(copy.size());
      response.setHeader("Cache-Control", "no-store");
      WritableByteChannel out = Channels.newChannel(response.getOutputStream());
      long size = copy.size();
      for (long at = 0; at < size; ) {
        at += copy.transferTo(at, size - at, out); // at most 2 GiB at once
      }
    } catch (Failure e) {
      throw Problem.thrown(
          HttpStatus.valueOf(Cause.of(e.cause()).status()), String.valueOf(e.getMessage()));
    }
  }
}
