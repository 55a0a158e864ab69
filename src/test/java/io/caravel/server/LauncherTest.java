package io.caravel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code ./caravel run} makes of the end of the program: the function of the launcher. */
class LauncherTest {
  private final Path directory;
  private final Path starts;

  LauncherTest(@TempDir Path directory) {
    this.directory = directory;
    this.starts = directory.resolve("starts");
  }

  /** The shipped function around a program that is this script. */
  private Process launch(String script) throws Exception {
    Path program = directory.resolve("program");
    Files.writeString(program, "#!/bin/bash\necho start >>" + starts + "\n" + script + "\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Path launcher = directory.resolve("launcher");
    Files.writeString(
        launcher,
        """
        set -euo pipefail
        say() { printf 'caravel: %%s\\n' "$*"; }
        pause_seconds=0
        source <(sed -n '/^keep_running() {$/,/^}$/p' caravel)
        keep_running %s
        """
            .formatted(program));
    // Tests that run in the background ignore SIGINT, and so would all that they start.
    return new ProcessBuilder("env", "--default-signal=INT", "bash", launcher.toString())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("said").toFile())
        .start();
  }

  private static int end(Process launcher) throws Exception {
    assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return launcher.exitValue();
  }

  private int starts() throws Exception {
    return Files.exists(starts) ? Files.readAllLines(starts).size() : 0;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 78, 130, 137, 143})
  void everyOtherStatusIsTheLaunchersOwn(int status) throws Exception {
    assertThat(end(launch("exit " + status))).isEqualTo(status);
    assertThat(starts()).isOne();
  }

  @Test
  void oneThatRanOutOfMemoryIsStartedAgainAndThatIsSaid() throws Exception {
    Process launcher = launch("[[ $(wc -l <" + starts + ") -gt 2 ]] && exit 1; exit 3");
    assertThat(end(launcher)).isEqualTo(1);
    assertThat(starts()).isEqualTo(3);
    List<String> said = Files.readAllLines(directory.resolve("said"));
    assertThat(said).hasSize(2).allMatch(line -> line.contains("memory"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void theProgramEndsInOrderWhenTheLauncherIsAskedTo(String signal) throws Exception {
    Process launcher =
        launch(
            "trap 'kill $!; echo ended >>"
                + starts
                + "; exit 143' TERM; sleep 3600 & echo >>"
                + directory.resolve("up")
                + "; wait");
    await().until(() -> Files.exists(directory.resolve("up")));
    new ProcessBuilder("kill", "-" + signal, "" + launcher.pid()).start().waitFor();
    assertThat(end(launcher)).isEqualTo(143);
    assertThat(Files.readAllLines(starts)).containsExactly("start", "ended");
  }
}
