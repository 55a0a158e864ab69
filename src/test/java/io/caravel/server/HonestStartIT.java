package io.caravel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravel.ground.CannotStart;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A start says in one sentence what is wrong, waits for what may come, and lies to nobody. */
class HonestStartIT {
  private static final Duration LONG = Duration.ofMinutes(3);

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CARAVEL_MAX_UPLOAD_MB   | much                  | CARAVEL_MAX_UPLOAD_MB is \"much\"",
        "CARAVEL_PORT            | http                  | CARAVEL_PORT is \"http\"",
        "CARAVEL_NOMINATIM_PERIOD_MS | often             | CARAVEL_NOMINATIM_PERIOD_MS is \"often\"",
        "CARAVEL_NOMINATIM_DECIMALS  | 12                | CARAVEL_NOMINATIM_DECIMALS is 12",
        "CARAVEL_GEOCODING       | maybe                 | CARAVEL_GEOCODING is \"maybe\"",
        "CARAVEL_THUMBNAILS      | large                 | CARAVEL_THUMBNAILS is \"large\"",
        "CARAVEL_THUMBNAIL_TARGET | private:{name}       | CARAVEL_THUMBNAIL_TARGET is \"private:{name}\"",
        "CARAVEL_THUMBNAIL_TARGET | tape:{method}{stem}  | CARAVEL_THUMBNAIL_TARGET is \"tape:{method}{stem}\"",
        "CARAVEL_THUMBNAIL_TARGET | private:{method}.jpg | CARAVEL_THUMBNAIL_TARGET is \"private:{method}.jpg\"",
        "CARAVEL_THUMBNAIL_TARGET | private:{stem}.jpg   | CARAVEL_THUMBNAIL_TARGET is \"private:{stem}.jpg\"",
        "CARAVEL_ROLES           | cook                  | CARAVEL_ROLES names the role \"cook\"",
        "CARAVEL_WORKERS_FACES   | -1                    | CARAVEL_WORKERS_FACES is \"-1\"",
        "CARAVEL_ADDRESS         | 0.0.0.0               | CARAVEL_ADDRESS 0.0.0.0 can be reached",
        "CARAVEL_ROUTES          | file:/nowhere/*.yaml  | its routes cannot be used",
        "CARAVEL_DB_URL          | jdbc:postgresql://h/d | CARAVEL_DB_URL is jdbc:postgresql://h/d",
        "CARAVEL_HOME            | /proc/caravel         | CARAVEL_HOME /proc/caravel cannot be written",
      })
  void aWrongSettingIsOneSentence(String setting, String value, String sentence) {
    try (CaravelProcess caravel = new CaravelProcess(Map.of(setting, value))) {
      caravel.launch();
      assertThat(caravel.awaitEnd()).isEqualTo(CannotStart.MEND_FIRST);
      assertOneSentence(caravel, sentence);
    }
  }

  @Test
  void aSecondProgramOnOneHomeSaysSo() {
    try (CaravelProcess first = new CaravelProcess(Map.of()).start();
        CaravelProcess second =
            new CaravelProcess(Map.of("CARAVEL_HOME", first.home().toString()))) {
      second.launch();
      assertThat(second.awaitEnd()).isEqualTo(CannotStart.TRY_AGAIN);
      assertOneSentence(second, "another Caravel runs on this CARAVEL_HOME");

      try (CaravelProcess third =
          new CaravelProcess(Map.of("CARAVEL_PORT", "" + first.baseUri().getPort()))) {
        third.launch();
        assertThat(third.awaitEnd()).isEqualTo(CannotStart.TRY_AGAIN);
        assertOneSentence(third, "port " + first.baseUri().getPort() + " is taken");
      }
    }
  }

  @Test
  void aDatabaseServerThatIsNotThereYetIsWaitedFor() {
    try (MariaDbNode node = new MariaDbNode()) {
      node.start();
      String url = node.createDatabase();
      node.stop();
      try (CaravelProcess caravel = new CaravelProcess(server(node, url))) {
        caravel.launch();
        await().atMost(LONG).until(() -> caravel.log().contains("does not answer yet"));
        node.start();
        caravel.awaitReady();
        assertThat(caravel.log().lines().filter(line -> line.contains("WARN"))).hasSize(1);
        assertThat(caravel.log()).doesNotContain("\tat ");
      }
    }
  }

  @Test
  void whileItWaitsForTheDatabaseItEndsWhenAsked() {
    try (CaravelProcess caravel =
        new CaravelProcess(Map.of("CARAVEL_DB_URL", "jdbc:mysql://127.0.0.1:9/caravel"))) {
      caravel.launch();
      await().atMost(LONG).until(() -> caravel.log().contains("does not answer yet"));
      assertThat(caravel.terminate()).isEqualTo(143);
    }
  }

  @Test
  void aServerThatRefusesIsNotWaitedFor() {
    MariaDbNode node = MariaDbNode.shared();
    Map<String, String> wrongPassword = server(node, node.createDatabase());
    wrongPassword.put("CARAVEL_DB_PASSWORD", "guessed");
    assertRefused(wrongPassword, "CARAVEL_DB_PASSWORD");
    assertRefused(
        server(node, "jdbc:mysql://127.0.0.1:" + node.port() + "/nowhere"), "create database");
  }

  @Test
  void aSchemaThatIsNotOursOrNewerOrBrokenIsLeftAlone() throws SQLException {
    MariaDbNode node = MariaDbNode.shared();
    String strange = node.createDatabase();
    execute(node, strange, "create table users (id int primary key)");
    assertRefused(server(node, strange), "holds tables that are not Caravel's");

    String ours = node.createDatabase();
    try (CaravelProcess caravel = new CaravelProcess(server(node, ours)).start()) {
      caravel.terminate();
      execute(
          node,
          ours,
          "insert into flyway_schema_history (installed_rank, version, description, type, script,"
              + " checksum, installed_by, execution_time, success) values"
              + " (999, '999', 'later', 'SQL', 'V999__later.sql', 1, 'later', 1, true)");
      assertRefused(server(node, ours), "brought to schema 999 by a newer Caravel");
      execute(
          node,
          ours,
          "update flyway_schema_history set success = false where version = '2'",
          "delete from flyway_schema_history where version = '999'");
      assertRefused(server(node, ours), "migration 2 (faces) broke off");
    }
  }

  /** Polled from before the port is open: no answer but 503 until every door is there. */
  @Test
  void untilEveryDoorIsThereEachAnswers503() throws Exception {
    try (CaravelProcess caravel = new CaravelProcess(Map.of())) {
      caravel.start();
      caravel.kill9();
      int before = caravel.log().length();
      caravel.launch();
      Map<String, HttpResponse<String>> first = new ConcurrentHashMap<>();
      List<String> doors = List.of("/", "/api/photos", "/api/queues", "/openapi.json", "/nothing");
      Map<String, List<Integer>> statuses = new ConcurrentHashMap<>();
      await()
          .atMost(LONG)
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                for (String door : doors) {
                  HttpResponse<String> answer = get(caravel.baseUri().resolve(door), door);
                  if (answer != null) {
                    if (answer.statusCode() == 503) {
                      first.putIfAbsent(door, answer);
                    }
                    statuses
                        .computeIfAbsent(door, each -> new CopyOnWriteArrayList<>())
                        .add(answer.statusCode());
                  }
                }
                return caravel.log().indexOf("Caravel is ready", before) >= 0;
              });
      assertThat(first).containsKeys("/", "/api/photos");
      doors.stream()
          .filter(statuses::containsKey)
          .forEach(
              door ->
                  assertThat(statuses.get(door))
                      .as(door)
                      .isSubsetOf(503, door.equals("/nothing") ? 404 : 200));
      HttpResponse<String> page = Objects.requireNonNull(first.get("/"));
      assertThat(page.headers().firstValue("Retry-After")).contains("2");
      assertThat(page.body()).contains("Caravel is starting").contains("http-equiv=\"refresh\"");
      HttpResponse<String> problem = Objects.requireNonNull(first.get("/api/photos"));
      assertThat(problem.headers().firstValue("Retry-After")).contains("2");
      assertThat(problem.headers().firstValue("Content-Type"))
          .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
      assertThat(problem.body()).contains("send this again");
      assertThat(caravel.log().substring(before)).doesNotContain("WARN");
    }
  }

  @Test
  void aKilledProgramLeavesNoTemporaryFilesBehind(@TempDir Path directory) throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + directory);
    try (CaravelProcess caravel = new CaravelProcess(settings)) {
      caravel.start();
      caravel.kill9();
      Files.createDirectories(caravel.home().resolve("native/gone"));
      Files.createFile(caravel.home().resolve("nodes/gone.lock"));
      caravel.start();
      caravel.kill9();
      try (Stream<Path> left = Files.list(directory)) {
        assertThat(left.map(Path::getFileName).map(Path::toString))
            .noneMatch(name -> name.startsWith("tomcat"));
      }
      try (Stream<Path> nodes = Files.list(caravel.home().resolve("scratch"))) {
        assertThat(nodes).hasSize(1);
      }
      assertThat(caravel.home().resolve("native/gone")).doesNotExist();
    }
  }

  private static void assertRefused(Map<String, String> settings, String sentence) {
    try (CaravelProcess caravel = new CaravelProcess(settings)) {
      caravel.launch();
      assertThat(caravel.awaitEnd()).isEqualTo(CannotStart.MEND_FIRST);
      assertOneSentence(caravel, sentence);
    }
  }

  private static void assertOneSentence(CaravelProcess caravel, String sentence) {
    assertThat(caravel.log().lines().filter(line -> line.startsWith("Caravel cannot start: ")))
        .singleElement()
        .asString()
        .contains(sentence);
    assertThat(caravel.log()).doesNotContain("\tat ").doesNotContain("WARN", "ERROR");
  }

  private static Map<String, String> server(MariaDbNode node, String url) {
    return new HashMap<>(
        Map.of(
            "CARAVEL_DB_URL", url,
            "CARAVEL_DB_USER", node.user(),
            "CARAVEL_DB_PASSWORD", node.password()));
  }

  private static void execute(MariaDbNode node, String url, String... statements)
      throws SQLException {
    try (var connection = DriverManager.getConnection(url, node.user(), node.password());
        var statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  private static @Nullable HttpResponse<String> get(URI address, String door)
      throws InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(20));
    if (door.equals("/")) {
      request.header("Accept", "text/html");
    }
    try {
      return HTTP.send(request.build(), BodyHandlers.ofString());
    } catch (IOException notYet) {
      return null;
    }
  }
}
