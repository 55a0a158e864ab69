package io.caravel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.ground.CannotStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.mock.env.MockEnvironment;

/** No setting makes Caravel take away, or take for photos, what is its own or another's. */
class SafeFoldersTest {
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  private Path home = Path.of("");

  @BeforeEach
  void lay() throws IOException {
    home = Files.createDirectories(directory.resolve("photos/caravel"));
    Files.writeString(Files.createDirectories(home.resolve("originals")).resolve("a.jpg"), "a");
  }

  private void start(Map<String, String> settings) {
    MockEnvironment environment = new MockEnvironment();
    environment.setProperty("caravel.home", home.toString());
    settings.forEach(environment::setProperty);
    new DerivedSettings().postProcessEnvironment(environment, new SpringApplication());
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", "../originals", "/tmp", "a/b", ".hidden", "a b", "a\nb", "-a"})
  void aNodeHasNoNameThatLeadsElsewhere(String name) {
    assertThatThrownBy(() -> start(Map.of("caravel.node", name)))
        .isInstanceOf(CannotStart.class)
        .hasMessageContaining("CARAVEL_NODE");
    assertThat(home.resolve("originals/a.jpg")).exists();
  }

  @ParameterizedTest
  @CsvSource({
    "caravel.max-upload-mb, 99999999999999",
    "caravel.max-upload-mb, 0",
    "caravel.keep-free-mb, -5",
    "caravel.trash-days, -1",
    "caravel.backup.kept, 0",
    "caravel.scrub-days, 1.5"
  })
  void aNumberStaysInItsRange(String property, String value) {
    assertThatThrownBy(() -> start(Map.of(property, value)))
        .isInstanceOf(CannotStart.class)
        .hasMessageContaining(
            "CARAVEL_" + property.substring(8).toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
        .hasMessageContaining(" to ");
  }

  @Test
  void aNodeHasAPlainName() {
    assertThatCode(() -> start(Map.of("caravel.node", "photo_server-1.lan")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "photos",
        "photos/caravel",
        "photos/caravel/originals/2024",
        "photos/caravel/thumbnails",
        "link",
        "uploads/ab",
        "disk",
        "photos/../photos/caravel/scratch/x"
      })
  void theInboxHoldsNothingOfCaravels(String inbox) throws IOException {
    Files.createSymbolicLink(directory.resolve("link"), directory.resolve("photos"));
    assertThatThrownBy(
            () ->
                start(
                    Map.of(
                        "caravel.inbox",
                        directory.resolve(inbox).toString(),
                        "caravel.disks",
                        "site=%s, uploads=%s"
                            .formatted(
                                directory.resolve("disk/site"), directory.resolve("uploads")),
                        "caravel.upload-disk",
                        "uploads")))
        .isInstanceOf(CannotStart.class)
        .hasMessageContaining("CARAVEL_INBOX");
  }

  @ParameterizedTest
  @ValueSource(strings = {"photos/inbox", "photos/caravel/inbox", "photos/caravel/drop", "other"})
  void theInboxLiesBesideIt(String inbox) {
    assertThatCode(() -> start(Map.of("caravel.inbox", directory.resolve(inbox).toString())))
        .doesNotThrowAnyException();
  }
}
