package io.caravel.thumbnail.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.child.Child;
import io.caravel.ground.Failure;
import io.caravel.photo.DrawnVideo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process that takes pictures out of films: what it may do, and how it ends. */
@NullUnmarked
class CageTest {
  private static final Path NATIVE =
      Path.of("target", "native-" + System.getProperty("test.fork", "1")).toAbsolutePath();

  @TempDir Path directory;

  @Test
  void inTheCageTheFilmCanBeReadAndNothingElseBeDone() throws Exception {
    Path film = DrawnVideo.write(directory.resolve("film.mp4"));
    Path said = directory.resolve("said");
    Child.End end =
        Child.run(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.bytedeco.javacpp.cachedir=" + NATIVE,
                "-cp",
                System.getProperty("java.class.path"),
                Caged.class.getName(),
                film.toString(),
                directory.toString()),
            said,
            new Child.Limits(2000, 20_000, 60, Duration.ofSeconds(120), 80));

    assertThat(Files.readString(said).lines())
        .as(end.errors())
        .containsExactly(
            "read the film: yes",
            "write a file: no",
            "delete it: no",
            "connect: no",
            "start a program: no",
            "from another thread: no");
    assertThat(film).exists();
    assertThat(directory.resolve("new")).doesNotExist();
  }

  @Test
  void aFrameIsTakenOutAndWhatIsNoFilmFailsForGood() throws Exception {
    Videos videos = new Videos(NATIVE, 600);
    Path poster = directory.resolve("poster.jpg");
    videos.extract(DrawnVideo.write(directory.resolve("film.webm")), poster);
    assertThat(Files.size(poster)).isGreaterThan(500);

    Path other =
        Files.writeString(directory.resolve("film.mp4"), "#EXTM3U\nhttp://127.0.0.1/x.ts\n");
    assertThatThrownBy(() -> videos.extract(other, poster))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.cause()).isEqualTo("undecodable");
              assertThat(failure.lasting()).isTrue();
              assertThat(failure).hasMessageContaining("kept");
            });
  }

  @Test
  void tooLittleMemoryIsNoFaultOfTheFilm() throws Exception {
    Path film = DrawnVideo.write(directory.resolve("film.mp4"));
    assertThatThrownBy(() -> new Videos(NATIVE, 40).extract(film, directory.resolve("poster.jpg")))
        .isInstanceOf(Failure.class);
    assertThat(directory.resolve("poster.jpg.errors")).doesNotExist();
  }
}
