package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.route.Api.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /api/jobs/{queue}}: jobs as the site names them. */
class SiteJobsTest extends FlowTest {
  private static final AtomicLong NUMBERS = new AtomicLong(6_000_000_000L);

  private final long number = NUMBERS.getAndAdd(100);
  private final String folder = "site" + number;
  private Path images = Path.of("");

  @BeforeEach
  void folderOfTheSite() throws IOException {
    images = Files.createDirectories(originals().resolve(folder));
  }

  @AfterEach
  void goOn() {
    for (String queue : List.of("thumbnails", "metadata", "faces")) {
      api.post("/api/queues/" + queue + "/resume");
    }
  }

  private void pauseAll() {
    for (String queue : List.of("thumbnails", "metadata", "faces")) {
      assertThat(api.post("/api/queues/" + queue + "/pause").status()).isEqualTo(200);
    }
  }

  private void file(String name) throws IOException {
    Files.write(images.resolve(name), Picture.tiny().bytes());
  }

  private String data(long id, String name, String more) {
    return "{\"image_id\":%d,\"source_disk\":\"private\",\"source_path\":\"%s\",\"source_filename\":\"%s\"%s}"
        .formatted(id, folder, name, more);
  }

  private Answer send(String queue, String data) {
    return api.post("/api/jobs/" + queue, data);
  }

