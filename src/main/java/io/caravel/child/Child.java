package io.caravel.child;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process of limited memory, time and output, without the secrets of this program's environment
 * and without new privileges, that ends with the thread which runs it (util-linux's prlimit and
 * setpriv; without them, which no Linux is, only the time is limited).
 */
public final class Child {
  private static final int ERRORS_AT_MOST = 2000;
  private static final Set<String> ENVIRONMENT =
      Set.of("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "MALLOC_ARENA_MAX");

  private Child() {}

  /**
   * What it may use.
   *
   * @param dataMb of memory that is its own
   * @param addressMb of all that it may see, libraries and what is only reserved among it
   * @param cpuSeconds over all its threads
   * @param time until it is killed
   * @param fileMb of each file that it writes
   */
  public record Limits(int dataMb, int addressMb, int cpuSeconds, Duration time, int fileMb) {}

  /**
   * How it ended.
   *
   * @param status of exit, 128 and the number of the signal that ended it; {@link #LATE}: killed
   *     when its time was over
   * @param errors the beginning of what it wrote to standard error
   */
  public record End(int status, String errors) {}

  public static final int LATE = -1;

  /**
   * Runs it and waits for its end.
   *
   * @param command a program, by its path or as PATH has it, and its arguments
   * @param output takes its standard output; is replaced
   * @throws IOException it cannot be started
   * @throws InterruptedException this thread was interrupted; it is dead then
   */
  public static End run(List<String> command, Path output, Limits limits)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    find("setpriv")
        .ifPresent(
            setpriv ->
                line.addAll(List.of(setpriv.toString(), "--pdeathsig", "KILL", "--no-new-privs")));
    find("prlimit")
        .ifPresent(
            prlimit ->
                line.addAll(
                    List.of(
                        prlimit.toString(),
                        "--data=" + ((long) limits.dataMb() << 20),
                        "--as=" + ((long) limits.addressMb() << 20),
                        "--cpu=" + limits.cpuSeconds() + ":" + (limits.cpuSeconds() + 5),
                        "--fsize=" + ((long) limits.fileMb() << 20),
                        "--core=0")));
    line.addAll(command);
    Path errors = output.resolveSibling(output.getFileName() + ".errors");
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().keySet().retainAll(ENVIRONMENT);
    builder.redirectInput(new File("/dev/null"));
    builder.redirectOutput(output.toFile());
    builder.redirectError(errors.toFile());
    try {
      Process process = builder.start();
      try {
        boolean ended = process.waitFor(limits.time().toMillis(), TimeUnit.MILLISECONDS);
        return new End(ended ? process.exitValue() : LATE, beginning(errors));
      } finally {
        process.destroyForcibly().onExit().completeOnTimeout(process, 5, TimeUnit.SECONDS).join();
      }
    } finally {
      Files.deleteIfExists(errors);
    }
  }

  private static String beginning(Path errors) throws IOException {
    try (var in = Files.newInputStream(errors)) {
      return new String(in.readNBytes(ERRORS_AT_MOST), StandardCharsets.UTF_8).strip();
    }
  }

  /** Where a program lies, by its path or as PATH has it. */
  public static Optional<Path> find(String command) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    Stream<Path> places =
        command.contains(File.separator)
            ? Stream.of(Path.of(command))
            : Stream.of(path.split(File.pathSeparator)).map(folder -> Path.of(folder, command));
    return places.filter(Files::isRegularFile).filter(Files::isExecutable).findFirst();
  }
}
