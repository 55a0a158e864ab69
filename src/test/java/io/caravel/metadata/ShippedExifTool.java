package io.caravel.metadata;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.core.io.ClassPathResource;

/** The pool with the arguments that are shipped. */
public final class ShippedExifTool {
  private ShippedExifTool() {}

  public static ExifToolPool pool(int processes) {
    return new ExifToolPool(settings(processes, 500, Duration.ofSeconds(30), 8 << 20));
  }

  static ExifToolPool.Settings settings(
      int processes, int photosPerProcess, Duration limit, int outputLimit) {
    return new ExifToolPool.Settings(
        "exiftool", config(), arguments(), processes, photosPerProcess, limit, outputLimit);
  }

  /** The shipped one, as a file. */
  static Path config() {
    try {
      return MetadataConfiguration.written(
          new ClassPathResource("exiftool/limits.config"),
          Path.of("target", "native-" + System.getProperty("test.fork", "1")).toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> arguments() {
    try {
      return MetadataConfiguration.arguments(new ClassPathResource("exiftool/photo.args"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
