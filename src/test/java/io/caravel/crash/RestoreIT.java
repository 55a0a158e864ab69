package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.route.Picture;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A database that is gone: refused at the start, taken from its daily copy, whole with what came
 * since.
 */
class RestoreIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path clone = Path.of("unset");
  @TempDir Path home = Path.of("unset");

  private record Ended(int status, String said) {}

  @BeforeAll
  static void aCloneThatIsBuilt() throws Exception {
    Awaitility.setDefaultTimeout(Duration.ofMinutes(5));
    Files.copy(Path.of("caravel"), clone.resolve("caravel"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(clone.resolve("pom.xml"), "the sources of this clone");
    String jar = Path.of(System.getProperty("caravel.jar", "")).toAbsolutePath().toString();
    // As the launcher's program_of_now and keep_program.
    Ended built =
        ended(
            new ProcessBuilder(
                    "bash",
                    "-c",
                    "it=.cache/caravel-$(sha256sum pom.xml | sha256sum | cut -c1-16)-native && \"$1\" -Djarmode=tools -jar \"$2\" extract --destination $it",
                    "build",
                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                    jar)
                .directory(clone.toFile()));
    assertThat(built.status()).as(built.said()).isZero();
  }

  private static Ended ended(ProcessBuilder program) throws Exception {
    Process process = program.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), said);
  }

  private Ended restore(String... arguments) throws Exception {
    ProcessBuilder launcher = new ProcessBuilder(clone.resolve("caravel").toString(), "restore");
    launcher.command().addAll(List.of(arguments));
    launcher.environment().keySet().removeIf(key -> key.startsWith("CARAVEL_"));
    launcher.environment().put("CARAVEL_HOME", home.toString());
    launcher.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return ended(launcher);
  }

  private CaravelProcess caravel(String... settings) {
    Map<String, String> all = new HashMap<>();
    all.put("CARAVEL_HOME", home.toString());
    all.put("CARAVEL_GEOCODING", "off");
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    return new CaravelProcess(all);
  }

  private JsonNode get(CaravelProcess caravel, String path) throws Exception {
    return JSON.readTree(
        HTTP.send(
                HttpRequest.newBuilder(caravel.baseUri().resolve(path)).build(),
                HttpResponse.BodyHandlers.ofString())
            .body());
  }

  /** Puts a photo into the inbox, and waits until there are so many. */
  private void take(CaravelProcess caravel, int total) throws Exception {
    Files.createDirectories(home.resolve("inbox"));
    Path part = Files.write(home.resolve("part"), Picture.tiny().bytes());
    Files.move(part, home.resolve("inbox/" + total + ".jpg"));
    awaitPhotos(caravel, total);
  }

  private void awaitPhotos(CaravelProcess caravel, int total) {
    await("%d photos".formatted(total))
        .until(() -> get(caravel, "api/photos").path("total").asInt() == total);
  }

  private Path database() {
    return home.resolve("database/caravel.mv.db");
  }

  private List<Path> copies() throws IOException {
    if (!Files.isDirectory(home.resolve("backup"))) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(home.resolve("backup"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("caravel-"))
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }

  /** As a person would have named a face of the first photo. */
  private void nameAda() throws Exception {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:h2:%s;IFEXISTS=TRUE;MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC"
                    .formatted(home.resolve("database/caravel")),
                "caravel",
                "");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "insert into faces (image_id, face_index, name, status) select id, 0, 'Ada', 'ok' from images");
    }
  }

  @Test
  void aDatabaseThatWasCutOffIsRefusedAndItsCopyTakenWithWhatCameSince() throws Exception {
    assertThat(restore().said()).contains("there is no copy");
    try (CaravelProcess caravel = caravel().start()) {
      take(caravel, 1);
      assertThat(restore("any").said()).contains("a Caravel runs on");
      caravel.terminate();
    }
    nameAda();
    try (CaravelProcess caravel =
        caravel("CARAVEL_BACKUP_HOURS", "0", "CARAVEL_UPKEEP_COPY_SECONDS", "1").start()) {
      await("a copy").until(() -> !copies().isEmpty());
      assertThat(copies().get(0).getFileName().toString())
          .matches("caravel-0001-\\d{4}-\\d\\d-\\d\\d\\.mv\\.db");
      assertThat(get(caravel, "actuator/health").toString()).contains("caravel-0001");
      caravel.kill9();
    }
    try (CaravelProcess caravel = caravel().start()) {
      take(caravel, 2);
      caravel.kill9();
    }
    byte[] whole = Files.readAllBytes(database());

    // A power cut on a full disk.
    for (int length : new int[] {0, whole.length / 3}) {
      Files.write(database(), Arrays.copyOf(whole, length));
      try (CaravelProcess caravel = caravel()) {
        caravel.launch();
        assertThat(caravel.awaitEnd()).isEqualTo(78);
        assertThat(caravel.log())
            .contains("./caravel restore")
            .contains(database().toString())
            .doesNotContain("at io.caravel")
            .doesNotContain("at org.h2");
      }
      assertThat(Files.readAllBytes(database())).isEqualTo(Arrays.copyOf(whole, length));
    }

    String copy = copies().get(0).getFileName().toString();
    assertThat(restore().said()).contains(copy).contains("1 photos, 1 people");
    Ended beside = restore(copy);
    assertThat(beside.status()).isEqualTo(1);
    assertThat(beside.said()).contains("move it away");
    Files.delete(database());
    try (CaravelProcess caravel = caravel()) {
      caravel.launch();
      assertThat(caravel.awaitEnd()).isEqualTo(78);
      assertThat(caravel.log()).contains("is missing");
    }
    Files.write(home.resolve("cut.mv.db"), Arrays.copyOf(whole, whole.length / 3));
    Ended cut = restore(home.resolve("no.mv.db").toString());
    assertThat(cut.said()).contains("there is no file");
    Ended restored = restore(copy);
    assertThat(restored.status()).as(restored.said()).isZero();
    assertThat(restored.said()).contains("1 photos, 1 people");

    try (CaravelProcess caravel = caravel().start()) {
      awaitPhotos(caravel, 2);
      assertThat(get(caravel, "api/people").toString()).contains("Ada");
      caravel.terminate();
    }

    Files.delete(database());
    assertThat(restore("--new").status()).isZero();
    try (CaravelProcess caravel = caravel().start()) {
      awaitPhotos(caravel, 2);
      caravel.terminate();
    }
  }

  @Test
  void threeCopiesAreKeptEachOfAnotherState() throws Exception {
    try (CaravelProcess caravel =
        caravel("CARAVEL_BACKUP_HOURS", "0", "CARAVEL_UPKEEP_COPY_SECONDS", "1").start()) {
      for (int photo = 1; photo <= 4; photo++) {
        take(caravel, photo);
        String holds = "%d photos".formatted(photo);
        await("a copy with " + holds).until(() -> restore().said().contains(holds));
      }
      assertThat(copies()).hasSize(3);
    }
  }
}
