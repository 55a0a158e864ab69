package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.caravel.job.Recipes;
import io.caravel.job.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/**
 * Steps of the user's, each a file: those of examples/steps as they are, a chain, and steps that do
 * what they should not.
 */
@DirtiesContext // nobody shares it
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/own-steps",
      "caravel.routes-extra=${test.home}/own-steps-routes/*.camel.yaml",
      "caravel.programs=sha256sum",
      "caravel.steps.captions.workers=2",
      "caravel.steps.captions.backoff-seconds=0",
      "caravel.steps.tags.after=captions",
      "caravel.steps.noisy.tries=1",
      "caravel.steps.slow.limit-seconds=1",
      "caravel.steps.slow.backoff-seconds=0"
    })
@Import(OwnStepsTest.LabelsTool.class)
class OwnStepsTest extends FlowTest {
  private static final AtomicInteger ASKED = new AtomicInteger();

  /** HTTP status of each answer by its number, from 1. */
  private static volatile IntUnaryOperator statuses = number -> 200;

  private static HttpServer server;

  @Autowired private Recipes recipes;

  @BeforeAll
  static void files() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/caption",
        exchange -> {
          int bytes = exchange.getRequestBody().readAllBytes().length;
          byte[] json =
              "{\"caption\": \"%d bytes of %s\"}"
                  .formatted(bytes, exchange.getRequestHeaders().getFirst("Content-Type"))
                  .getBytes(StandardCharsets.UTF_8);
          int status = statuses.applyAsInt(ASKED.incrementAndGet());
          exchange.sendResponseHeaders(status, json.length);
          exchange.getResponseBody().write(json);
          exchange.close();
        });
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.start();
    Path routes = Files.createDirectories(home("own-steps-routes"));
    Path copies = Files.createDirectories(home("own-steps-copies"));
    write(
        routes,
        "captions",
        example("captions")
            .replace("127.0.0.1:8090", "127.0.0.1:" + server.getAddress().getPort()));
    write(routes, "checksum", example("checksum"));
    write(routes, "copies", example("copies").replace("/srv/copies", copies.toString()));
    write(
        routes,
        "tags",
        """
        - route:
            id: tags-make
            description: "No tags for photos called dark.jpg"
            from:
              uri: direct:tags-make
              steps:
                - choice:
                    when:
                      - expression: { simple: { expression: "${variable.filename} == 'dark.jpg'" } }
                        steps:
                          - setVariable: { name: skip, constant: { expression: too-dark } }
                          - setVariable: { name: sentence, constant: { expression: "It's \\"too\\" dark: null ${x}." } }
                    otherwise:
                      steps:
                        - setBody: { simple: { expression: "{\\"of\\": \\"${variable.filename}\\"}" } }
        """);
    write(
        routes,
        "noisy",
        """
        - route:
            id: noisy-make
            from:
              uri: direct:noisy-make
              steps:
                - choice:
                    when:
                      - expression: { simple: { expression: "${variable.filename} == 'program.jpg'" } }
                        steps:
                          - setBody: { constant: { expression: "" } }
                          - setHeader: { name: CamelExecCommandExecutable, constant: { expression: rm } }
                          - to: { uri: "exec:sha256sum" }
                      - expression: { simple: { expression: "${variable.filename} == 'fails.jpg'" } }
                        steps:
                          - throwException: { exceptionType: java.lang.IllegalStateException, message: "The sky fell." }
                      - expression: { simple: { expression: "${variable.filename} == 'lasting.jpg'" } }
                        steps:
                          - bean: { ref: fail, method: "lasting('too-loud', 'It is too loud.')" }
                    otherwise:
                      steps:
                        - setBody: { constant: { expression: "no object" } }
        """);
    write(
        routes,
        "slow",
        """
        - route:
            id: slow-make
            from:
              uri: direct:slow-make
              steps:
                - choice:
                    when:
                      - expression: { simple: { expression: "${variable.filename} == 'slow.jpg'" } }
                        steps:
                          - delay: { expression: { constant: { expression: "600000" } } }
                - setBody: { constant: { expression: "{}" } }
        """);
    write(
        routes,
        "labels",
        """
        - route:
            id: labels-make
            from:
              uri: direct:labels-make
              steps:
                - setBody: { constant: { expression: "{\\"label\\": \\"mine\\"}" } }
        - route:
            id: labels-keep
            from:
              uri: direct:labels-keep
              steps:
                - to: { uri: "sql:update images set damage = 'kept by labels' where id = :#${variable.id}" }
        """);
  }

  private static void write(Path routes, String name, String text) throws IOException {
    Files.writeString(routes.resolve(name + ".camel.yaml"), text);
  }

  private static String example(String name) throws IOException {
    return Files.readString(Path.of("examples/steps", name + ".camel.yaml"));
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  @BeforeEach
  void everythingWorks() {
    statuses = number -> 200;
  }

  @Test
  void theExamplesDoWhatTheySay() throws IOException {
    byte[] bytes = Picture.tiny().bytes();
    long photo = api.accepted("a.jpg", bytes);
    assertThat(ended(photo, "captions").path("state").asText()).isEqualTo("done");
    assertThat(ended(photo, "checksum").path("state").asText()).isEqualTo("done");
    assertThat(ended(photo, "copies").path("state").asText()).isEqualTo("done");
    assertThat(ended(photo, "tags").path("state").asText()).isEqualTo("done");
    JsonNode view = api.photo(photo);
    assertThat(view.at("/results/captions/caption").asText())
        .isEqualTo(bytes.length + " bytes of image/jpeg");
    assertThat(view.at("/results/checksum/intact").asBoolean()).isTrue();
    assertThat(view.at("/results/tags/of").asText()).isEqualTo("a.jpg");
    Path copy = home("own-steps-copies").resolve(view.at("/results/copies/file").asText());
    assertThat(copy).hasBinaryContent(bytes);
    assertThat(settled(photo).at("/jobs/thumbnails/state").asText()).isEqualTo("done");
  }

  @Test
  void theyAreListedDescribedAndHaveRoles() {
    JsonNode queues = api.get("/api/queues").json();
    assertThat(queues.properties().stream().map(Map.Entry::getKey).limit(5))
        .containsExactly("thumbnails", "metadata", "geolocation", "faces", "captions");
    assertThat(queues.at("/captions/workers").asInt()).isEqualTo(2);
    assertThat(queues.at("/captions/own").asBoolean()).isTrue();
    assertThat(queues.at("/captions/about").asText()).startsWith("A sentence about the photo");
    assertThat(queues.at("/tags/after").asText()).isEqualTo("captions");
    assertThat(queues.at("/thumbnails/own").asBoolean()).isFalse();
    assertThat(api.get("/api/about").text()).contains("\"captions\"").contains("\"web\"");
    assertThat(api.get("/actuator/prometheus").text())
        .contains("caravel_queue_jobs{queue=\"captions\",state=\"done\"}");
  }

  @Test
  void aSkipIsToldInTheStepsOwnWords() {
    long photo = api.accepted("dark.jpg", Picture.tiny().bytes());
    JsonNode job = ended(photo, "tags");
    assertThat(job.path("state").asText()).isEqualTo("skipped");
    assertThat(job.path("cause").asText()).isEqualTo("too-dark");
    assertThat(job.path("error").asText()).isEqualTo("It's \"too\" dark: null ${x}.");
    assertThat(api.photo(photo).path("results").has("tags")).isFalse();
  }

  @Test
  void aServerThatFailsIsAskedAgain() {
    int before = ASKED.get();
    statuses = number -> number <= before + 2 ? 503 : 200;
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    JsonNode job = ended(photo, "captions");
    assertThat(job.path("state").asText()).isEqualTo("done");
    assertThat(job.path("attempts").asInt()).isEqualTo(3);
    assertThat(
            count("select count(*) from results where step = 'captions' and image_id = " + photo))
        .isEqualTo(1);
  }

  @Test
  void aServerThatRefusesIsNot() {
    statuses = number -> 415;
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    JsonNode job = ended(photo, "captions");
    assertThat(job.path("state").asText()).isEqualTo("failed");
    assertThat(job.path("cause").asText()).isEqualTo("captions-refused");
    assertThat(job.path("attempts").asInt()).isEqualTo(1);
    assertThat(job.path("error").asText()).contains("HTTP 415");
  }

  @Test
  void whatGoesWrongIsToldAsTheStepsOwn() {
    assertFails("x.jpg", "noisy", "no-json", "ended with \"no object\"");
    assertFails("fails.jpg", "noisy", "noisy-failed", "The step noisy failed: The sky fell.");
    assertFails("lasting.jpg", "noisy", "too-loud", "It is too loud.");
    assertFails("program.jpg", "noisy", "program-refused", "The program rm is not to be run");
    assertFails("slow.jpg", "slow", "time-limit", "CARAVEL_STEPS_SLOW_LIMIT_SECONDS");
  }

  private void assertFails(String name, String step, String cause, String sentence) {
    JsonNode job = ended(api.accepted(name, Picture.tiny().bytes()), step);
    assertThat(job.path("state").asText()).as(name).isEqualTo("failed");
    assertThat(job.path("cause").asText()).as(job.toString()).isEqualTo(cause);
    assertThat(job.path("error").asText()).contains(sentence);
  }

  @Test
  void aKeepOfItsOwnTakesTheResultsPlace() {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    assertThat(ended(photo, "labels").path("state").asText()).isEqualTo("done");
    assertThat(api.photo(photo).path("results").has("labels")).isFalse();
    assertThat(
            count("select count(*) from images where damage = 'kept by labels' and id = " + photo))
        .isEqualTo(1);
  }

  /** As a photo that came in before the step was there. */
  @Test
  void aNewStepIsDoneForThePhotosThatAreThere() {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    ended(photo, "checksum");
    database.sql("delete from jobs where queue = 'checksum' and image_id = " + photo).update();
    database.sql("delete from results where step = 'checksum' and image_id = " + photo).update();
    JsonNode queued = api.post("/api/queues/checksum/missing").json();
    assertThat(queued.path("queued").asInt()).isEqualTo(1);
    ended(photo, "checksum");
    assertThat(api.photo(photo).at("/results/checksum/intact").asBoolean()).isTrue();
    assertThat(api.post("/api/queues/checksum/missing").json().path("queued").asInt()).isZero();
  }

  @Test
  void aJobIsAskedForAndPausedLikeCaravelsOwn() {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    ended(photo, "tags");
    assertThat(api.post("/api/queues/tags/pause").status()).isEqualTo(200);
    JsonNode asked = api.post("/api/photos/" + photo + "/jobs/tags?force=true").json();
    assertThat(asked.path("status").asText()).isEqualTo("success");
    assertThat(asked.path("message").asText()).isEqualTo("Tags added to processing queue");
    assertThat(job(photo, "tags").path("waiting").asText()).contains("paused");
    assertThat(api.post("/api/queues/tags/resume").status()).isEqualTo(200);
    assertThat(ended(photo, "tags").path("state").asText()).isEqualTo("done");
  }

  /** Another node has its file, or it was taken away: what it made stays. */
  @Test
  void aStepWhoseFileIsGoneIsListedWithWhatIsToBeDone() {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    settled(photo);
    database.sql("insert ignore into queues (name) values ('gone')").update();
    database
        .sql("insert into jobs (image_id, queue, job_key, data) values (:photo, 'gone', 'k', '{}')")
        .param("photo", photo)
        .update();
    database
        .sql("insert into results (image_id, step, result) values (:photo, 'gone', '{\"a\":1}')")
        .param("photo", photo)
        .update();
    assertThat(job(photo, "gone").path("waiting").asText()).contains("gone.camel.yaml");
    assertThat(api.photo(photo).at("/results/gone/a").asInt()).isEqualTo(1);
    eventually("it is listed", () -> api.get("/api/queues").json().has("gone"));
    JsonNode gone = api.get("/api/queues").json().path("gone");
    assertThat(gone.path("queued").asInt()).isEqualTo(1);
    assertThat(gone.path("waiting").asText()).contains("gone.camel.yaml");
    assertThat(api.post("/api/queues/gone/missing").status()).isEqualTo(404);
    database.sql("delete from jobs where queue = 'gone'").update();
  }

  @Test
  void whatWasMadeByAnotherRecipeIsDoneAgainAndNothingElse() {
    long before = settledLabels("a.jpg");
    long other = settledLabels("b.jpg");
    long unknown = settledLabels("c.jpg");
    database
        .sql("update jobs set recipe = null where queue = 'labels' and image_id = " + unknown)
        .update();
    assertThat(stale("labels")).isZero();
    set("caravel.steps.labels.workers", 3);
    set("caravel.steps.labels.about", "otherwise told");
    assertThat(stale("labels")).isZero();

    set("caravel.steps.labels.recipe", "another model");
    long after = settledLabels("d.jpg");
    long stale =
        count(
            "select count(*) from jobs where queue = 'labels' and recipe is not null and recipe <> "
                + "(select recipe from jobs where queue = 'labels' and image_id = "
                + after
                + ")");
    assertThat(stale).isGreaterThanOrEqualTo(2);
    assertThat(stale("labels")).isEqualTo(stale);
    ended(before, "labels");
    ended(other, "labels");
    assertThat(runs(before)).isEqualTo(2);
    assertThat(runs(other)).isEqualTo(2);
    assertThat(runs(unknown)).isEqualTo(1);
    assertThat(runs(after)).isEqualTo(1);
    eventually(
        "all are of today",
        () ->
            count("select count(*) from jobs where queue = 'labels' and state <> 'done'") == 0
                && stale("labels") == 0);
  }

  /** A tool of the step labels, of which a test says the version. */
  @TestConfiguration
  static class LabelsTool {
    private static volatile @Nullable String version = "one";

    @Bean
    Tool labelsTool() {
      return Tool.of("labels", () -> version);
    }
  }

  /** How something is made: by which setting, version of the tool and routes. */
  private record Way(String setting, String tool, String routes) {}

  /** Some of what makes a way another, and some that does not. */
  private Way changed(Way now, Random drawn) {
    String value = String.valueOf(drawn.nextInt(3));
    return switch (drawn.nextInt(4)) {
      case 0 -> new Way(value, now.tool(), now.routes());
      case 1 -> new Way(now.setting(), value, now.routes());
      case 2 -> new Way(now.setting(), now.tool(), value);
      default -> {
        set("caravel.steps.labels.workers", 1 + drawn.nextInt(9));
        set("caravel.steps.labels.tries", 1 + drawn.nextInt(9));
        set("caravel.steps.labels.about", value);
        yield now;
      }
    };
  }

  private void make(Way way) {
    set("caravel.steps.labels.recipe", way.setting());
    LabelsTool.version = way.tool();
    recipes.routes("labels", way.routes());
  }

  @Test
  void whateverChangesExactlyWhatWasMadeOtherwiseIsStale() {
    long seed = System.nanoTime();
    Random drawn = new Random(seed);
    Way today = new Way("0", "0", "0");
    Map<Long, Way> madeBy = new TreeMap<>();
    Map<Long, Long> runs = new TreeMap<>();
    for (int round = 0; round < 12; round++) {
      today = changed(today, drawn);
      make(today);
      if (drawn.nextInt(3) > 0) {
        long photo = settledLabels(round + ".jpg");
        madeBy.put(photo, today);
        runs.put(photo, 1L);
        continue;
      }
      LabelsTool.version = null;
      assertThat(stale("labels")).as("whose tool's version is not known").isZero();
      make(today);
      stale("labels");
      allLabelled();
      for (Map.Entry<Long, Way> each : madeBy.entrySet()) {
        if (!each.getValue().equals(today)) {
          runs.merge(each.getKey(), 1L, Long::sum);
          each.setValue(today);
        }
        assertThat(runs(each.getKey()))
            .as("photo %d in round %d of seed %d", each.getKey(), round, seed)
            .isEqualTo(runs.get(each.getKey()));
      }
    }
    make(new Way("", "one", today.routes())); // as the other tests have it
    stale("labels");
    allLabelled();
  }

  private void allLabelled() {
    eventually(
        "all labels are made",
        () -> count("select count(*) from jobs where queue = 'labels' and state <> 'done'") == 0);
  }

  private long settledLabels(String name) {
    long photo = api.accepted(name, Picture.tiny().bytes());
    ended(photo, "labels");
    return photo;
  }

  private long stale(String step) {
    return api.post("/api/queues/" + step + "/stale").json().path("queued").asLong();
  }

  private long runs(long photo) {
    return count("select run from jobs where queue = 'labels' and image_id = " + photo);
  }

  @Test
  void aRehearsalKeepsNothingAndTellsWhatWouldChange() throws IOException {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    ended(photo, "tags");
    long dark = api.accepted("dark.jpg", Picture.tiny().bytes());
    ended(dark, "tags");
    Path folder = Files.createDirectories(homeOfThis().resolve("rehearsals"));
    write(
        folder,
        "tags",
        """
        - route:
            id: tags-make
            from:
              uri: direct:tags-make
              steps:
                - to: { uri: "file:/nowhere/at/all?fileName=x" }
                - to: { uri: "sql:delete from images" }
                - to:
                    uri: >
                      sql:update images set
                      filename = 'rehearsed'
                - to: >
                    file:/nowhere/at/all
                - choice:
                    when:
                      - expression: { simple: { expression: "${variable.filename} == 'dark.jpg'" } }
                        steps:
                          - throwException: { exceptionType: java.lang.IllegalStateException, message: "Too dark." }
                - setBody: { simple: { expression: "{\\"of\\": \\"${variable.type}\\"}" } }
        - route:
            id: tags-keep
            from:
              uri: direct:tags-keep
              steps:
                - to: { uri: "sql:delete from images" }
        """);
    for (int time = 0; time < 2; time++) {
      Api.Answer told =
          api.post(
              "/api/rehearsals",
              "{\"file\":\"tags.camel.yaml\",\"photos\":[%d,%d]}".formatted(photo, dark));
      assertThat(told.status()).as(told.text()).isEqualTo(200);
      JsonNode answer = told.json();
      assertThat(answer.path("touches").asInt()).isGreaterThanOrEqualTo(1);
      JsonNode first = item(answer, photo);
      assertThat(first.path("state").asText()).as(first.toString()).isEqualTo("done");
      assertThat(first.at("/result/of").asText()).isEqualTo("image/jpeg");
      assertThat(first.at("/kept/of").asText()).isEqualTo("a.jpg");
      assertThat(first.path("differs").asBoolean()).isTrue();
      JsonNode second = item(answer, dark);
      assertThat(second.path("state").asText()).isEqualTo("failed");
      assertThat(second.path("cause").asText()).isEqualTo("tags-failed");
      assertThat(second.path("error").asText()).isEqualTo("The step tags failed: Too dark.");
    }
    assertThat(count("select count(*) from images where filename = 'rehearsed'")).isZero();
    assertThat(api.photo(photo).at("/results/tags/of").asText()).isEqualTo("a.jpg");

    JsonNode asItIs =
        item(
            api.post("/api/rehearsals", "{\"step\":\"tags\",\"photos\":[%d]}".formatted(photo))
                .json(),
            photo);
    assertThat(asItIs.path("differs").asBoolean()).isFalse();
    assertThat(asItIs.at("/result/of").asText()).isEqualTo("a.jpg");
  }

  private static JsonNode item(JsonNode answer, long photo) {
    for (JsonNode item : answer.path("items")) {
      if (item.path("photo").asLong() == photo) {
        return item;
      }
    }
    throw new AssertionError("no photo " + photo + " in " + answer);
  }

  private Path homeOfThis() {
    return Path.of(environment.getRequiredProperty("caravel.home"));
  }

  @Test
  void aRehearsalOfWhatIsNoStepIsRefusedWithItsLine() throws IOException {
    Path folder = Files.createDirectories(homeOfThis().resolve("rehearsals"));
    write(folder, "wrong", "- route: { id: thumbnails-make }\n");
    assertRefused("{\"file\":\"wrong.camel.yaml\"}", "wrong.camel.yaml, line 1: the route must be");
    assertRefused("{\"file\":\"nothere.camel.yaml\"}", "There is no file");
    assertRefused("{\"step\":\"thumbnails\"}", "thumbnails is a step of Caravel's");
    assertRefused("{}", "one of the two");
    assertRefused("{\"file\":\"../routes/tags.camel.yaml\"}", "");
    write(
        folder,
        "wrong",
        """
        - route:
            id: wrong-make
            from:
              uri: direct:wrong-make
              steps:
                - to: { uri: "log:x?levle=INFO" }
        """);
    assertRefused("{\"file\":\"wrong.camel.yaml\"}", "levle");
  }

  private void assertRefused(String wish, String sentence) {
    Api.Answer answer = api.post("/api/rehearsals", wish);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.json().path("detail").asText()).contains(sentence);
  }
}
