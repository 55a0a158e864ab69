package io.caravel.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index finds what {@link String#contains} finds. */
class GramFileTest {
  @TempDir Path folder = Path.of("");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ab",
        "a \u001F%_",
        "ελ\u0301",
        "東京タワー",
        "a\uD83D\uDE00\uD83C\uDF0A",
        "0123456789"
      })
  void allThatHoldAPartAreFoundAndNoOthers(String alphabet) throws IOException {
    Random random = new Random(7);
    int[] characters = alphabet.codePoints().toArray();
    List<String> texts = new ArrayList<>();
    try (GramFile file = new GramFile(folder)) {
      for (int id = 0; id < 300; id++) {
        texts.add(random(random, characters, random.nextInt(40)));
        file.put(id, texts.get(id));
      }
      file.refresh();
      for (int round = 0; round < 600; round++) {
        String part =
            round % 2 == 0
                ? random(random, characters, 1 + random.nextInt(9))
                : partOf(texts.get(random.nextInt(texts.size())), random);
        if (part.contains("\u001F")) {
          continue; // between two texts: nobody asks for it
        }
        assertThat(file.holding(part, 1000))
            .as(part)
            .containsExactlyInAnyOrderElementsOf(
                LongStream.range(0, texts.size())
                    .filter(id -> texts.get((int) id).contains(part))
                    .boxed()
                    .toList());
      }
    }
  }

  private static String random(Random random, int[] characters, int length) {
    int[] text = random.ints(length, 0, characters.length).map(n -> characters[n]).toArray();
    return new String(text, 0, length);
  }

  private static String partOf(String text, Random random) {
    int[] characters = text.codePoints().toArray();
    if (characters.length == 0) {
      return "?";
    }
    int from = random.nextInt(characters.length);
    return new String(characters, from, 1 + random.nextInt(characters.length - from));
  }

  @Test
  void aTextOfThe8000CharactersOfItsColumnIsFoundByItsEnd() throws IOException {
    try (GramFile file = new GramFile(folder)) {
      file.put(1, "x".repeat(7997) + "end");
      file.refresh();
      assertThat(file.holding("xend", 1000)).containsExactly(1L);
      assertThat(file.holding("d", 1000)).containsExactly(1L);
      assertThat(file.holding("x".repeat(200), 1000)).containsExactly(1L);
      assertThat(file.holding("endx", 1000)).isEmpty();
    }
  }

  @Test
  void ofMoreThanAreWantedItSaysThatTheyAreMore() throws IOException {
    try (GramFile file = new GramFile(folder)) {
      for (int id = 0; id < 10; id++) {
        file.put(id, "beach");
        file.put(id, "beach again");
      }
      file.refresh();
      assertThat(file.holding("beach", 10)).hasSize(10);
      assertThat(file.holding("beach", 9)).hasSizeGreaterThan(9);
      assertThat(file.holding("beach", 3)).hasSize(4);
    }
  }

  @Test
  void whatWasNotCommittedIsForgottenWithItsNotes() throws IOException {
    try (GramFile file = new GramFile(folder)) {
      file.put(1, "one");
      file.commit(Map.of("followed", "1"));
      file.put(1, "another");
      file.put(2, "one");
    }
    try (GramFile file = new GramFile(folder)) {
      assertThat(file.notes()).containsExactly(Map.entry("followed", "1"));
      assertThat(file.holding("one", 1000)).containsExactly(1L);
      assertThat(file.holding("other", 1000)).isEmpty();
    }
  }

  /** Bytes that a disk has changed would else hide a photo, and nobody would know. */
  @Test
  void whereverAByteIsTurnedItIsRefusedOrAnswersRightly() throws IOException {
    List<String> texts = List.of("beach", "forest beach", "forest", "desert", "tundra");
    try (GramFile file = new GramFile(folder)) {
      for (int id = 0; id < 500; id++) {
        file.put(id, texts.get(id % texts.size()) + " " + id);
      }
      file.commit(Map.of());
    }
    int refused = 0;
    int tried = 0;
    for (Path file : files()) {
      byte[] whole = Files.readAllBytes(file);
      for (int at = 0; at < whole.length; at += 1 + whole.length / 60) {
        byte[] turned = whole.clone();
        turned[at] ^= 0x11;
        Files.write(file, turned);
        tried++;
        try (GramFile broken = new GramFile(folder)) {
          assertThat(broken.holding("forest", 1000)).as("%s at %d", file, at).hasSize(200);
          assertThat(broken.holding("99", 1000)).as("%s at %d", file, at).hasSize(5);
        } catch (IOException | IllegalArgumentException e) {
          refused++;
        }
        assertThat(files()).as("nothing is added or removed").contains(file);
      }
      Files.write(file, whole);
    }
    assertThat(refused).isGreaterThan(tried / 2);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> !file.endsWith("write.lock")).toList();
    }
  }
}
