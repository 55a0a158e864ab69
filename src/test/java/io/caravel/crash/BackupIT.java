package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./caravel backup FILE} while photos come in, and what is restored from it. */
class BackupIT {
  private static final int SENDERS = 2;

  @TempDir Path directory = Path.of("unset");
  private final Sender sender = new Sender(new Camera(23, "backup"));

  private record Ended(int status, String said) {}

  @BeforeAll
  static void patience() {
    Awaitility.setDefaultTimeout(Duration.ofMinutes(5));
  }

  /** A command of the packaged program. */
  private static Ended command(Map<String, String> settings, String... arguments) throws Exception {
    ProcessBuilder program =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-jar",
            Path.of(System.getProperty("caravel.jar", "")).toAbsolutePath().toString());
    program.command().addAll(List.of(arguments));
    program.environment().keySet().removeIf(key -> key.startsWith("CARAVEL_"));
    program.environment().putAll(settings);
    Process process = program.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), said);
  }

  private static Map<String, String> at(CaravelProcess caravel) {
    return Map.of("CARAVEL_PORT", String.valueOf(caravel.baseUri().getPort()));
  }

  private static CaravelProcess caravel(Path home, String roles) {
    return new CaravelProcess(Map.of("CARAVEL_HOME", home.toString(), "CARAVEL_ROLES", roles));
  }

  /** Has photos sent until the result is completed. */
  private List<CompletableFuture<Void>> send(CaravelProcess caravel, AtomicBoolean enough) {
    List<CompletableFuture<Void>> senders = new ArrayList<>();
    for (int one = 0; one < SENDERS; one++) {
      senders.add(
          CompletableFuture.runAsync(
              () -> {
                while (!enough.get()) {
                  sender.upload(caravel.baseUri(), 1);
                }
              }));
    }
    return senders;
  }

  private void awaitPromises(int more) {
    int before = sender.promised().size();
    await("%d more photos".formatted(more)).until(() -> sender.promised().size() >= before + more);
  }

  private static Set<String> photosIn(Path database) throws Exception {
    String name = database.toString().replaceFirst("\\.mv\\.db$", "");
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:h2:%s;IFEXISTS=TRUE;ACCESS_MODE_DATA=r;MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC"
                    .formatted(name),
                "caravel",
                "");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select sha256 from images")) {
      Set<String> photos = new HashSet<>();
      while (rows.next()) {
        photos.add(rows.getString(1));
      }
      return photos;
    }
  }

  @Test
  void whatWasAnsweredBeforeTheBackupIsInItAndWhatCameLaterIsAdopted() throws Exception {
    Path home = directory.resolve("home");
    Path copy = directory.resolve("caravel.backup");
    Path other = directory.resolve("other");
    AtomicBoolean enough = new AtomicBoolean();
    Set<String> before;
    try (CaravelProcess caravel = caravel(home, "intake,web").start()) {
      List<CompletableFuture<Void>> senders = send(caravel, enough);
      awaitPromises(40);
      sender.ask(caravel.baseUri(), "DELETE", "api/photos/1", null);
      before = sender.promised().keySet();
      Ended backup = command(at(caravel), "backup", copy.toString());
      assertThat(backup.status()).as(backup.said()).isZero();
      assertThat(backup.said()).contains(copy.toString()).contains("copy the originals");
      awaitPromises(20);
      // In place of the former one, whole or not at all.
      assertThat(command(at(caravel), "backup", copy.toString()).status()).isZero();
      Path live = home.resolve("database/caravel.mv.db");
      Object inode = Files.getAttribute(live, "unix:ino");
      Path link = Files.createSymbolicLink(home.resolve("link"), live);
      for (Path database : List.of(live, link)) {
        Ended refused = command(at(caravel), "backup", database.toString());
        assertThat(refused.status()).as(refused.said()).isEqualTo(1);
        assertThat(refused.said()).contains("a file that a program works with");
      }
      assertThat(Files.getAttribute(live, "unix:ino")).isEqualTo(inode);
      Files.delete(link);
      awaitPromises(20);
      caravel.kill9();
      enough.set(true);
      senders.forEach(CompletableFuture::join);
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("home", "caravel.backup");
    }
    try (Stream<Path> files = Files.list(home.resolve("backup"))) {
      assertThat(files).as("what is left of making it").isEmpty();
    }

    // Another disk, with the originals alone.
    Files.createDirectories(other);
    Files.move(home.resolve("originals"), other.resolve("originals"));
    Ended restored = command(Map.of("CARAVEL_HOME", other.toString()), "restore", copy.toString());
    assertThat(restored.status()).as(restored.said()).isZero();
    Set<String> known = photosIn(other.resolve("database/caravel.mv.db"));
    assertThat(known).containsAll(before).hasSizeLessThan(sender.promised().size());
    try (CaravelProcess caravel = caravel(other, "intake,thumbnails,web").start()) {
      await("all originals have a row")
          .until(
              () ->
                  sender.get(caravel.baseUri(), "api/photos").path("total").asInt()
                      >= sender.promised().size() - 1);
      assertThat(sender.get(caravel.baseUri(), "api/trash").path("total").asInt()).isEqualTo(1);
      await("their files are there for the jobs")
          .until(() -> done(sender.get(caravel.baseUri(), "api/queues"), "thumbnails") > 40);
      assertThat(caravel.terminate()).isIn(0, 143);
    }
    assertThat(photosIn(other.resolve("database/caravel.mv.db")))
        .containsAll(sender.promised().keySet());
    assertThat(sender.complaints()).isEmpty();
  }

  private static int done(JsonNode queues, String queue) {
    return queues.path(queue).path("done").asInt();
  }

  @Test
  void aDatabaseServerIsCopiedByItsOwnCommandWhichIsNamed() throws Exception {
    MariaDbNode server = MariaDbNode.shared();
    Map<String, String> settings = new HashMap<>();
    settings.put("CARAVEL_HOME", directory.resolve("home").toString());
    settings.put("CARAVEL_DB_URL", server.createDatabase());
    settings.put("CARAVEL_DB_USER", server.user());
    settings.put("CARAVEL_DB_PASSWORD", server.password());
    try (CaravelProcess caravel = new CaravelProcess(settings).start()) {
      Ended backup = command(at(caravel), "backup", directory.resolve("copy").toString());
      assertThat(backup.status()).isEqualTo(1);
      assertThat(backup.said())
          .contains("mariadb-dump --single-transaction")
          .contains("--user=" + server.user())
          .doesNotContain(" " + server.password() + " ");
      assertThat(directory.resolve("copy")).doesNotExist();
    }
  }

  @Test
  void nobodyThereAndNoPlaceForTheFileAreTold() throws Exception {
    Map<String, String> nobody = Map.of("CARAVEL_PORT", "9");
    Ended asked = command(nobody, "backup", directory.resolve("copy").toString());
    assertThat(asked.status()).isEqualTo(1);
    assertThat(asked.said()).contains("no Caravel answers at").contains("CARAVEL_PORT");
    asked = command(nobody, "backup", directory.resolve("no/copy").toString());
    assertThat(asked.status()).isEqualTo(1);
    assertThat(asked.said()).contains("cannot be written");
    assertThat(command(nobody, "backup").status()).isEqualTo(2);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }
}
