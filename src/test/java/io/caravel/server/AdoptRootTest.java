package io.caravel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ./caravel adopt-root}: leaves the file that has a storage root marked anew. */
class AdoptRootTest {
  private final Path directory;
  private final Path home;

  AdoptRootTest(@TempDir Path directory) {
    this.directory = directory;
    this.home = directory.resolve("home");
  }

  @BeforeEach
  void aHomeAndAClockThatIsQuick() throws IOException {
    Files.createDirectories(home.resolve("originals"));
    Files.createDirectories(directory.resolve("shared disk"));
    Path sleep = Files.createDirectories(directory.resolve("bin")).resolve("sleep");
    Files.writeString(sleep, "#!/bin/sh\n");
    assertThat(sleep.toFile().setExecutable(true)).isTrue();
  }

  private Process launcher(boolean patient, String... arguments) throws IOException {
    ProcessBuilder launcher = new ProcessBuilder("bash", "caravel", "adopt-root");
    launcher.command().addAll(List.of(arguments));
    launcher.environment().keySet().removeIf(key -> key.startsWith("CARAVEL_"));
    launcher.environment().put("CARAVEL_HOME", home.toString());
    launcher
        .environment()
        .put("CARAVEL_DISKS", "nas=" + directory.resolve("shared disk") + ", gone=/nowhere/at/all");
    if (!patient) {
      launcher.environment().merge("PATH", directory.resolve("bin") + ":", (old, bin) -> bin + old);
    }
    return launcher.redirectErrorStream(true).start();
  }

  private static String said(Process launcher, int status) throws Exception {
    String said = new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(launcher.exitValue()).as(said).isEqualTo(status);
    return said;
  }

  @ParameterizedTest
  @CsvSource({"home, home", "private, home/originals", "nas, shared disk"})
  void aProgramThatIsToStartFindsTheFile(String name, String folder) throws Exception {
    assertThat(said(launcher(false, name), 0)).contains("when Caravel starts");
    assertThat(directory.resolve(folder).resolve(".caravel-adopt-root")).exists();
  }

  @Test
  void aProgramThatRunsTakesItAndThatIsSaid() throws Exception {
    Path file = home.resolve(".caravel-adopt-root");
    Process launcher = launcher(true, "home");
    await().until(() -> Files.deleteIfExists(file));
    assertThat(said(launcher, 0)).contains("is marked");
  }

  @ParameterizedTest
  @CsvSource({
    "other, no storage root is called other",
    "gone, mount its disk first",
    "home nas, takes the name of one"
  })
  void whatCannotBeMarkedIsSaid(String names, String sentence) throws Exception {
    assertThat(said(launcher(false, names.split(" ")), 1)).contains(sentence);
  }
}
