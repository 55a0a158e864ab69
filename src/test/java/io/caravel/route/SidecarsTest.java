package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.metadata.DrawnPhoto;
import io.caravel.photo.Originals;
import io.caravel.route.Api.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that lie beside photos: of the watched folder and of uploads, in any order. */
class SidecarsTest extends FlowTest {
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  private String folder = "";

  @BeforeEach
  void name() {
    folder = "beside-" + UUID.randomUUID();
  }

  private byte[] photo(String... tags) throws Exception {
    return Files.readAllBytes(
        DrawnPhoto.with(directory, UUID.randomUUID() + ".jpg", withSource(tags)));
  }

  private static String[] withSource(String... tags) {
    String[] all = Arrays.copyOf(tags, tags.length + 1);
    all[tags.length] = "-XMP-dc:Source=" + UUID.randomUUID(); // bytes of their own
    return all;
  }

  private static byte[] xmp(String title, int rating) {
    return """
    <x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
    <rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:xmp='http://ns.adobe.com/xap/1.0/'
      xmp:Rating='%d' xmp:CreateDate='2001-02-03T04:05:06'>
    <dc:title><rdf:Alt><rdf:li xml:lang='x-default'>%s</rdf:li></rdf:Alt></dc:title>
    </rdf:Description></rdf:RDF></x:xmpmeta>
    """
        .formatted(rating, title)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] takeout(String description) {
    return """
    {"title": "a.jpg", "description": "%s", "photoTakenTime": {"timestamp": "1562236390"},
     "geoData": {"latitude": 48.2082, "longitude": 16.3738, "altitude": 0.0}, "people": [{"name": "Renée"}]}
    """
        .formatted(description)
        .getBytes(StandardCharsets.UTF_8);
  }

