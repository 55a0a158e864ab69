package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.door.Caller;
import io.caravel.face.FaceIndex;
import io.caravel.route.Api.Answer;
import io.caravel.route.Api.Part;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code changes.camel.yaml}, and what GET /api/changes tells of what the other routes do. */
@Timeout(300)
class ChangesTest extends FlowTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Autowired FaceIndex index;
  @Autowired ProducerTemplate producer;

  private long last() {
    return count("select numbered from changes_numbered");
  }

  private List<JsonNode> after(long seq) {
    List<JsonNode> all = new ArrayList<>();
    for (JsonNode page = page(seq); !page.path("items").isEmpty(); ) {
      page.path("items").forEach(all::add);
      page = page(page.path("last").asLong());
    }
    long next = seq;
    for (JsonNode change : all) {
      assertThat(change.path("seq").asLong()).isEqualTo(++next);
    }
    return all;
  }

  private JsonNode page(long seq) {
    Answer answer = api.get("/api/changes?after=" + seq);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }

  private List<String> kinds(long seq, long photo) {
    return after(seq).stream()
        .filter(change -> change.path("photo").asLong() == photo)
        .map(change -> change.path("kind").asText())
        .toList();
  }

  private void told(long seq, long photo, String... kinds) {
    await(photo + " told")
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(kinds(seq, photo)).contains(kinds));
  }

  @Test
  void aPhotosLifeIsToldFromItsAcceptanceToItsDeletion() {
    long begin = last();
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    settled(photo);
    api.delete("/api/photos/" + photo);
    api.post("/api/photos/" + photo + "/restore");
    api.delete("/api/photos/" + photo);
    lived(40);
    database
        .sql(
            "update images set deleted_at = timestampadd(day, -35, current_timestamp(3)) where id = :id")
        .param("id", photo)
        .update();
    producer.sendBody("direct:trash", "");
    told(begin, photo, "deleted");
    List<String> kinds = kinds(begin, photo);
    assertThat(kinds)
        .containsExactlyInAnyOrder(
            "accepted",
            "thumbnails-done",
            "metadata-done",
            "faces-done",
            "trashed",
            "restored",
            "trashed",
            "deleted")
        .startsWith("accepted")
        .endsWith("trashed", "restored", "trashed", "deleted");
  }

  @Test
  void aFailureAndItsReplayAreTold() {
    long begin = last();
    byte[] cut = java.util.Arrays.copyOf(Picture.tiny().bytes(), 400);
    Answer answer = api.upload(Part.file("cut.jpg", cut));
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    long photo = answer.photo().path("id").asLong();
    eventually(
        "thumbnails failed",
        () -> job(photo, "thumbnails").path("state").asText().equals("failed"));
    told(begin, photo, "thumbnails-failed");
    long id =
        database
            .sql("select id from jobs where image_id = :id and queue = 'thumbnails'")
            .param("id", photo)
            .query(Long.class)
            .single();
    assertThat(api.post("/api/failures/" + id + "/replay").status()).isEqualTo(202);
    told(begin, photo, "thumbnails-queued");
  }

  @Test
  void aDecisionIsToldWithWhoAndWhatWasBeforeAndAfterAndItsUndoToo() {
    FaceRows rows = new FaceRows(database, index);
    long photo = rows.photo();
    long face = rows.face(photo, FaceRows.somebody(), null);
    String name = "C" + UUID.randomUUID();
    long begin = last();
    Answer decided =
        api.post(
            "/api/decisions",
            "{\"faces\":[%d],\"action\":\"confirm\",\"name\":\"%s\"}".formatted(face, name));
    assertThat(decided.status()).as(decided.text()).isEqualTo(200);
    long decision = decided.json().path("decision").path("id").asLong();
    assertThat(api.post("/api/decisions/" + decision + "/undo").status()).isEqualTo(200);
    told(begin, photo, "undo");
    List<JsonNode> told =
        after(begin).stream().filter(change -> change.path("face").asLong() == face).toList();
    assertThat(told)
        .extracting(each -> each.path("kind").asText())
        .containsExactly("confirm", "undo");
    JsonNode confirmed = told.get(0);
    assertThat(confirmed.path("photo").asLong()).isEqualTo(photo);
    assertThat(confirmed.path("who").asText()).isEqualTo("local");
    assertThat(confirmed.path("before").path("status").asText()).isEqualTo("process");
    assertThat(confirmed.path("after").path("status").asText()).isEqualTo("ok");
    assertThat(confirmed.path("after").path("name").asText()).isEqualTo(name);
    assertThat(told.get(1).path("after")).isEqualTo(confirmed.path("before"));
  }

  @Test
  void whoWaitsIsToldAsItHappensAndWhoWaitsInVainThatNothingDid() throws Exception {
    quiet();
    long begin = last();
    CompletableFuture<Answer> waiting =
        CompletableFuture.supplyAsync(() -> api.get("/api/changes?wait=60&after=" + begin));
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    Answer answer = waiting.get(50, TimeUnit.SECONDS);
    assertThat(answer.status()).isEqualTo(200);
    JsonNode first = answer.json().path("items").path(0);
    assertThat(first.path("seq").asLong()).isEqualTo(begin + 1);
    assertThat(first.path("kind").asText()).isEqualTo("accepted");
    assertThat(first.path("photo").asLong()).isEqualTo(photo);

    settled(photo);
    quiet();
    long end = last();
    Answer nothing = api.get("/api/changes?wait=1&after=" + end);
    assertThat(nothing.status()).isEqualTo(200);
    assertThat(nothing.text()).isEqualTo("{\"items\":[],\"last\":" + end + "}");
  }

  /** What other tests have set going has come to its end. */
  private void quiet() {
    eventually(
        "all is done and numbered",
        () ->
            count("select count(*) from jobs where state in ('queued', 'running')") == 0
                && count("select count(*) from changes where seq is null") == 0);
  }

  private BufferedReader line(String path, String... headers) {
    List<String> all = new ArrayList<>(List.of("Accept", "text/event-stream"));
    all.addAll(List.of(headers));
    HttpResponse<InputStream> answer = new Caller(port).open(path, all.toArray(String[]::new));
    assertThat(answer.statusCode()).isEqualTo(200);
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  private static JsonNode next(BufferedReader line) throws IOException {
    String id = "";
    for (String read = line.readLine(); read != null; read = line.readLine()) {
      if (read.startsWith("id:")) {
        id = read.substring(3);
      }
      if (read.startsWith("data:")) {
        JsonNode change = JSON.readTree(read.substring(5));
        assertThat(change.path("seq").asText()).isEqualTo(id);
        return change;
      }
    }
    throw new AssertionError("the line ended");
  }

  @Test
  void aLineTellsAllAndGoesOnAfterTheLastThatWasHeard() throws IOException {
    long begin = last();
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    settled(photo);
    told(begin, photo, "faces-done");
    try (BufferedReader line = line("/api/changes?after=" + begin)) {
      assertThat(next(line).path("seq").asLong()).isEqualTo(begin + 1);
      assertThat(next(line).path("seq").asLong()).isEqualTo(begin + 2);
    }
    String heard = Long.toString(begin + 2);
    try (BufferedReader line = line("/api/changes?after=" + begin, "Last-Event-ID", heard)) {
      long seq = next(line).path("seq").asLong();
      assertThat(seq).isEqualTo(begin + 3);
      api.delete("/api/photos/" + photo);
      JsonNode change = next(line);
      while (!change.path("kind").asText().equals("trashed")) {
        assertThat(change.path("seq").asLong()).isEqualTo(++seq);
        change = next(line);
      }
      assertThat(change.path("photo").asLong()).isEqualTo(photo);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "after=-1",
        "after=x",
        "after=",
        "after=0&wait=61",
        "after=0&wait=-1",
        "after=999999999999"
      })
  void whatCannotBeAskedIsRefusedInASentence(String query) {
    Answer answer = api.get("/api/changes?" + query);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.detail()).containsAnyOf("whole number", "The last change is");
  }

  @Test
  void whatIsForgottenIsGoneInASentence() {
    api.accepted("a.jpg", Picture.tiny().bytes());
    eventually("numbered", () -> last() > 0);
    long before = count("select forgotten from changes_numbered");
    try {
      database.sql("update changes_numbered set forgotten = 1 where forgotten < 1").update();
      Answer gone = api.get("/api/changes?after=0");
      assertThat(gone.status()).isEqualTo(410);
      assertThat(gone.detail()).contains("30 days").contains("go on from");
      assertThat(api.get("/api/changes?after=0", "Accept", "text/event-stream").status())
          .isEqualTo(410);
      assertThat(api.get("/api/changes").status())
          .as("from the oldest that is kept")
          .isEqualTo(200);
    } finally {
      database.sql("update changes_numbered set forgotten = " + before).update();
    }
  }
}
