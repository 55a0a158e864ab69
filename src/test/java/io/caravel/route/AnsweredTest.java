package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.door.Contract;
import io.caravel.face.FaceIndex;
import io.caravel.route.Api.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/**
 * What somebody was answered is in the database's file: as kill -9 leaves it at the moment the
 * answer is read. Nothing but the answer may have brought it there: the program writes its commits
 * an hour late.
 */
@NullUnmarked
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/answered",
      "caravel.roles=intake,web",
      "caravel.db.write-delay-ms=3600000",
      "caravel.db.sync-ms=3600000"
    })
class AnsweredTest extends FlowTest {
  @Autowired FaceIndex index;
  @TempDir Path directory;
  private int copies;

  /** A request, and a question to which the answer is 1 once it was answered. */
  private record Door(Supplier<Answer> asked, String question) {}

  /** In an order in which one leads to the next. */
  private final Map<String, Door> doors = new LinkedHashMap<>();

  /** Doors that write no row: there is nothing to lose. */
  private static final Set<String> NO_ROW = Set.of("encodeFaces", "compareFaces", "rehearseStep");

  @AfterEach
  void goOn() {
    database.sql("update queues set paused = false").update();
  }

  @Test
  void whateverSomebodyWasAnsweredOutlivesKill9() throws Exception {
    long photo = api.accepted("one.jpg", Picture.tiny().bytes());
    long other = api.accepted("two.jpg", Picture.of(33, 30).bytes());
    FaceRows rows = new FaceRows(database, index);
    long face = rows.face(FaceRows.somebody());
    long second = rows.face(FaceRows.somebody());
    byte[] upload = Picture.of(42, 30).bytes();

    door(
        "uploadPhotos",
        () -> api.upload(Api.Part.file("three.jpg", upload)),
        "select count(*) from images where filename = 'three.jpg'");
    door(
        "trashPhoto",
        () -> api.delete("/api/photos/" + photo),
        "select count(*) from images where id = " + photo + " and deleted_at is not null");
    door(
        "restorePhoto",
        () -> api.post("/api/photos/" + photo + "/restore"),
        "select count(*) from images where id = " + photo + " and deleted_at is null");
    door(
        "decidePhotos",
        () ->
            api.post(
                "/api/photos/actions", "{\"photos\":[%d],\"action\":\"trash\"}".formatted(other)),
        "select count(*) from images where id = " + other + " and deleted_at is not null");
    Files.write(
        Files.createDirectories(originals().resolve("site")).resolve("named.jpg"),
        Picture.of(52, 30).bytes());
    door(
        "takeJob",
        () ->
            api.post(
                "/api/jobs/metadata",
                "{\"image_id\":900001,\"source_disk\":\"private\",\"source_path\":\"site\",\"source_filename\":\"named.jpg\"}"),
        "select count(*) from images where source_filename = 'named.jpg'");
    door(
        "enqueueJob",
        () ->
            api.post(
                "/api/photos/" + photo + "/jobs/thumbnails",
                "{\"method\":\"cover\",\"width\":50,\"height\":50}"),
        "select count(*) from jobs where extra and image_id = " + photo);
    door(
        "decide",
        () ->
            api.post(
                "/api/decisions",
                "{\"faces\":[%d],\"action\":\"confirm\",\"name\":\"Ada\"}".formatted(face)),
        "select count(*) from faces where status = 'ok' and id = " + face);
    door(
        "editFace",
        () ->
            api.send(
                "PATCH",
                "/api/faces/" + second,
                "{\"name\":\"Bo\"}".getBytes(StandardCharsets.UTF_8),
                "Content-Type",
                "application/json"),
        "select count(*) from faces where name = 'Bo' and id = " + second);
    door(
        "drawFace",
        () ->
            api.post(
                "/api/photos/" + photo + "/faces",
                "{\"left\":0,\"top\":0,\"width\":10,\"height\":10}"),
        "select count(*) from faces where status = 'process' and engine like 'drawn%' and image_id = "
            + photo);
    door(
        "mergePeople",
        () ->
            api.post("/api/people/" + person("Ada") + "/merge", "{\"into\":" + person("Bo") + "}"),
        "select count(*) from decisions where action = 'merge'");
    door(
        "undoDecision",
        () ->
            api.post(
                "/api/decisions/"
                    + database.sql("select max(id) from decisions").query(Long.class).single()
                    + "/undo"),
        "select count(*) from decisions where action = 'undo'");
    door(
        "pauseQueue",
        () -> api.post("/api/queues/metadata/pause"),
        "select count(*) from queues where name = 'metadata' and paused");
    door(
        "resumeQueue",
        () -> api.post("/api/queues/metadata/resume"),
        "select count(*) from queues where name = 'metadata' and not paused");
    door(
        "setWorkers",
        () -> api.post("/api/queues/metadata/workers", "{\"workers\":3}"),
        "select count(*) from queue_workers where queue = 'metadata' and workers = 3");
    door(
        "requeueMissing",
        () -> {
          database.sql("delete from jobs where queue = 'faces' and image_id = " + photo).update();
          database.sql("delete from idempotent_keys where processorName = 'enqueue'").update();
          return api.post("/api/queues/faces/missing");
        },
        "select count(*) from jobs where queue = 'faces' and image_id = " + photo);
    door("requeueFailed", () -> failed(photo, "/api/queues/metadata/failed"), queued(photo));
    door("requeueAll", () -> failed(photo, "/api/queues/metadata/all"), queued(photo));
    door("requeueStale", () -> stale(photo), queued(photo));
    door("replayFailures", () -> failed(photo, "/api/failures/replay"), queued(photo));
    door(
        "replayFailure",
        () -> failed(photo, "/api/failures/" + metadataJob(photo) + "/replay"),
        queued(photo));

    Set<String> told = new TreeSet<>(doors.keySet());
    told.addAll(NO_ROW);
    assertThat(told).as("every door that is no GET").isEqualTo(writingDoors());
    for (Map.Entry<String, Door> door : doors.entrySet()) {
      Answer answer = door.getValue().asked().get();
      Path left = killed();
      assertThat(answer.status()).as("%s: %s", door, answer.text()).isBetween(200, 299);
      assertThat(answerOf(left, door.getValue().question())).as(door.getKey()).isEqualTo(1);
    }
  }

