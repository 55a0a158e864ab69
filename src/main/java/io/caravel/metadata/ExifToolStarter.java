package io.caravel.metadata;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Starts ExifTool so that it cannot outlive this program. At the end of its input ExifTool does not
 * end but looks again a hundred times a second, for ever, so after a kill -9 of the JVM it would
 * stay. The kernel is asked to kill it instead (prctl's PR_SET_PDEATHSIG, by util-linux's setpriv).
 * That signal comes when the thread ends that started the process, hence the one thread here that
 * lives as long as the pool. Where there is no setpriv (not Linux), only an orderly end takes
 * ExifTool along.
 */
final class ExifToolStarter implements AutoCloseable {
  /**
   * Of each process, in MiB. Over photos of all kinds Perl needs 20 to 60; a text of 15 MB takes
   * 135.
   */
  static final int MEMORY_MB = 190;

  private static final String MEMORY = "--data=" + ((long) MEMORY_MB << 20);

  /** With the libraries, which are shared; for kernels that count as data but the heap. */
  private static final String ADDRESSES = "--as=" + (512L << 20);

  /** A file that it writes: more than a preview may have, so that this is told first. */
  private static final String FILES = "--fsize=" + (80 << 20);

  private final String command;
  private final Path config;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread starter = new Thread(task, "exiftool-starter");
            starter.setDaemon(true);
            return starter;
          });

  /**
   * @param command exiftool, or a path to it
   * @param config what it runs at its start, Perl code
   */
  ExifToolStarter(String command, Path config) {
    this.command = command;
    this.config = config.toAbsolutePath();
  }

  /** One that stays open and answers questions, each with these arguments too. */
  ExifToolProcess stayOpen(List<String> commonArguments) throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(List.of("-stay_open", "True", "-@", "-", "-common_args"));
    arguments.addAll(commonArguments);
    return new ExifToolProcess(
        start(
            arguments,
            Path.of("").toAbsolutePath(),
            ProcessBuilder.Redirect.PIPE,
            ProcessBuilder.Redirect.DISCARD));
  }

  /**
   * One for these arguments.
   *
   * @param directory in which it works
   */
  Process start(
      List<String> arguments,
      Path directory,
      ProcessBuilder.Redirect output,
      ProcessBuilder.Redirect errors)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(line(arguments));
    // Sends nothing else to standard output, in the same language and letters everywhere.
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.directory(directory.toFile());
    builder.redirectOutput(output);
    builder.redirectError(errors);
    Future<Process> started = thread.submit(builder::start);
    try {
      return started.get();
    } catch (InterruptedException e) {
      // Submitted: what is thrown in there must not end the thread, and with it every ExifTool.
      thread.submit(() -> endUnused(started));
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  // Runs on the one thread, so after the start that nobody waits for any more.
  private static void endUnused(Future<Process> started) {
    try {
      started.get().destroyForcibly();
    } catch (InterruptedException | ExecutionException e) {
      // It never started.
    }
  }

  Optional<Path> found() {
    return find(command);
  }

  @Override
  public void close() {
    thread.shutdown();
  }

  private List<String> line(List<String> arguments) throws IOException {
    Path exiftool =
        found().orElseThrow(() -> new FileNotFoundException("no command \"" + command + "\""));
    List<String> line = new ArrayList<>();
    find("setpriv")
        .ifPresent(setpriv -> line.addAll(List.of(setpriv.toString(), "--pdeathsig", "KILL")));
    find("prlimit")
        .ifPresent(prlimit -> line.addAll(List.of(prlimit.toString(), MEMORY, ADDRESSES, FILES)));
    line.add(exiftool.toAbsolutePath().toString());
    // -config must be the first: no ~/.ExifTool_config of the account, which is Perl code, is run.
    line.addAll(List.of("-config", config.toString()));
    line.addAll(arguments);
    return line;
  }

  private static Optional<Path> find(String command) {
    Stream<Path> places =
        command.contains(File.separator)
            ? Stream.of(Path.of(command))
            : Stream.of(
                    Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator))
                .map(directory -> Path.of(directory, command));
    return places.filter(Files::isRegularFile).filter(Files::isExecutable).findFirst();
  }
}