  private void drop(String name, byte[] bytes) throws IOException {
    Path file = inbox().resolve(folder).resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private void awaitDone(String name) {
    Path done = inbox().resolve(".done").resolve(folder).resolve(name);
    eventually(name + " is in .done", () -> Files.isRegularFile(done));
  }

  private long id(byte[] bytes) {
    return database
        .sql("select id from images where sha256 = :sha256")
        .param("sha256", Originals.fingerprint(bytes))
        .query(Long.class)
        .single();
  }

  private JsonNode shown(long id) {
    return api.get("/api/photos/" + id).json();
  }

  private void eventuallyTitled(long id, String title) {
    eventually(
        "photo " + id + " is called " + title,
        () ->
            shown(id).path("title").asText().equals(title)
                && shown(id).path("jobs").path("metadata").path("state").asText().equals("done"));
  }

  @Test
  void oneThatIsThereBeforeItsPhotoIsReadWithIt() throws Exception {
    byte[] photo = photo("-XMP-dc:Title=Inside", "-XMP-xmp:Rating=1");
    drop("a.xmp", xmp("Beside", 4));
    awaitDone("a.xmp");
    drop("a.jpg", photo);
    awaitDone("a.jpg");
    long id = id(photo);
    ended(id, "metadata");
    assertThat(shown(id).path("title").asText()).isEqualTo("Beside");
    assertThat(shown(id).path("rating").asInt()).isEqualTo(4);
    assertThat(shown(id).path("sidecars")).map(JsonNode::asText).containsExactly("a.xmp");
    assertThat(shown(id).path("taken_at").asText()).startsWith("2001-02-03T04:05:06");
    assertThat(shown(id).path("taken_from").asText()).isEqualTo("sidecar");
  }

  @Test
  void oneThatComesLaterHasItsPhotoReadAnew() throws Exception {
    byte[] photo = photo("-XMP-dc:Title=Inside", "-DateTimeOriginal=2010:01:02 03:04:05");
    drop("a.jpg", photo);
    awaitDone("a.jpg");
    long id = id(photo);
    ended(id, "metadata");
    assertThat(shown(id).path("title").asText()).isEqualTo("Inside");
    drop("a.jpg.xmp", xmp("Later", 2));
    awaitDone("a.jpg.xmp");
    eventuallyTitled(id, "Later");
    assertThat(shown(id).path("taken_at").asText()).startsWith("2010-01-02T03:04:05");
    drop("a.jpg.xmp", xmp("Edited", 3));
    eventuallyTitled(id, "Edited");
    drop("a.jpg.xmp", xmp("Later", 2)); // the edit was taken back
    eventuallyTitled(id, "Later");
    assertThat(shown(id).path("sidecars")).map(JsonNode::asText).containsExactly("a.jpg.xmp");
  }

  @Test
  void takeoutsGivesPlaceAndDateWhereThePhotoHasNone() throws Exception {
    byte[] photo = photo();
    drop("IMG_1.jpg.supplemental-metadata(1).json", takeout("The first"));
    drop("IMG_1(1).jpg", photo);
    awaitDone("IMG_1(1).jpg");
    long id = id(photo);
    eventually("Takeout's is read", () -> shown(id).path("caption").asText().equals("The first"));
    JsonNode shown = shown(id);
    assertThat(shown.path("taken_at").asText()).isEqualTo("2019-07-04T12:33:10+02:00");
    assertThat(shown.path("taken_from").asText()).isEqualTo("takeout");
    assertThat(shown.path("latitude").asDouble()).isEqualTo(48.2082);
    assertThat(shown.path("position").asText()).isEqualTo("valid");
    assertThat(shown.path("persons")).map(JsonNode::asText).containsExactly("Renée");
  }

  @Test
  void inOneUploadTheyBelongTogether() throws Exception {
    byte[] photo = photo();
    String name = UUID.randomUUID().toString();
    JsonNode answer =
        api.upload(
                Part.file(name + ".xmp", xmp("Sent", 5)),
                Part.file(name + ".jpg", photo),
                Part.file(name + ".aae", "<?xml".getBytes(StandardCharsets.UTF_8)))
            .json();
    assertThat(answer.path("photos").findValuesAsText("status"))
        .containsExactly("accepted", "accepted", "accepted");
    long id = answer.path("photos").get(1).path("id").asLong();
    eventuallyTitled(id, "Sent");
    assertThat(shown(id).path("sidecars"))
        .map(JsonNode::asText)
        .containsExactlyInAnyOrder(name + ".xmp", name + ".aae");
  }

  /** Cameras begin again at IMG_0001. */
  @Test
  void ofTwoPhotosOfOneNameItBelongsToTheOneThatCameNearestInTime() throws Exception {
    byte[] first = photo();
    byte[] second = photo();
    drop("a.jpg", first);
    awaitDone("a.jpg");
    ended(id(first), "metadata");
    database
        .sql(
            "update arrivals set arrived_at = timestampadd(day, -30, arrived_at) where image_id = :id")
        .param("id", id(first))
        .update();
    drop("a.xmp", xmp("Of the second", 3));
    awaitDone("a.xmp");
    eventuallyTitled(id(first), "Of the second");
    drop("a.jpg", second);
    eventually("the second is taken", () -> known(second));
    eventuallyTitled(id(second), "Of the second");
    eventually("it is the first's no more", () -> shown(id(first)).path("title").isNull());
    assertThat(shown(id(first)).path("sidecars")).isEmpty();
  }

  /** Nor does it tell of a shot of another year that is called the same, with another ending. */
  @Test
  void itDoesNotBelongToAPhotoOfAnotherYearThatIsNamedLikeIts() throws Exception {
    byte[] old = photo();
    byte[] young = photo("-XMP-dc:Title=Inside");
    drop("a.jpg", old);
    drop("a.xmp", xmp("Old", 3));
    awaitDone("a.jpg");
    awaitDone("a.xmp");
    eventuallyTitled(id(old), "Old");
    for (String table : new String[] {"arrivals", "sidecars"}) {
      database
          .sql(
              "update %s set arrived_at = timestampadd(day, -400, arrived_at) where folder in (select folder from (select folder from arrivals where image_id = :id) as its)"
                  .formatted(table))
          .param("id", id(old))
          .update();
    }
    drop("a.jpeg", young);
    awaitDone("a.jpeg");
    ended(id(young), "metadata");
    assertThat(shown(id(young)).path("title").asText()).isEqualTo("Inside");
    assertThat(shown(id(young)).path("sidecars")).isEmpty();
    assertThat(shown(id(old)).path("sidecars")).hasSize(1);
  }

  private boolean known(byte[] bytes) {
    return database
        .sql("select 1 from images where sha256 = :sha256")
        .param("sha256", Originals.fingerprint(bytes))
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  @Test
  void aBrokenOneHindersNoPhotoAndIsKept() throws Exception {
    byte[] photo = photo("-XMP-dc:Title=Inside");
    byte[] broken = ("<x:xmpmeta " + folder).getBytes(StandardCharsets.UTF_8);
    drop("a.xmp", broken);
    drop("empty.xmp", new byte[0]);
    drop("a.jpg", photo);
    awaitDone("a.xmp");
    awaitDone("empty.xmp");
    awaitDone("a.jpg");
    ended(id(photo), "metadata");
    assertThat(shown(id(photo)).path("title").asText()).isEqualTo("Inside");
    Path kept =
        database
            .sql("select source_path, source_filename from sidecars where sha256 = :sha256")
            .param("sha256", Originals.fingerprint(broken))
            .query((row, n) -> originals().resolve(row.getString(1)).resolve(row.getString(2)))
            .single();
    assertThat(kept).hasBinaryContent(broken);
  }

  @Test
  void aJsonOfOthersIsNoPhoto() throws Exception {
    drop("settings.json", "{\"a\": 1}".getBytes(StandardCharsets.UTF_8));
    Path failed = inbox().resolve(".failed").resolve(folder).resolve("settings.json");
    eventually("it is refused", () -> Files.isRegularFile(failed));
  }
}
