package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.ground.LivedTime;
import io.caravel.route.FlowTest;
import io.caravel.route.Picture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** {@code inbox.camel.yaml}: what has lain in .done for CARAVEL_DONE_DAYS. */
@TestPropertySource(properties = {"caravel.home=${test.home}/done-days", "caravel.done-days=30"})
class DoneFilesTest extends FlowTest {
  @Autowired private DoneFiles doneFiles;
  @Autowired private LivedTime livedTime;

  @Test
  void isDeletedThenAndNothingElse() throws Exception {
    Path done = inbox().resolve(".done");
    Files.createDirectories(inbox().resolve("a/b"));
    Files.write(inbox().resolve("a/b/photo.jpg"), Picture.tiny().bytes());
    Path photo = done.resolve("a/b/photo.jpg");
    eventually("it is taken", () -> Files.exists(photo));
    Path other =
        Files.writeString(done.resolve("notes.txt"), "no photo", StandardCharsets.US_ASCII);
    LocalDateTime now = livedTime.now();

    doneFiles.emptyUpTo(now.minusHours(1));
    doneFiles.empty(); // so many days were not lived through yet, whatever the clock says
    assertThat(photo).exists();

    doneFiles.emptyUpTo(now.plusMinutes(1));
    assertThat(photo).doesNotExist();
    assertThat(done.resolve("a")).doesNotExist();
    assertThat(other).exists();
    assertThat(count("select count(*) from images where deleted_at is null")).isOne();
    try (var left = Files.list(done)) {
      assertThat(left).containsExactly(other);
    }
  }
}
