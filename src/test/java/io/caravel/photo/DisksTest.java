package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.ground.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisksTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path home;

  @Test
  void thePrivateDiskIsBelowHomeUnlessNamed() {
    assertThat(new Disks(home.toString(), List.of()).root("private"))
        .isEqualTo(home.resolve("originals"));
    Disks named = new Disks(home.toString(), List.of("private=" + home.resolve("a"), " nas = /b "));
    assertThat(named.root("private")).isEqualTo(home.resolve("a"));
    assertThat(named.root("nas")).isEqualTo(Path.of("/b"));
    assertThat(named.names()).containsExactlyInAnyOrder("private", "nas");
  }

  @Test
  void aFileIsFoundByItsRealPath() throws Exception {
    Disks disks = new Disks(home.toString(), List.of());
    Path file = disks.root("private").resolve("images/ä.jpg");
    Files.createDirectories(file.getParent());
    Files.createFile(file);
    assertThat(disks.resolve("private", "images", "ä.jpg")).isEqualTo(file.toRealPath());
    assertThat(disks.resolve("private", "", "images/ä.jpg")).isEqualTo(file.toRealPath());
  }

  @ParameterizedTest
  @CsvSource({
    "'', ../secret",
    ".., secret",
    "/, etc/passwd",
    "a, /etc/passwd",
    "'', ''",
    "'', link"
  })
  void nothingOutsideIsReached(String path, String name) throws Exception {
    Disks disks = new Disks(home.toString(), List.of());
    Files.createDirectories(disks.root("private").resolve("a"));
    Path secret = Files.createFile(home.resolve("secret"));
    Files.createSymbolicLink(disks.root("private").resolve("link"), secret);
    assertThatThrownBy(() -> disks.resolve("private", path, name))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.cause()).isEqualTo("disk-unavailable");
              assertThat(failure.lasting()).isTrue();
            });
  }

  @Test
  void aMissingFileOrDiskMayComeBack() {
    Path nas = home.resolveSibling("no-such-disk");
    Disks disks = new Disks(home.toString(), List.of("nas=" + nas));
    assertThat(nas).doesNotExist();
    assertThatThrownBy(() -> disks.resolve("private", "", "gone"))
        .hasMessageContaining("put it back");
    assertThatThrownBy(() -> disks.resolve("nas", "", "gone"))
        .hasMessageContaining("mount it again")
        .isInstanceOfSatisfying(Failure.class, failure -> assertThat(failure.lasting()).isFalse());
    assertThatThrownBy(() -> disks.root("nowhere")).hasMessageContaining("CARAVEL_DISKS");
  }

  @Test
  void aThumbnailIsAddressedByThePhotosBytes() {
    String sha = "abcd" + "0".repeat(60);
    assertThat(new Disks(home.toString(), List.of()).thumbnailFile(sha, "cover-300x300", "jpg"))
        .isEqualTo(home.resolve("thumbnails/ab/" + sha + "/cover-300x300.jpg"));
    assertThatThrownBy(
            () -> new Disks(home.toString(), List.of()).thumbnailFile(sha, "../x-1x1", "jpg"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theDiskForUploadsIsOneOfTheRoots() {
    assertThat(new Disks(home.toString(), List.of("nas=/b"), "nas").uploads()).isEqualTo("nas");
    assertThatThrownBy(() -> new Disks(home.toString(), List.of("nas=/b"), "tape"))
        .hasMessageContaining("CARAVEL_UPLOAD_DISK says 'tape'")
        .hasMessageContaining("nas, private");
  }

  @Test
  void aPathLiesInTheInnermostRootThatHoldsIt() {
    Disks disks = new Disks(home.toString(), List.of("outer=/o", "inner=/o/i"));
    assertThat(disks.holding(Path.of("/o/i/a.jpg"))).isEqualTo("inner");
    assertThat(disks.holding(Path.of("/o/io/a.jpg"))).isEqualTo("outer");
    assertThatThrownBy(() -> disks.holding(Path.of("/other")))
        .hasMessageContaining("CARAVEL_DISKS");
  }
}
