package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.job.Job;
import io.caravel.job.Jobs;
import io.caravel.metadata.ExifToolPool;
import io.caravel.route.Api.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * {@code feed}, {@code failure} and the workers' routes: what becomes of a job. {@link
 * QueueOnMariaDbTest} runs the same on a server.
 */
class QueueTest extends FlowTest {
  @Autowired Jobs jobs;
  @Autowired ExifToolPool exiftool;
  @Autowired TransactionTemplate transaction;

  @AfterEach
  void resume() {
    for (String queue : List.of("thumbnails", "metadata", "geolocation", "faces")) {
      api.post("/api/queues/" + queue + "/resume");
    }
  }

  private void pause(String... queues) {
    for (String queue : queues) {
      Answer answer = api.post("/api/queues/" + queue + "/pause");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().path("paused").asBoolean()).isTrue();
    }
  }

  private long photo() {
    return api.accepted("a.jpg", Picture.tiny().bytes());
  }

  private long jobId(long photo, String queue) {
    return job(photo, queue).path("id").asLong();
  }

  private Path original(long photo) {
    String sha256 = api.photo(photo).path("sha256").asText();
    return originals().resolve(sha256.substring(0, 2)).resolve(sha256 + ".jpg");
  }

  private String thumbnail(long photo, String name) {
    return "/api/photos/" + photo + "/thumbnails/" + name;
  }

  /** Has the job's next start find no file: a failure that may pass. */
  private Path hide(long photo) throws Exception {
    Path file = original(photo);
    return Files.move(file, file.resolveSibling("." + file.getFileName()));
  }

  private void unhide(Path hidden) throws Exception {
    Files.move(hidden, hidden.resolveSibling(hidden.getFileName().toString().substring(1)));
  }

  // Enqueue

  @Test
  void aJobThatIsQueuedOrRunsExistsAndOneThatHasEndedIsQueuedAgain() {
    long photo = photo();
    settled(photo);
    pause("metadata");
    String path = "/api/photos/" + photo + "/jobs/metadata";

    Answer first = api.post(path);
    assertThat(first.status()).isEqualTo(202);
    assertThat(first.json().path("status").asText()).isEqualTo("success");
    assertThat(first.json().path("message").asText())
        .isEqualTo("Metadata added to processing queue");
    JsonNode data = first.json().path("data");
    assertThat(data.path("image_id").asLong()).isEqualTo(photo);
    assertThat(data.path("source_disk").asText()).isEqualTo("private");
    assertThat(data.path("source_filename").asText()).endsWith(".jpg");
    assertThat(data.path("source_path").asText()).hasSize(2);

    Answer second = api.post(path);
    assertThat(second.status()).isEqualTo(202);
    assertThat(second.json().path("status").asText()).isEqualTo("exists");
    assertThat(second.json().path("message").asText())
        .isEqualTo("Metadata already exists in processing queue");
    assertThat(second.json().path("data")).isEqualTo(data);
    assertThat(job(photo, "metadata").path("state").asText()).isEqualTo("queued");

    resume();
    ended(photo, "metadata");
    assertThat(api.post(path).json().path("status").asText()).isEqualTo("success");
    ended(photo, "metadata");
  }

  @Test
  void anExtraThumbnailIsAJobOfItsOwnAndIsDeliveredUnderItsName() {
    long photo = api.accepted("a.jpg", Picture.of(400, 200).bytes());
    settled(photo);
    String order = "{\"method\":\"contain\",\"width\":64,\"height\":64}";
    assertThat(api.get(thumbnail(photo, "contain-64x64")).status()).isEqualTo(404);

    Answer answer = api.post("/api/photos/" + photo + "/jobs/thumbnails", order);
    assertThat(answer.json().path("status").asText()).isEqualTo("success");
    assertThat(answer.json().at("/data/method").asText()).isEqualTo("contain");
    assertThat(answer.json().at("/data/target").asText()).isEqualTo("contain:64x64");
    eventually(
        "the extra thumbnail is done",
        () -> api.photo(photo).at("/extra_thumbnails/0/state").asText().equals("done"));

    assertThat(api.photo(photo).at("/extra_thumbnails/0/format").asText()).isEqualTo("jpeg");
    assertThat(api.photo(photo).at("/extra_thumbnails/0/target").asText())
        .isEqualTo("contain:64x64");
    assertThat(job(photo, "thumbnails").path("attempts").asInt()).isEqualTo(1);
    for (String name : List.of("contain-64x64", "contain-64x64.jpg", "cover-300x300")) {
      assertThat(api.get(thumbnail(photo, name)).header("Content-Type")).isEqualTo("image/jpeg");
    }
  }

  @Test
  void forceReplacesWhatWasMadeAndWithoutForceItIsLeftAlone() throws Exception {
    long photo = photo();
    settled(photo);
    Path made;
    try (Stream<Path> files = Files.walk(home())) {
      String sha256 = api.photo(photo).path("sha256").asText();
      made =
          files
              .filter(file -> file.endsWith(Path.of(sha256, "cover-300x300.jpg")))
              .findFirst()
              .orElseThrow();
    }
    byte[] original = Files.readAllBytes(made);
    Files.write(made, new byte[] {1, 2, 3});

    api.post("/api/photos/" + photo + "/jobs/thumbnails");
    ended(photo, "thumbnails");
    assertThat(Files.readAllBytes(made)).hasSize(3);

    api.post("/api/photos/" + photo + "/jobs/thumbnails?force=true");
    ended(photo, "thumbnails");
    assertThat(Files.readAllBytes(made)).isEqualTo(original);
  }

  private Path home() {
    return Path.of(environment.getRequiredProperty("caravel.home"));
  }

  @Test
  void forceIsRefusedWhileTheJobRunsAndExistsWithoutForce() {
    pause("metadata");
    long photo = photo();
    database
        .sql("update jobs set state = 'running', owner = 'elsewhere/1' where id = :id")
        .param("id", jobId(photo, "metadata"))
        .update();
    String path = "/api/photos/" + photo + "/jobs/metadata";

    Answer forced = api.post(path + "?force=true");
    assertThat(forced.status()).as(forced.text()).isEqualTo(409);
    assertThat(forced.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(forced.detail()).contains("wait until it has ended");
    assertThat(api.post(path).json().path("status").asText()).isEqualTo("exists");
    database.sql("update jobs set state = 'queued' where owner = 'elsewhere/1'").update();
  }

  @Test
  void whatCannotBeQueuedIsRefusedWithAReason() {
    long photo = photo();
    settled(photo);
    String jobs = "/api/photos/" + photo + "/jobs/";
    assertThat(api.post(jobs + "nowhere").status()).isEqualTo(404);
    assertThat(api.post("/api/queues/nowhere/pause").status()).isEqualTo(404);
    assertThat(api.post("/api/queues/nowhere/missing").status()).isEqualTo(404);
    assertThat(api.post("/api/queues/people/resume").status()).isEqualTo(404);
    assertThat(api.post("/api/photos/999999999/jobs/metadata").status()).isEqualTo(404);
    assertThat(api.post("/api/failures/999999999/replay").status()).isEqualTo(404);
    assertThat(api.post(jobs + "thumbnails", "{nonsense").status()).isEqualTo(400);
    assertThat(
            api.post(jobs + "thumbnails", "{\"method\":\"cover\",\"width\":9999,\"height\":9999}")
                .status())
        .isEqualTo(400);
    String order = "{\"method\":\"cover\",\"width\":9,\"height\":9,\"format\":\"%s\"}";
    assertThat(api.post(jobs + "thumbnails", order.formatted("tiff")).status()).isEqualTo(400);
    Answer nowhere = api.post(jobs + "geolocation");
    assertThat(nowhere.status()).isEqualTo(400);
    assertThat(nowhere.detail()).contains("no valid position");
  }

  // Pause

  @Test
  void aPausedQueueStartsNothingAndGoesOnWhenResumed() {
    pause("thumbnails");
    long photo = photo();
    assertThat(ended(photo, "metadata").path("state").asText()).isEqualTo("done");
    assertThat(jobs.claim("thumbnails", jobId(photo, "thumbnails"))).isNull();
    assertThat(job(photo, "thumbnails").path("state").asText()).isEqualTo("queued");
    JsonNode state = api.get("/api/queues").json().path("thumbnails");
    assertThat(state.path("paused").asBoolean()).isTrue();
    eventually(
        "it is counted", () -> api.get("/api/queues").json().at("/thumbnails/queued").asInt() > 0);

    assertThat(api.post("/api/queues/thumbnails/resume").json().path("paused").asBoolean())
        .isFalse();
    assertThat(ended(photo, "thumbnails").path("state").asText()).isEqualTo("done");
  }

  // Failures

  @Test
  void aPassingFailureIsTriedAgainWithBackOffUntilItPasses() throws Exception {
    set("caravel.queue.thumbnails.backoff-seconds", 3600);
    pause("thumbnails");
    long photo = photo();
    ended(photo, "metadata");
    Path hidden = hide(photo);
    resume();
    eventually(
        "a first try",
        () ->
            job(photo, "thumbnails").path("attempts").asInt() == 1
                && job(photo, "thumbnails").path("state").asText().equals("queued"));
    assertThat(job(photo, "thumbnails").path("cause").asText()).isEqualTo("original-missing");
    assertThat(
            count(
                "select count(*) from jobs where due_at > started_at and id = "
                    + jobId(photo, "thumbnails")))
        .isOne();
    unhide(hidden);
    database
        .sql("update jobs set due_at = current_timestamp(3) where id = :id")
        .param("id", jobId(photo, "thumbnails"))
        .update();
    JsonNode done = ended(photo, "thumbnails");
    assertThat(done.path("state").asText()).isEqualTo("done");
    assertThat(done.path("attempts").asInt()).isGreaterThan(1);
    assertThat(done.path("cause").isNull()).isTrue();
    assertThat(outcomes(photo, "thumbnails")).startsWith("retry").endsWith("done");
  }

  private List<String> outcomes(long photo, String step) {
    return api
        .get("/api/photos/" + photo + "/journey")
        .json()
        .path("items")
        .findParents("step")
        .stream()
        .filter(each -> each.path("step").asText().equals(step))
        .map(each -> each.path("outcome").asText())
        .toList();
  }

  @Test
  void onceItsTriesAreUsedUpAJobIsParkedWithItsCauseAndReplayedByOne() throws Exception {
    set("caravel.queue.thumbnails.backoff-seconds", 0);
    pause("thumbnails");
    long photo = photo();
    ended(photo, "metadata");
    Path hidden = hide(photo);
    resume();
    JsonNode parked = ended(photo, "thumbnails");
    assertThat(parked.path("state").asText()).isEqualTo("failed");
    assertThat(parked.path("attempts").asInt()).isEqualTo(3);
    assertThat(parked.path("cause").asText()).isEqualTo("original-missing");
    assertThat(parked.path("error").asText()).endsWith(".");
    assertThat(outcomes(photo, "thumbnails")).containsExactly("retry", "retry", "failed");
    unhide(hidden);

    String replay = "/api/failures/" + parked.path("id").asLong() + "/replay";
    Answer answer = api.post(replay);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.json().path("queued").asInt()).isOne();
    JsonNode done = ended(photo, "thumbnails");
    assertThat(done.path("state").asText()).isEqualTo("done");
    assertThat(done.path("attempts").asInt()).isOne();
    assertThat(api.post(replay).status()).isEqualTo(404);
  }

  @Test
  void aLastingFailureIsParkedAtOnceAndListedByCause() {
    long photo = broken();
    JsonNode parked = ended(photo, "thumbnails");
    assertThat(parked.path("state").asText()).isEqualTo("failed");
    assertThat(parked.path("attempts").asInt()).isOne();
    assertThat(parked.path("cause").asText()).isEqualTo("undecodable");

    for (String query : List.of("", "?queue=thumbnails")) {
      Optional<JsonNode> group = group(query, "undecodable");
      assertThat(group).isPresent();
      assertThat(group.orElseThrow().path("count").asInt()).isPositive();
      assertThat(group.orElseThrow().path("failures").findValuesAsText("photo_id"))
          .contains(String.valueOf(photo));
    }
    assertThat(group("?queue=geolocation", "undecodable")).isEmpty();
  }

  private Optional<JsonNode> group(String query, String cause) {
    for (JsonNode each : api.get("/api/failures" + query).json().path("items")) {
      if (each.path("cause").asText().equals(cause)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** A photo whose pixels cannot be decoded. */
  private long broken() {
    byte[] bytes = Picture.tiny().bytes();
    for (int at = 0; at < bytes.length - 1; at++) {
      if ((bytes[at] & 0xFF) == 0xFF && (bytes[at + 1] & 0xFF) == 0xC4) {
        java.util.Arrays.fill(bytes, at + 4, at + 20, (byte) 0xFF);
        break;
      }
    }
    return api.accepted("broken.jpg", bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/failures/replay",
        "/api/failures/replay?queue=thumbnails",
        "/api/failures/replay?cause=undecodable",
        "/api/failures/replay?queue=thumbnails&cause=undecodable",
        "/api/queues/thumbnails/failed"
      })
  void parkedJobsAreReplayedTogether(String path) {
    long first = broken();
    long second = broken();
    ended(first, "thumbnails");
    ended(second, "thumbnails");

    Answer answer = api.post(path);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.json().path("queued").asInt()).isGreaterThanOrEqualTo(2);
    for (long photo : List.of(first, second)) {
      eventually(
          "failed again", () -> outcomes(photo, "thumbnails").equals(List.of("failed", "failed")));
      assertThat(count("select run from jobs where id = " + jobId(photo, "thumbnails")))
          .isEqualTo(2);
      ended(photo, "thumbnails");
    }
  }

  @ParameterizedTest
  @CsvSource({"?queue=metadata", "?cause=time-limit", "?queue=geolocation&cause=undecodable"})
  void aReplayLeavesOtherFailuresAlone(String query) {
    long photo = broken();
    ended(photo, "thumbnails");
    assertThat(api.post("/api/failures/replay" + query).status()).isEqualTo(202);
    assertThat(job(photo, "thumbnails").path("state").asText()).isEqualTo("failed");
    assertThat(outcomes(photo, "thumbnails")).containsExactly("failed");
  }

  @Test
  void whatWaitsAfterAReplayExistsForAnotherCaller() {
    long photo = broken();
    long job = ended(photo, "thumbnails").path("id").asLong();
    pause("thumbnails");
    api.post("/api/failures/" + job + "/replay");
    assertThat(api.post("/api/photos/" + photo + "/jobs/thumbnails").json().path("status").asText())
        .isEqualTo("exists");
  }

  @Test
  void missingQueuesThePhotosWithoutSuchAJobAndAllQueuesEveryOne() {
    long photo = photo();
    long other = photo();
    settled(photo);
    settled(other);
    database
        .sql("delete from jobs where image_id = :photo and queue = 'thumbnails'")
        .param("photo", photo)
        .update();
    Answer missing = api.post("/api/queues/thumbnails/missing");
    assertThat(missing.status()).as(missing.text()).isEqualTo(202);
    // Photos of other tests may lack theirs too; the one that has its own is left alone.
    assertThat(missing.json().path("queued").asInt()).isPositive();
    ended(photo, "thumbnails");
    assertThat(outcomes(other, "thumbnails")).containsExactly("done");

    api.post("/api/queues/thumbnails/all");
    for (long each : List.of(photo, other)) {
      eventually("done again", () -> outcomes(each, "thumbnails").equals(List.of("done", "done")));
    }
  }

  @Test
  void missingQueuesThePhotosWhoseThumbnailsAreOfOtherSettings() {
    long photo = photo();
    settled(photo);
    database
        .sql(
            """
            update jobs set job_key = :key, data = '{"targets":["scale-9x9"]}'
            where image_id = :photo and queue = 'thumbnails'
            """)
        .param("key", "0".repeat(32))
        .param("photo", photo)
        .update();
    assertThat(api.post("/api/queues/thumbnails/missing").status()).isEqualTo(202);
    eventually("made again", () -> outcomes(photo, "thumbnails").equals(List.of("done", "done")));
    ended(photo, "thumbnails");
    assertThat(jobs(photo)).isEqualTo(1);
  }

  private int jobs(long photo) {
    return database
        .sql("select count(*) from jobs where image_id = :photo and queue = 'thumbnails'")
        .param("photo", photo)
        .query(Integer.class)
        .single();
  }

  // Time limits, late attempts, interruptions

  @Test
  void aHungExiftoolFailsItsPhotoAloneAndTheWorkerLives() throws Exception {
    settled(photo());
    set("caravel.queue.metadata.limit-seconds", 1);
    set("caravel.queue.metadata.tries", 1);
    List<Long> stopped = exiftool.pids();
    assertThat(stopped).isNotEmpty();
    for (long pid : stopped) {
      assertThat(new ProcessBuilder("kill", "-STOP", "" + pid).start().waitFor()).isZero();
    }
    JsonNode hung = ended(photo(), "metadata");
    assertThat(hung.path("state").asText()).isEqualTo("failed");
    assertThat(hung.path("cause").asText()).isEqualTo("time-limit");
    set("caravel.queue.metadata.limit-seconds", 60); // a fresh one may start slowly
    JsonNode next = hung;
    for (int more = 0;
        more < stopped.size() && !next.path("state").asText().equals("done");
        more++) {
      next = ended(photo(), "metadata");
    }
    assertThat(next.path("state").asText()).isEqualTo("done");
    api.post("/api/failures/replay?cause=time-limit");
    eventually("nothing is left", () -> group("?queue=metadata", "time-limit").isEmpty());
  }

  @Test
  void aLateAttemptCannotOverwriteItsSuccessor() {
    pause("metadata");
    long photo = photo();
    long id = jobId(photo, "metadata");
    Job late = claim("metadata", id);
    database.sql("update jobs set state = 'queued' where id = :id").param("id", id).update();
    Job successor = claim("metadata", id);

    assertThatThrownBy(() -> transaction.executeWithoutResult(status -> jobs.done(late)))
        .hasMessageContaining("is late");
    assertThat(jobs.failed(late, new IllegalStateException("late"))).isNotNull();
    assertThat(job(photo, "metadata").path("state").asText()).isEqualTo("running");

    transaction.executeWithoutResult(status -> jobs.done(successor));
    assertThat(job(photo, "metadata").path("state").asText()).isEqualTo("done");
    jobs.failed(late, new IllegalStateException("late"));
    assertThat(job(photo, "metadata").path("state").asText()).isEqualTo("done");
  }

  /** Claims a job of a paused queue in the stead of a worker. */
  private Job claim(String queue, long id) {
    // The workers have no hint of it: it was never sent while the queue was paused.
    database.sql("update queues set paused = false where name = :q").param("q", queue).update();
    try {
      Job job = jobs.claim(queue, id);
      assertThat(job).isNotNull();
      return java.util.Objects.requireNonNull(job);
    } finally {
      database.sql("update queues set paused = true where name = :q").param("q", queue).update();
    }
  }

  @Test
  void aStartWithoutAnEndReturnsAfterAWhileAndTheThirdParksTheJob() {
    pause("thumbnails");
    long photo = photo();
    long id = jobId(photo, "thumbnails");
    for (int start = 1; start <= 3; start++) {
      database
          .sql(
              """
              update jobs set state = 'running', attempts = attempts + 1, owner = 'gone/1', started_at = current_timestamp(3),
                lease_until = timestampadd(second, -1, current_timestamp(3)) where id = :id
              """)
          .param("id", id)
          .update();
      jobs.lapse(); // or the route sweep did, at this very moment
      JsonNode job = job(photo, "thumbnails");
      assertThat(job.path("cause").asText()).isEqualTo("interrupted");
      assertThat(job.path("state").asText()).isEqualTo(start < 3 ? "queued" : "failed");
      if (start < 3) {
        int pause = start == 1 ? 10 : 60;
        assertThat(
                count(
                    "select count(*) from jobs where due_at > timestampadd(second, %d, current_timestamp(3)) and id = %d"
                        .formatted(pause - 5, id)))
            .isOne();
      }
    }
    assertThat(outcomes(photo, "thumbnails"))
        .containsExactly("interrupted", "interrupted", "failed");
  }

  @Test
  void anInterruptedJobWorksAloneAndIsDoneIfItWasInnocent() {
    pause("thumbnails");
    long photo = photo();
    long id = jobId(photo, "thumbnails");
    database
        .sql(
            """
            update jobs set state = 'running', attempts = 1, owner = 'gone/1', started_at = current_timestamp(3),
              lease_until = timestampadd(second, -1, current_timestamp(3)) where id = :id
            """)
        .param("id", id)
        .update();
    jobs.lapse();
    database
        .sql("update jobs set due_at = current_timestamp(3) where id = :id")
        .param("id", id)
        .update();
    resume();
    JsonNode done = ended(photo, "thumbnails");
    assertThat(done.path("state").asText()).isEqualTo("done");
    assertThat(outcomes(photo, "thumbnails")).containsExactly("interrupted", "done");
  }

  @Test
  void aJobThatWaitedForItsTurnWhenItsNodeDiedIsNotSuspected() {
    pause("thumbnails");
    long photo = photo();
    long id = jobId(photo, "thumbnails");
    database
        .sql(
            """
            update jobs set state = 'running', attempts = 1, owner = 'gone/1', started_at = null,
              lease_until = timestampadd(second, -1, current_timestamp(3)) where id = :id
            """)
        .param("id", id)
        .update();

    jobs.lapse(); // or the route sweep did, at this very moment

    assertThat(
            count(
                "select count(*) from jobs where state = 'queued' and interrupted = 0 and excused = 1 and id = "
                    + id))
        .isOne();
    resume();
    assertThat(ended(photo, "thumbnails").path("state").asText()).isEqualTo("done");
  }

  /** The row as the embedded database may have it on the disk when a photo ends the program. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "state = 'queued', attempts = 0",
        "state = 'running', attempts = 1, owner = 'NODE/feedbeef', started_at = null",
        "state = 'running', attempts = 1, owner = 'NODE/feedbeef', started_at = current_timestamp(3)"
      })
  void aStartThatWasNotedCountsOnceWhateverReachedTheDisk(String row) throws Exception {
    pause("thumbnails");
    long photo = photo();
    long id = jobId(photo, "thumbnails");
    String node = environment.getRequiredProperty("caravel.node");
    Path notes = home().resolve("nodes/" + node + ".feedbeef.begun");
    Files.writeString(notes, "+ " + id + " 1 1\n");
    database
        .sql("update jobs set " + row.replace("NODE", node) + " where id = :id")
        .param("id", id)
        .update();

    for (int start = 0; start < 2; start++) { // ended again before its notes were thrown away
      jobs.restoreClaims();
      jobs.recover();
    }

    assertThat(
            count(
                "select count(*) from jobs where state = 'queued' and attempts = 1 and interrupted = 1 and excused = 0 and id = "
                    + id))
        .isOne();
    jobs.recovered();
    assertThat(notes).doesNotExist();
    resume();
    assertThat(ended(photo, "thumbnails").path("state").asText()).isEqualTo("done");
  }

  /** The row as the embedded database may have it on the disk when a neighbour ends the program. */
  @ParameterizedTest
  @ValueSource(strings = {"", "+ %d 1 1\n- %d 1 1\n"})
  void aStartThatWaitedOrHadEndedByItsNotesIsGivenBackAndNotSuspected(String noted)
      throws Exception {
    pause("thumbnails");
    long photo = photo();
    long id = jobId(photo, "thumbnails");
    String node = environment.getRequiredProperty("caravel.node");
    Path notes = home().resolve("nodes/" + node + ".feedbeef.begun");
    Files.writeString(notes, noted.replace("%d", String.valueOf(id)));
    database
        .sql(
            "update jobs set state = 'running', attempts = 1, owner = :owner, started_at = current_timestamp(3) where id = :id")
        .param("owner", node + "/feedbeef")
        .param("id", id)
        .update();

    jobs.restoreClaims();
    jobs.recover();

    assertThat(
            count(
                "select count(*) from jobs where state = 'queued' and interrupted = 0 and excused = 1 and id = "
                    + id))
        .isOne();
    jobs.recovered();
    resume();
    assertThat(ended(photo, "thumbnails").path("state").asText()).isEqualTo("done");
  }

  // Metadata and geolocation

  @Test
  void aPhotoWithAPositionGetsItsPlaceWithAttribution() {
    JsonNode photo = settled(api.accepted("a.jpg", Picture.tiny().at(48.2085, 16.3731).bytes()));
    assertThat(photo.path("position").asText()).as(photo.toString()).isEqualTo("valid");
    assertThat(photo.path("latitude").asDouble()).isEqualTo(48.2085, within());
    assertThat(photo.path("longitude").asDouble()).isEqualTo(16.3731, within());
    assertThat(photo.path("place").asText()).contains("Stephansplatz");
    assertThat(photo.path("place_attribution").asText()).contains("OpenStreetMap");
    assertThat(photo.at("/jobs/geolocation/state").asText()).as(photo.toString()).isEqualTo("done");
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-6);
  }

  @Test
  void aPhotoWithoutAPositionIsSkippedAndNobodyIsAsked() {
    JsonNode photo = settled(photo());
    assertThat(photo.path("position").asText()).isEqualTo("none");
    assertThat(photo.at("/jobs/geolocation/state").asText()).isEqualTo("skipped");
    assertThat(photo.at("/jobs/geolocation/cause").asText()).isEqualTo("no-position");
    assertThat(photo.at("/jobs/geolocation/attempts").asInt()).isZero();
    assertThat(GEOCODER.arrivals()).isEmpty();
  }

  @Test
  void anInvalidPositionIsToldApartFromNone() {
    JsonNode photo = settled(api.accepted("a.jpg", Picture.tiny().at(0, 0).bytes()));
    assertThat(photo.path("position").asText()).isEqualTo("invalid");
    assertThat(photo.at("/jobs/geolocation/cause").asText()).isEqualTo("no-position");
  }

  @Test
  void aPositionWithoutAnAddressIsSkipped() {
    GEOCODER.next(io.caravel.place.StubGeocoder.unable());
    JsonNode photo = settled(api.accepted("a.jpg", Picture.tiny().at(-30.5, -120.25).bytes()));
    assertThat(photo.at("/jobs/geolocation/state").asText()).isEqualTo("skipped");
    assertThat(photo.at("/jobs/geolocation/cause").asText()).isEqualTo("no-address");
    assertThat(photo.path("place").isNull()).isTrue();
  }

  @Test
  void aGeocoderThatAsksForAPauseIsToldOfUntilItIsOver() {
    set("caravel.queue.geolocation.backoff-seconds", 1);
    GEOCODER.next(io.caravel.place.StubGeocoder.status(429, "4"));
    long photo = api.accepted("a.jpg", Picture.tiny().at(-31.5, -121.25).bytes());
    eventually(
        "told",
        () -> waiting("geolocation").matches(".*HTTP 429.* asked again in about [1-5] s\\."));
    assertThat(waiting("metadata")).isEmpty();
    assertThat(ended(photo, "geolocation").path("state").asText()).isEqualTo("done");
    eventually("over", () -> waiting("geolocation").isEmpty());
  }

  @Test
  void aGeocoderThatCannotBeReachedIsToldOfUntilItAnswers() {
    set("caravel.queue.geolocation.backoff-seconds", 1);
    GEOCODER.next(io.caravel.place.StubGeocoder.drop(), io.caravel.place.StubGeocoder.drop());
    long photo = api.accepted("a.jpg", Picture.tiny().at(-32.5, -122.25).bytes());
    eventually("told", () -> waiting("geolocation").contains("could not be asked"));
    assertThat(ended(photo, "geolocation").path("state").asText()).isEqualTo("done");
    eventually("over", () -> waiting("geolocation").isEmpty());
  }

  private String waiting(String queue) {
    return api.get("/api/queues").json().path(queue).path("waiting").asText("");
  }

  @Test
  void geolocationIsNeverQueuedWhenMetadataFailed() throws Exception {
    set("caravel.queue.metadata.tries", 1);
    pause("metadata");
    long photo = api.accepted("a.jpg", Picture.tiny().at(48.2085, 16.3731).bytes());
    ended(photo, "thumbnails");
    Path hidden = hide(photo);
    resume();
    assertThat(ended(photo, "metadata").path("state").asText()).isEqualTo("failed");
    assertThat(api.photo(photo).path("jobs").has("geolocation")).isFalse();
    assertThat(api.get("/api/photos/" + photo + "/metadata").status()).isEqualTo(404);
    unhide(hidden);
    api.post("/api/queues/metadata/failed");
    eventually("located", () -> job(photo, "geolocation").path("state").asText().equals("done"));
  }
}
