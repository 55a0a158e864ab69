package io.caravel.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The programs of other packages that a test needs. */
final class Installed {
  // Servers lie outside a plain user's PATH on Debian.
  private static final List<String> DIRECTORIES =
      List.of("/usr/lib/rabbitmq/bin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin");

  private Installed() {}

  /**
   * Where {@code program} is. Without it the test is skipped, or fails where the environment says
   * {@code TEST_SERVERS=required}, as {@code ./caravel test} does: it has installed them.
   */
  static String program(String program, String debianPackage) {
    for (String directory : DIRECTORIES) {
      Path path = Path.of(directory, program);
      if (Files.isExecutable(path)) {
        return path.toString();
      }
    }
    String missing =
        program + " is not installed: apt-get install " + debianPackage + ", or ./caravel test";
    if ("required".equals(System.getenv("TEST_SERVERS"))) {
      throw new AssertionError(missing);
    }
    Assumptions.abort(missing);
    throw new IllegalStateException(missing);
  }
}
