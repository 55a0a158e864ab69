package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.face.dlib.DlibFaces;
import io.caravel.metadata.ExifToolVersion;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.Status;

class HealthTest {
  @Test
  void aMissingExiftoolIsDownWithASentence() {
    Health health =
        new ExiftoolHealth("no-such-exiftool", new ExifToolVersion("no-such-exiftool")).health();
    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    assertThat(health.getDetails().get("reason")).asString().contains("install it");
  }

  @Test
  void missingFaceModelsAreToldAndSpoilNothing(@TempDir Path none) {
    DlibFaces faces =
        DlibFaces.load(
            Path.of("target", "native-" + System.getProperty("test.fork", "1")).toAbsolutePath(),
            none);
    Health health = new FacesHealth(faces).health();
    assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN);
    assertThat(health.getDetails().get("reason")).asString().contains("./caravel run");
    assertThat(health.getDetails()).containsKey("engine");
    faces.close();
  }
}
