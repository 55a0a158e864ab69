package io.caravel.thumbnail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.caravel.ground.Failure;
import io.caravel.job.Job;
import io.caravel.job.Lane;
import io.caravel.photo.Disks;
import io.caravel.photo.Photo;
import io.caravel.photo.PictureType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class ThumbnailsTest {
  private static final String SHA = "ab".repeat(32);
  private static final Photo PHOTO =
      new Photo(1, SHA, "a.jpg", "image/jpeg", 1, "private", "ab", "a.jpg", false, null, null);

  @TempDir Path home;
  private Disks disks;
  private final List<Thumbnailer.Target> made = new ArrayList<>();

  @BeforeEach
  void storeAPhoto() throws IOException {
    disks = new Disks(home.toString(), List.of());
    Path file = disks.root("private").resolve("ab/a.jpg");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "photo");
  }

  /** Writes its name into each missing target. */
  private Thumbnailer engine(ThumbnailFormat... formats) {
    return new Thumbnailer() {
      @Override
      public String engine() {
        return "stand-in";
      }

      @Override
      public boolean reads(PictureType type) {
        return true;
      }

      @Override
      public boolean writes(ThumbnailFormat format) {
        return Set.of(formats).contains(format);
      }

      @Override
      public Made make(Path original, List<Target> targets, boolean caged) {
        List<Target> missing =
            targets.stream().filter(target -> !Files.exists(target.file())).toList();
        made.addAll(missing);
        for (Target target : missing) {
          try {
            Files.createDirectories(target.file().getParent());
            Files.writeString(target.file(), target.format().toString());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
        return missing.isEmpty() ? Made.NOTHING : new Made("cut");
      }
    };
  }

  private static Job job(String data, boolean force, int attempts) {
    return new Job(
        3, "thumbnails", "key", data, force, 2, attempts, 0, 0, "me", Lane.UPLOAD, 0, PHOTO);
  }

  private Thumbnails both() {
    return new Thumbnails(
        engine(ThumbnailFormat.JPEG, ThumbnailFormat.WEBP), disks, ThumbnailFormat.WEBP.toString());
  }

  @Test
  void theStartIsRefusedWithAFormatThatIsNoneOrThatTheEngineCannotWrite() {
    assertThatThrownBy(() -> new Thumbnails(engine(ThumbnailFormat.JPEG), disks, "webp"))
        .hasMessage(
            "CARAVEL_THUMBNAIL_FORMAT is webp, which the engine stand-in cannot write: set it to"
                + " jpeg.");
    assertThatThrownBy(() -> new Thumbnails(engine(ThumbnailFormat.JPEG), disks, "gif"))
        .hasMessage("CARAVEL_THUMBNAIL_FORMAT is \"gif\": set it to jpeg or webp.");
  }

  @Test
  void theWishNamesTheFormatOrTakesTheSetting() {
    assertThat(both().format("")).isEqualTo(ThumbnailFormat.WEBP);
    assertThat(both().format("jpeg")).isEqualTo(ThumbnailFormat.JPEG);
    Thumbnails plain = new Thumbnails(engine(ThumbnailFormat.JPEG), disks, "jpeg");
    for (String refused : List.of("webp", "gif")) {
      Failure failure = catchThrowableOfType(Failure.class, () -> plain.format(refused));
      assertThat(failure.cause()).isEqualTo("bad-request");
      assertThat(failure).hasMessageContaining(refused).hasMessageContaining("ask for jpeg");
    }
  }

  @Test
  void theJobsDataNameTheFormatAndNoneIsJpegEvenWhenTheSettingIsAnother() {
    both().make(job("{\"targets\":[\"cover:9x9\"]}", false, 1));
    both().make(job("{\"target\":\"scale:9x9\",\"format\":\"webp\"}", false, 1));

    assertThat(disks.thumbnailFile(SHA, "cover-9x9", "jpg")).hasContent("jpeg");
    assertThat(disks.thumbnailFile(SHA, "scale-9x9", "webp")).hasContent("webp");
    assertThat(disks.thumbnailFile(SHA, "cover-9x9", "webp")).doesNotExist();
  }

  @Test
  void aJobForAFormatThatTheEngineCannotWriteFails() {
    Thumbnails plain = new Thumbnails(engine(ThumbnailFormat.JPEG), disks, "jpeg");
    Failure failure =
        catchThrowableOfType(
            Failure.class,
            () -> plain.make(job("{\"target\":\"scale:9x9\",\"format\":\"webp\"}", false, 1)));
    assertThat(failure.cause()).isEqualTo("unsupported-format");
    assertThat(made).isEmpty();
  }

  @Test
  void forceAndASecondStartReplaceAndLeaveNothingBehind() throws IOException {
    Path file = disks.thumbnailFile(SHA, "cover-9x9", "webp");
    String data = "{\"targets\":[\"cover:9x9\"],\"format\":\"webp\"}";
    Files.createDirectories(file.getParent());
    for (Job job : List.of(job(data, true, 1), job(data, false, 2), job(data, true, 2))) {
      Files.writeString(file, "old");
      if (job.attempts() > 1) { // what a start that was killed has left
        Files.writeString(file.resolveSibling(".new-3-2.cover-9x9.webp"), "torn");
        Files.writeString(file.resolveSibling(".cover-9x9.webp.1234.part"), "torn");
      }
      assertThat(both().make(job).damage()).isEqualTo("cut");
      assertThat(file).hasContent("webp");
      assertThat(file.getParent().toFile().list()).containsExactly("cover-9x9.webp");
    }
    Files.writeString(file, "old");
    assertThat(both().make(job(data, false, 1))).isEqualTo(Thumbnailer.Made.NOTHING);
    assertThat(file).hasContent("old");
  }
}
