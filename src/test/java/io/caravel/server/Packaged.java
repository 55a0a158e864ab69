package io.caravel.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.springframework.util.FileSystemUtils;

/**
 * The packaged jar as {@code ./caravel run} starts it: unpacked, and with an archive of the classes
 * that a start loads. Made once for each jar, beside it; a start takes less than half of the
 * processor time so.
 */
final class Packaged {
  private static final String PREFIX = "unpacked-";
  private static final String ARCHIVE = "caravel.jsa";

  private Packaged() {}

  /** What follows the JVM's other options in the command that starts it. */
  static synchronized List<String> arguments() {
    try {
      Path jar = jar();
      if (Files.isDirectory(jar.resolveSibling("lib"))) { // unpacked already
        return List.of("-jar", jar.toString());
      }
      Path program = program(jar);
      return List.of(
          "-XX:SharedArchiveFile=" + program.resolve(ARCHIVE), "-jar", jarIn(program).toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path jar() {
    String jar = System.getProperty("caravel.jar");
    if (jar == null) {
      throw new IllegalStateException(
          "the system property caravel.jar names no jar: run this as an integration test (mvn verify)");
    }
    return Path.of(jar).toAbsolutePath();
  }

  private static Path jarIn(Path program) {
    return program.resolve("caravel.jar");
  }

  private static Path program(Path jar) throws IOException {
    // The time of its last modification is the same for each build.
    String name = PREFIX + ((FileTime) Files.getAttribute(jar, "unix:ctime")).toMillis();
    Path program = jar.resolveSibling(name);
    if (Files.exists(program)) {
      return program;
    }
    try (DirectoryStream<Path> others =
        Files.newDirectoryStream(jar.resolveSibling(""), PREFIX + "*")) {
      for (Path other : others) {
        FileSystemUtils.deleteRecursively(other);
      }
    }
    Path unfinished = Files.createTempDirectory(jar.resolveSibling(""), "unpacking-");
    run(List.of("-Djarmode=tools", "-jar", jar.toString(), "extract", "--force"), unfinished, "");
    // Its paths are part of the archive, which is made where the program will lie.
    try {
      Files.move(unfinished.resolve("caravel"), program, StandardCopyOption.ATOMIC_MOVE);
      archive(program);
    } catch (FileSystemException anotherWasFaster) {
      if (!Files.exists(program)) {
        throw anotherWasFaster;
      }
    } finally {
      FileSystemUtils.deleteRecursively(unfinished);
    }
    return program;
  }

  /** By a start on an empty home. A JVM that finds no archive starts without one. */
  private static void archive(Path program) throws IOException {
    Path unfinished = program.resolve("new.jsa");
    run(
        List.of("-XX:ArchiveClassesAtExit=" + unfinished, "-jar", jarIn(program).toString()),
        program,
        "Caravel is ready");
    Files.move(unfinished, program.resolve(ARCHIVE));
  }

  /** To its end, which it is asked for once it says this. */
  private static void run(List<String> arguments, Path directory, String last) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(key -> key.startsWith("CARAVEL_"));
    builder.environment().put("CARAVEL_HOME", directory.resolve("home").toString());
    builder.environment().put("CARAVEL_PORT", "0");
    builder.environment().put("CARAVEL_ADDRESS", "127.0.0.1");
    builder.environment().put("CARAVEL_NOMINATIM_URL", "http://127.0.0.1:9");
    builder.directory(directory.toFile());
    Process process = builder.start();
    try (BufferedReader said = process.inputReader()) {
      StringBuilder all = new StringBuilder();
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        all.append(line).append('\n');
        if (!last.isEmpty() && line.contains(last)) {
          process.toHandle().destroy(); // the process itself would close what it says
        }
      }
      int status = process.waitFor();
      if (status != (last.isEmpty() ? 0 : 143)) {
        throw new IOException(command + " ended with " + status + ": " + all);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      process.destroyForcibly();
      FileSystemUtils.deleteRecursively(directory.resolve("home"));
    }
  }
}
