package io.caravel.server;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * A process that does not outlive the test JVM: the kernel kills it when the thread that started it
 * ends, even by kill -9. Thread-safe.
 */
final class Child {
  private static final Duration END = Duration.ofMinutes(4);

  // prctl(2), PR_SET_PDEATHSIG: the "parent" is the thread, not the process. A test's own thread
  // may end before its servers should, so that one thread which never ends starts them all.
  private static final Executor CRADLE =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "cradle");
            thread.setDaemon(true);
            return thread;
          });

  private final Process process;
  private final Path log;

  /** Starts {@code program}; what it prints is appended to {@code log}. */
  Child(ProcessBuilder program, Path log) {
    this.log = log;
    List<String> command = new ArrayList<>();
    command.addAll(List.of(Installed.program("setpriv", "util-linux"), "--pdeathsig", "KILL"));
    command.addAll(program.command());
    program
        .command(command)
        .redirectInput(new File("/dev/null"))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    process = CompletableFuture.supplyAsync(() -> start(program), CRADLE).join();
  }

  private static Process start(ProcessBuilder program) {
    try {
      return program.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Ends it at once, as a crash would: its children are left to notice. */
  void kill9() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Ends it and all its descendants at once. */
  void killFamily() {
    List<ProcessHandle> family = process.descendants().toList();
    kill9();
    family.forEach(ProcessHandle::destroyForcibly);
    family.forEach(member -> member.onExit().join());
  }

  /** Has the kernel send it a signal, such as STOP. */
  void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks it to end (SIGTERM) and waits some minutes for that. Returns its exit status. */
  int terminate() {
    process.destroy();
    return awaitEnd();
  }

  /** Waits some minutes for its own end. Returns its exit status. */
  int awaitEnd() {
    await("the end of the process, which prints\n" + tail()).atMost(END).until(() -> !alive());
    return process.exitValue();
  }

  /** All it printed. */
  String log() {
    try {
      // Not readString: a program may print bytes that are not UTF-8.
      return Files.exists(log) ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last 60 lines it printed. */
  String tail() {
    List<String> lines = log().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
  }
}