  private JsonNode taken(String queue, String data, String status) {
    Answer answer = send(queue, data);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.json().path("status").asText()).as(answer.text()).isEqualTo(status);
    return answer.json();
  }

  private long photo(long externalId) {
    return api.get("/api/photos/ext-" + externalId).json().path("id").asLong();
  }

  @ParameterizedTest
  @CsvSource({
    "thumbnails, Thumbnail",
    "metadata, Metadata",
    "geolocation, Geolocation",
    "faces, Face",
    "images, Image"
  })
  void aPhotoThatIsNotKnownIsTakenAndAnsweredAsTheOldQueueDid(String queue, String name)
      throws IOException {
    file("a.jpg");
    pauseAll();
    String data = data(number, "a.jpg", "");

    JsonNode first = taken(queue, data, "success");
    JsonNode again = taken(queue, data, "exists");

    assertThat(first.path("message").asText()).isEqualTo(name + " added to processing queue");
    assertThat(first.path("data")).isEqualTo(again.path("data"));
    assertThat(first.path("data").path("image_id").asLong()).isEqualTo(number);
    assertThat(first.path("data").path("source_filename").asText()).isEqualTo("a.jpg");
    assertThat(again.path("message").asText())
        .isIn(name + " already exists in processing queue", "Image has nothing left to process");
    goOn();
    settled(number);
    assertThat(count("select count(*) from jobs where image_id = " + number)).isEqualTo(4);
  }

  @Test
  void aJobThatHasEndedRunsAgainAndWhatIsDoneIsNotDue() throws IOException {
    file("a.jpg");
    taken("images", data(number, "a.jpg", ""), "success");
    settled(number);

    JsonNode nothing = taken("images", data(number, "a.jpg", ""), "exists");
    assertThat(nothing.path("message").asText()).isEqualTo("Image has nothing left to process");
    taken("metadata", data(number, "a.jpg", ""), "success");
    settled(number);

    assertThat(count("select run from jobs where queue = 'metadata' and image_id = " + number))
        .isEqualTo(2);
    assertThat(count("select run from jobs where queue = 'thumbnails' and image_id = " + number))
        .isEqualTo(1);
  }

  @Test
  void whatFailedOrIsMissingIsDue() throws IOException {
    file("a.jpg");
    taken("images", data(number, "a.jpg", ""), "success");
    settled(number);
    pauseAll();
    database
        .sql("update jobs set state = 'failed' where queue = 'faces' and image_id = :id")
        .param("id", number)
        .update();
    long metadata = count("select id from jobs where queue = 'metadata' and image_id = " + number);
    database
        .sql(
            "delete from idempotent_keys where messageId in (select concat(queue, ':', job_key) from jobs where id = :id)")
        .param("id", metadata)
        .update();
    database.sql("delete from jobs where id = :id").param("id", metadata).update();

    taken("images", data(number, "a.jpg", ""), "success");

    assertThat(
            database
                .sql(
                    "select queue from jobs where state = 'queued' and image_id = :id order by queue")
                .param("id", number)
                .query(String.class)
                .list())
        .containsExactly("faces", "metadata");
  }

  @Test
  void aThumbnailLiesWhereTheSiteLooksForIt() throws IOException {
    file("a.jpg");
    String sized = ",\"method\":\"cover\",\"width\":40,\"height\":30,\"target\":";
    taken(
        "thumbnails",
        data(number, "a.jpg", sized + "\"" + folder + "/t/{stem}-s.jpg\""),
        "success");
    taken(
        "thumbnails",
        data(
            number,
            "a.jpg",
            sized
                + "{\"disk\":\"private\",\"path\":\"%s/t\",\"filename\":\"{stem}-o.jpg\"}"
                    .formatted(folder)),
        "success");
    taken(
        "thumbnails",
        data(number, "a.jpg", ",\"target\":\"private:" + folder + "/all/{method}.jpg\""),
        "success");

    settled(number);
    eventually(
        "all laid",
        () ->
            count(
                    "select count(*) from jobs where queue = 'thumbnails' and state <> 'done' and image_id = "
                        + number)
                == 0);
    byte[] served = api.get("/api/photos/" + number + "/thumbnails/cover-40x30").body();
    assertThat(images.resolve("t/a-s.jpg")).hasBinaryContent(served);
    assertThat(images.resolve("t/a-o.jpg")).hasBinaryContent(served);
    assertThat(images.resolve("all/cover.jpg"))
        .hasBinaryContent(api.get("/api/photos/" + number + "/thumbnails/cover-300x300").body());
  }

  @Test
  void itsNumberAloneSufficesOnceItIsKnown() throws IOException {
    file("a.jpg");
    Answer unknown = send("metadata", "{\"image_id\":" + number + "}");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.detail()).contains("source_filename");
    taken("images", data(number, "a.jpg", ""), "success");
    settled(number);

    taken("faces", "{\"image_id\":" + number + "}", "success");
  }

  @Test
  void theNumberMayBeLeftOut() throws IOException {
    file("a.jpg");
    pauseAll();
    taken("metadata", data(1, "a.jpg", "").replace("\"image_id\":1,", ""), "success");
    taken(
        "metadata", data(1, "a.jpg", "").replace("\"image_id\":1", "\"image_id\":null"), "exists");
  }

  /** Also its copies: they were the other photo's, which lies in the trash. */
  @Test
  void aFileThatWasChangedInPlaceIsToldAndAllItsJobsRun() throws IOException {
    file("a.jpg");
    byte[] before = Files.readAllBytes(images.resolve("a.jpg"));
    String target = ",\"target\":\"" + folder + "/t/{method}-{stem}.jpg\"";
    taken("thumbnails", data(number, "a.jpg", target), "success");
    settled(number);
    eventually("laid", () -> Files.exists(images.resolve("t/scale-a.jpg")));
    long seen = count("select max(id) from changes");
    file("a.jpg");

    JsonNode told = taken("thumbnails", data(number, "a.jpg", target), "success");

    long now = photo(number);
    assertThat(now).isNotEqualTo(number);
    assertThat(told.path("message").asText())
        .startsWith("Thumbnail added to processing queue. ")
        .contains("changed in place", "photo " + number, "photo " + now)
        .endsWith(".");
    settled(now);
    eventually("laid anew", () -> laidIsServed(now));
    assertThat(
            database
                .sql("select kind from changes where id > :seen and image_id = :id")
                .param("seen", seen)
                .param("id", number)
                .query(String.class)
                .list())
        .contains("trashed");
    assertThat(
            database
                .sql("select sentence from journey where image_id = :id and outcome = 'accepted'")
                .param("id", now)
                .query(String.class)
                .single())
        .contains("photo " + number, "changed in place");

    Files.write(images.resolve("a.jpg"), before);
    taken("thumbnails", data(number, "a.jpg", target), "success");
    assertThat(photo(number)).isEqualTo(number);
    eventually("laid as before", () -> laidIsServed(number));
    assertThat(api.get("/api/photos/" + now).status()).isEqualTo(404);
  }

  private boolean laidIsServed(long photo) throws IOException {
    Answer served = api.get("/api/photos/" + photo + "/thumbnails/cover-300x300");
    return served.status() == 200
        && java.util.Arrays.equals(
            Files.readAllBytes(images.resolve("t/cover-a.jpg")), served.body());
  }

  @Test
  void manyThatAskForTheSameAtOnceQueueItOnce() throws IOException {
    file("a.jpg");
    pauseAll();
    List<CompletableFuture<Answer>> answers =
        IntStream.range(0, 8)
            .mapToObj(
                n ->
                    CompletableFuture.supplyAsync(
                        () -> send("images", data(number, "a.jpg", "")),
                        command -> new Thread(command).start()))
            .toList();
    List<String> status =
        answers.stream()
            .map(answer -> answer.join().json().path("status").asText())
            .sorted()
            .toList();
    assertThat(status).hasSize(8).contains("success").doesNotContain("");
    assertThat(status.stream().filter("success"::equals)).hasSize(1);
    assertThat(count("select count(*) from jobs where image_id = " + number)).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "metadata   | {}                                                  | 400",
        "metadata   | []                                                  | 400",
        "metadata   | ''                                                  | 400",
        "metadata   | {'image_id':0}                                      | 400",
        "metadata   | {'image_id':'7'}                                    | 400",
        "metadata   | {'image_id':7,'source_disk':'private'}              | 400",
        "metadata   | {'source_path':'images','source_filename':'a.jpg'}  | 400",
        "metadata   | {'image_id':7,'method':'cover'}                     | 400",
        "metadata   | {'image_id':7,'more':1}                             | 400",
        "thumbnails | {'image_id':7,'method':'cover','width':3}           | 400",
        "thumbnails | {'image_id':7,'method':'fit','width':3,'height':3}  | 400",
        "thumbnails | {'image_id':7,'format':'webp'}                      | 400",
        "thumbnails | {'image_id':7,'target':'nowhere:a.jpg'}             | 400",
        "thumbnails | {'image_id':7,'target':'one-for-all.jpg'}           | 400",
        "thumbnails | {'image_id':7,'target':'../a-{method}.jpg'}         | 400",
        "pictures   | {'image_id':7}                                      | 404",
        "metadata   | {'image_id':999999999999}                           | 404",
        "metadata   | {'source_disk':'private','source_path':'gone','source_filename':'a.jpg'} | 404",
        "metadata   | {'source_disk':'nowhere','source_path':'','source_filename':'a.jpg'}     | 400",
        "metadata   | {'source_disk':'private','source_path':'../..','source_filename':'a'}    | 400",
      })
  void whatIsWrongIsRefusedInASentence(String queue, String data, int status) {
    Answer answer = send(queue, data.replace('\'', '"'));
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.detail()).contains(" ").endsWith(".");
  }

  @ParameterizedTest
  @ValueSource(strings = {"images", "thumbnails", "faces"})
  void whatIsNoPictureIsRefused(String queue) throws IOException {
    Files.writeString(images.resolve("a.jpg"), "no picture");
    Answer answer = send(queue, data(number, "a.jpg", ""));
    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.detail()).endsWith(".");
  }

  @Test
  void aPhotoWithoutAPositionHasNoPlaceToAskFor() throws IOException {
    Files.write(images.resolve("a.jpg"), Picture.of(60, 40).bytes());
    taken("images", data(number, "a.jpg", ""), "success");
    ended(number, "metadata");
    assertThat(send("geolocation", data(number, "a.jpg", "")).status()).isEqualTo(400);
  }
}
