package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.job.JobRoom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
  private final JobRoom room = JobRoom.embedded();
  private final Photos photos = RoomPhotos.of(room);

  @TempDir Path home = Path.of("");

  @AfterEach
  void close() {
    room.close();
  }

  private Path made(String name, Duration age) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    if (name.endsWith(".jpg")) {
      Files.write(file, new byte[] {1});
    } else {
      Files.createDirectories(file);
    }
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    return file;
  }

  @Test
  void whatWasMadeOfAPhotoThatIsGoneIsDeletedOnceItIsOld() throws IOException {
    room.photo(7);
    String there = "00/" + "%064x".formatted(7);
    String gone = "00/" + "%064x".formatted(8);
    Duration old = Duration.ofDays(2);
    List<Path> stay =
        List.of(
            made("debug/" + there + ".jpg", old),
            made("thumbnails/" + there, old),
            made("debug/00/" + "%064x".formatted(9) + ".jpg", Duration.ofMinutes(5)),
            made("native/here", old),
            made("native/fresh", Duration.ofMinutes(5)));
    List<Path> go =
        List.of(
            made("debug/" + gone + ".jpg", old),
            made("thumbnails/" + gone, old),
            made("native/elsewhere", old));

    new Leftovers(home, photos, room.nodes).sweep();

    assertThat(stay).allMatch(Files::exists);
    assertThat(go).noneMatch(Files::exists);
  }

  @Test
  void withoutAnyThumbnailYetThereIsNothingToSweep() {
    new Leftovers(home, photos, room.nodes).sweep();
  }
}
