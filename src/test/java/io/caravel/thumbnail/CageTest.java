package io.caravel.thumbnail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a decoder that has been taken over could do: {@code src/test/cpp/break_out.cpp} tries it.
 */
class CageTest {
  @SuppressWarnings("NullAway.Init")
  private static Path directory;

  @SuppressWarnings("NullAway.Init")
  private static Path program;

  @BeforeAll
  static void build(@TempDir Path temporary) throws Exception {
    directory = temporary;
    boolean required = "required".equals(System.getenv("CARAVEL_NATIVE"));
    assumeTrue(
        required || Files.isExecutable(Path.of("/usr/bin/g++")),
        "no C++ compiler (package g++): the cage is not tried");
    program = directory.resolve("break-out");
    run(
        List.of(
            "g++",
            "-std=c++17",
            "-O0",
            "src/test/cpp/break_out.cpp",
            "src/main/cpp/cage.cpp",
            "src/main/cpp/caravel_vips.cpp",
            "src/main/cpp/picture_source.cpp",
            "-l:libvips.so.42",
            "-l:libgobject-2.0.so.0",
            "-l:libglib-2.0.so.0",
            "-o",
            program.toString()));
  }

  @Test
  void theCageRefusesAllThatADecoderDoesNotNeed() throws Exception {
    Map<String, String> tries = tries("1");

    assertThat(tries.remove("read-picture")).isEqualTo("done");
    assertThat(tries.remove("start-thread")).isEqualTo("done");
    if (!"done".equals(tries.remove("landlock"))) {
      tries.keySet().removeAll(Set.of("read-other", "read-settings", "list"));
    }
    assertThat(tries)
        .hasSizeGreaterThan(18)
        .allSatisfy((name, end) -> assertThat(end).isEqualTo("refused"));
  }

  @Test
  void withoutTheCageEachOfThemGoesThrough() throws Exception {
    Map<String, String> tries = tries("0");
    tries.remove("landlock");

    assertThat(tries).allSatisfy((name, end) -> assertThat(end).as(name).isEqualTo("done"));
  }

  private static Map<String, String> tries(String caged) throws Exception {
    Path files = Files.createTempDirectory(directory, "files");
    Files.writeString(files.resolve("picture"), "p");
    Files.writeString(files.resolve("other"), "o");
    Process another = new ProcessBuilder("sleep", "60").start();
    try {
      String said =
          run(List.of(program.toString(), caged, files.toString(), String.valueOf(another.pid())));
      Map<String, String> tries = new TreeMap<>();
      for (String line : said.lines().toList()) {
        String[] words = line.split(" ");
        tries.put(words[0], words[1]);
      }
      return tries;
    } finally {
      another.destroyForcibly();
    }
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
