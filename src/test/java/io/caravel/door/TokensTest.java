package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.ground.CannotStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
  private static final String HASH = "0".repeat(64);

  private static Tokens read(Path folder, String text) throws IOException {
    Path file = folder.resolve("tokens");
    Files.writeString(file, text);
    return Tokens.read(file, Set.of("listQueues", "uploadPhotos"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name",
        "name token *",
        "name 00 *",
        "name HASH",
        "name HASH listQueues, uploadPhotos",
        "name HASH listqueues",
        "name HASH listQueues,",
        "name HASH ,",
        "name {bcrypt}$2a$10$abc *"
      })
  void aLineThatIsNoneStopsTheStartAndIsNamed(String line, @TempDir Path folder) {
    assertThatThrownBy(() -> read(folder, "# whose\n\n" + line.replace("HASH", HASH)))
        .isInstanceOf(CannotStart.class)
        .hasMessageContaining("line 3")
        .hasMessageNotContaining(HASH);
  }

  @Test
  void aFileThatIsNotThereStopsTheStart(@TempDir Path folder) {
    assertThatThrownBy(() -> Tokens.read(folder.resolve("none"), Set.of()))
        .isInstanceOf(CannotStart.class)
        .hasMessageContaining("CARAVEL_TOKENS");
  }

  @Test
  void digitsMayBeCapitals(@TempDir Path folder) throws IOException {
    Tokens tokens =
        read(folder, "me " + Tokens.sha256("secret").toUpperCase(java.util.Locale.ROOT) + " *");
    assertThat(tokens.known("secret")).isNotNull();
    assertThat(tokens.known("Secret")).isNull();
  }
}