  private void door(String operation, Supplier<Answer> asked, String question) {
    doors.put(operation, new Door(asked, question));
  }

  private Answer failed(long photo, String path) {
    database
        .sql(
            "update jobs set state = 'failed', cause = 'internal', error = 'A test.' where id = "
                + metadataJob(photo))
        .update();
    // So that the request alone brings it back.
    database.sql("checkpoint sync").update();
    return api.post(path);
  }

  private Answer stale(long photo) {
    database
        .sql(
            "update jobs set state = 'done', cause = null, error = null, recipe = 'of another time' where id = "
                + metadataJob(photo))
        .update();
    database.sql("checkpoint sync").update();
    return api.post("/api/queues/metadata/stale");
  }

  private static String queued(long photo) {
    return "select count(*) from jobs where queue = 'metadata' and state = 'queued' and image_id = "
        + photo;
  }

  private long metadataJob(long photo) {
    return count("select id from jobs where queue = 'metadata' and image_id = " + photo);
  }

  private long person(String name) {
    return database
        .sql("select coalesce(parent_id, id) from faces where name = :name limit 1")
        .param("name", name)
        .query(Long.class)
        .single();
  }

  private static Set<String> writingDoors() throws IOException {
    Set<String> writers = new TreeSet<>();
    JsonNode contract = new ObjectMapper().readTree(new Contract().json());
    contract
        .path("paths")
        .forEach(
            path ->
                path.properties().stream()
                    .filter(verb -> verb.getValue().has("operationId"))
                    .filter(verb -> !verb.getKey().equals("get"))
                    .forEach(verb -> writers.add(verb.getValue().path("operationId").asText())));
    return writers;
  }

  /** The database's file as kill -9 would leave it now. */
  private Path killed() throws IOException {
    Path copy = directory.resolve("killed-" + ++copies);
    Files.copy(
        home("answered").resolve("database/caravel.mv.db"),
        copy.resolveSibling(copy.getFileName() + ".mv.db"));
    return copy;
  }

  private static long answerOf(Path file, String question) throws SQLException {
    try (Connection left =
            DriverManager.getConnection(
                "jdbc:h2:" + file + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC",
                "caravel",
                "");
        Statement statement = left.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      row.next();
      return row.getLong(1);
    }
  }
}
