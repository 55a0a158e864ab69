package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.face.dlib.DlibFaces;
import io.caravel.photo.Disks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.Status;

class HealthTest {
  @Test
  void aMissingExiftoolIsDownWithASentence() {
    Health health = new ExiftoolHealth("no-such-exiftool").health();
    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    assertThat(health.getDetails().get("reason")).asString().contains("install it");
  }

  @Test
  void missingFaceModelsAreToldAndSpoilNothing(@TempDir Path none) {
    DlibFaces faces = DlibFaces.load(Path.of("target", "native").toAbsolutePath(), none);
    Health health = new FacesHealth(faces).health();
    assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN);
    assertThat(health.getDetails().get("reason")).asString().contains("./caravel run");
    assertThat(health.getDetails()).containsKey("engine");
    faces.close();
  }

  @Test
  void aDiskWithoutRoomIsDownWithASentence(@TempDir Path home) {
    Disks disks = new Disks(home.toString(), List.of());
    assertThat(new StorageHealth(disks, home.toString(), 0).health().getStatus())
        .isEqualTo(Status.UP);
    Health full = new StorageHealth(disks, home.toString(), Long.MAX_VALUE).health();
    assertThat(full.getStatus()).isEqualTo(Status.DOWN);
    assertThat(full.getDetails().get("reason")).asString().contains("make room");
  }

  /** Was DOWN, asking the owner of a new installation to mount what was never made. */
  @Test
  void aFreshHomeIsUpAndALostOneIsDown(@TempDir Path parent) throws Exception {
    Path home = parent.resolve("new/data");
    Disks disks = new Disks(home.toString(), List.of());
    StorageHealth storage = new StorageHealth(disks, home.toString(), 0);
    assertThat(storage.health().getStatus()).isEqualTo(Status.UP);
    Files.delete(disks.root("private"));
    assertThat(storage.health().getStatus()).isEqualTo(Status.DOWN);
  }

  @Test
  void aDiskThatIsNotMountedIsDownWithASentence(@TempDir Path home) {
    Disks disks = new Disks(home.toString(), List.of("nas=" + home.resolve("../not-there")));
    Health health = new StorageHealth(disks, home.toString(), 0).health();
    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    assertThat(health.getDetails().get("reason")).asString().contains("nas").contains("mount it");
  }
}
