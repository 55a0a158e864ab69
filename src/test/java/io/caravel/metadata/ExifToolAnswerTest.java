package io.caravel.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExifToolAnswerTest {
  private static String answer(String said, int longest, int most, int piece) throws Exception {
    ExifToolAnswer answer = new ExifToolAnswer("{ready7}", longest, most);
    byte[] bytes = said.getBytes(StandardCharsets.UTF_8);
    boolean complete = false;
    for (int at = 0; at < bytes.length; at += piece) {
      assertThat(complete).as("complete before its end").isFalse();
      int length = Math.min(piece, bytes.length - at);
      byte[] part = new byte[piece];
      System.arraycopy(bytes, at, part, 0, length);
      complete = answer.take(part, length);
    }
    assertThat(complete).isTrue();
    return answer.text();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1000})
  void whatIsShortIsKeptAsItIs(int piece) throws Exception {
    String said = "[{\n  \"SourceFile\": \"ü.jpg\",\n  \"A:B\": \"{ready7}\"\n}]\n";
    assertThat(answer(said + "{ready7}\n", 100, 1000, piece)).isEqualTo(said);
    assertThat(answer("{ready7}\n", 100, 1000, piece)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000})
  void aTagThatIsTooLongIsLeftOutAloneAndNamed(int piece) throws Exception {
    String said =
        "[{\n  \"SourceFile\": \"a\",\n  \"XMP-dc:Long\": \""
            + "x".repeat(5000)
            + "\",\n  \"A:B\": 1,\n  \"X:Last\": \""
            + "y".repeat(300)
            + "\"\n}]\n";
    assertThat(answer(said + "{ready7}\n", 200, 10_000, piece))
        .isEqualTo(
            "[{\n  \"Caravel:Truncated\": [\"XMP-dc:Long (5021 bytes)\", \"X:Last (315 bytes)\"],\n"
                + "  \"SourceFile\": \"a\",\n  \"A:B\": 1,\n}]\n");
  }

  @Test
  void ofTooMuchTheLongestAreLeftOutUntilTheRestFits() throws Exception {
    StringBuilder said = new StringBuilder("[{\n");
    for (int i = 0; i < 100; i++) {
      said.append("  \"G:L").append(i).append("\": \"").append("z".repeat(400)).append("\",\n");
      said.append("  \"G:S").append(i).append("\": 1,\n");
    }
    said.append("  \"G:End\": 1\n}]\n");
    String kept = answer(said + "{ready7}\n", 1000, 20_000, 4096);
    assertThat(kept).contains("\"G:S0\"", "\"G:S99\"", "\"G:End\"", "more\"]");
    assertThat(kept.length()).isLessThan(25_000);
  }

  @Test
  void whoSaysTooMuchInShortLinesIsStopped() {
    String said = "  \"G:T\": 1,\n".repeat(1000);
    assertThatThrownBy(() -> answer("[{\n" + said + "{ready7}\n", 1000, 5000, 4096))
        .isInstanceOf(ExifToolAnswer.TooLong.class);
  }
}
