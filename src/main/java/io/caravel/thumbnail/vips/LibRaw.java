package io.caravel.thumbnail.vips;

import io.caravel.child.Child;
import io.caravel.thumbnail.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes pictures of RAW photos by LibRaw, at half their size, in a limited process: its program
 * dcraw_emu is in Debian's package libraw-bin.
 *
 * @see <a href="https://www.libraw.org/docs/Samples-LibRaw.html">dcraw_emu</a>
 */
final class LibRaw {
  private static final Logger LOG = LoggerFactory.getLogger(LibRaw.class);
  private static final String PROGRAM = "dcraw_emu";

  /** A photo of 60 megapixels takes 250 MB and 8 s. */
  private static final Child.Limits LIMITS =
      new Child.Limits(500, 1000, 60, Duration.ofSeconds(120), 400);

  /** A header and one pixel. */
  private static final int LEAST_BYTES = 100;

  boolean isThere() {
    return Child.find(PROGRAM).isPresent();
  }

  /**
   * Writes a TIFF of 8 bits, sRGB, upright, by the camera's white balance.
   *
   * @param raw absolute
   * @param target is replaced
   * @return false: it is not installed, or cannot read this file; there may be a target then
   * @throws io.caravel.ground.Failure {@code interrupted}
   */
  boolean develop(Path raw, Path target) throws IOException {
    if (!isThere()) {
      return false;
    }
    try {
      Child.End end =
          Child.run(
              List.of(PROGRAM, "-h", "-w", "-o", "1", "-T", "-Z", "-", raw.toString()),
              target,
              LIMITS);
      // It ends with 0 though it could not read a file, or found no readings in it.
      boolean made =
          end.status() == 0
              && Files.size(target) >= LEAST_BYTES
              && !end.errors().contains("corrupted");
      if (!made) {
        LOG.info("{}: LibRaw ended with {}: {}", raw.getFileName(), end.status(), end.errors());
      }
      return made;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Trouble.stopped(e);
    }
  }
}
