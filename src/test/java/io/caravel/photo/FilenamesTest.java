package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilenamesTest {
  @ParameterizedTest
  @CsvSource({
    "a.jpg, a.jpg",
    "/etc/passwd, passwd",
    "C:\\photos\\a.jpg, a.jpg",
    "a/b\\c.jpg, c.jpg",
    "a\\b/c.jpg, c.jpg",
    "'  a b.jpg ', a b.jpg",
    "weiße Blüte 🌸.jpg, weiße Blüte 🌸.jpg",
    "a/, unnamed",
    "' ', unnamed",
  })
  void onlyTheLastPartOfANameIsKept(String given, String kept) {
    assertThat(Filenames.clean(given)).isEqualTo(kept);
  }

  @Test
  void aNameWithoutControlCharactersIsLeftAndOneIsAlwaysThere() {
    assertThat(Filenames.clean(null)).isEqualTo("unnamed");
    assertThat(Filenames.clean("a\0b\nc\u2028d\u2029e\u007f.jpg")).isEqualTo("abcde.jpg");
  }

  @Test
  void aNameHasAtMostAThousandCharacters() {
    assertThat(Filenames.clean("x".repeat(1000))).hasSize(1000);
    assertThat(Filenames.clean("x".repeat(1001))).hasSize(1000);
  }

  @Test
  void whatTurnsOrBreaksALineIsAQuestionMarkInTheLog() {
    assertThat(Filenames.shown(Path.of("a\nb\u202Egpj.c\u2066d"))).isEqualTo("a?b?gpj.c?d");
  }

  @Test
  void aTextIsCutBetweenItsCharactersNeverWithinOne() {
    assertThat(Filenames.cutToBytes("aä🌸", 7)).isEqualTo("aä🌸");
    assertThat(Filenames.cutToBytes("aä🌸", 6)).isEqualTo("aä");
    assertThat(Filenames.cutToBytes("aä🌸", 3)).isEqualTo("aä");
    assertThat(Filenames.cutToBytes("aä🌸", 2)).isEqualTo("a");
    assertThat(Filenames.cutToBytes("🌸", 3).getBytes(StandardCharsets.UTF_8)).isEmpty();
  }
}
