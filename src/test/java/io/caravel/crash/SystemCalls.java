package io.caravel.crash;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The system calls of a running program, seen by strace. */
final class SystemCalls implements AutoCloseable {
  private static final Pattern LINE = Pattern.compile("^(\\d+) +(.*)$");
  private static final Pattern RESUMED = Pattern.compile("^<\\.\\.\\. \\w+ resumed>(.*)$");
  private static final String UNFINISHED = "<unfinished ...>";

  private final Path trace;
  private final Process strace;

  /**
   * One call.
   *
   * @param text as strace shows it, file descriptors with their paths
   * @param began its place among the lines of the trace; {@code ended} that of its return
   */
  record Call(String text, int began, int ended) {}

  /** Attaches to all threads of a process; skips the test where that cannot be had. */
  SystemCalls(long pid, String... names) throws IOException {
    Path program = Path.of("/usr/bin/strace");
    Assumptions.assumeTrue(
        Files.isExecutable(program),
        "strace is not installed: apt-get install strace, or ./caravel test");
    trace = Files.createTempFile("caravel-strace-", ".txt");
    strace =
        new ProcessBuilder(
                program.toString(),
                "-f",
                "-y",
                "-s",
                "60",
                "-o",
                trace.toString(),
                "-e",
                "trace=" + String.join(",", names),
                "-p",
                Long.toString(pid))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    await("strace attached")
        .atMost(Duration.ofSeconds(30))
        .until(() -> !strace.isAlive() || attached(pid));
    Assumptions.assumeTrue(
        strace.isAlive(), "strace may not attach here (ptrace is not permitted)");
  }

  private static boolean attached(long pid) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : (Iterable<Path>) threads::iterator) {
        try {
          if (Files.readString(thread.resolve("status")).contains("TracerPid:\t0\n")) {
            return false;
          }
        } catch (IOException e) {
          // this thread has just ended
        }
      }
    }
    return true;
  }

  /** Detaches, and tells what was called, in the order of the returns. */
  List<Call> stop() throws IOException, InterruptedException {
    strace.destroy();
    if (!strace.waitFor(30, TimeUnit.SECONDS)) {
      throw new IOException("strace does not end");
    }
    List<Call> calls = new ArrayList<>();
    Map<String, Call> begun = new HashMap<>();
    int number = 0;
    for (String line : Files.readAllLines(trace, StandardCharsets.ISO_8859_1)) {
      number++;
      Matcher parts = LINE.matcher(line);
      if (!parts.matches()) {
        continue;
      }
      String thread = parts.group(1);
      String text = parts.group(2);
      Matcher resumed = RESUMED.matcher(text);
      if (text.endsWith(UNFINISHED)) {
        begun.put(thread, new Call(text, number, number));
      } else if (resumed.matches()) {
        Call first = begun.remove(thread);
        if (first != null) {
          calls.add(
              new Call(
                  first.text().replace(UNFINISHED, "").stripTrailing() + resumed.group(1),
                  first.began(),
                  number));
        }
      } else {
        calls.add(new Call(text, number, number));
      }
    }
    return calls;
  }

  @Override
  public void close() throws IOException {
    strace.destroyForcibly();
    Files.deleteIfExists(trace);
  }
}
