package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.photo.Originals;
import io.caravel.route.Api.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Copies of thumbnails where a request wants them. {@link TargetsOnMariaDbTest} runs the same on a
 * server.
 */
class TargetsTest extends FlowTest {
  private static final AtomicLong NUMBERS = new AtomicLong(1);
  private static final String SIZES = "{method}-{width}x{height}";

  private final String folder = "targets" + NUMBERS.getAndIncrement();
  private Path images = Path.of("");

  @BeforeEach
  void folderOfTheOtherProgram() throws IOException {
    images = Files.createDirectories(originals().resolve(folder));
  }

  private Path laid(String name) {
    return images.resolve("thumbs").resolve(name);
  }

  private static String target(String path, String filename) {
    return "{\"disk\":\"private\",\"path\":\"%s\",\"filename\":\"%s\"}".formatted(path, filename);
  }

  private String thumbs(String filename) {
    return target(folder + "/thumbs", filename);
  }

  private Answer refer(String name, byte[] bytes, String target) throws IOException {
    Files.write(images.resolve(name), bytes);
    return api.post(
        "/api/photos",
        "{\"source_disk\":\"private\",\"source_path\":\"%s\",\"source_filename\":\"%s\",\"target\":%s}"
            .formatted(folder, name, target));
  }

  private long referred(String name, String target) throws IOException {
    return refer(name, Picture.tiny().bytes(), target).photo().path("id").asLong();
  }

  private JsonNode made(long photo) {
    return ended(photo, "thumbnails");
  }

  private Answer order(long photo, String query, String target) {
    Answer answer =
        api.post(
            "/api/photos/" + photo + "/jobs/thumbnails" + query,
            "{\"method\":\"cover\",\"width\":20,\"height\":10,\"target\":%s}".formatted(target));
    if (answer.status() == 202) {
      eventually("all thumbnails of photo " + photo + " ended", () -> open(photo) == 0);
    }
    return answer;
  }

  private long open(long photo) {
    return count(
        "select count(*) from jobs where queue = 'thumbnails' and state in ('queued', 'running') and image_id = "
            + photo);
  }

  private List<String> failures(long photo) {
    return database
        .sql(
            "select concat(cause, ': ', error) from jobs where image_id = :id and state = 'failed'")
        .param("id", photo)
        .query(String.class)
        .list();
  }

  private byte[] served(long photo, String thumbnail) {
    return api.get("/api/photos/" + photo + "/thumbnails/" + thumbnail).body();
  }

  private static String mode(Path file) throws IOException {
    return Integer.toOctalString((Integer) Files.getAttribute(file, "unix:mode") & 0777);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theThumbnailsOfAReferenceLieWhereTheyAreWanted() throws IOException {
    long photo =
        referred("a.b.jpg", target(folder + "/thumbs/" + SIZES + "/{path}", "{stem}.{format}"));

    assertThat(made(photo).path("state").asText()).isEqualTo("done");
    for (String size : List.of("cover-300x300", "scale-1600x1600")) {
      Path file = laid(size + "/" + folder + "/a.b.jpg");
      assertThat(file).hasBinaryContent(served(photo, size));
      assertThat(mode(file)).isEqualTo("664");
      Path holder = laid(size + "/" + folder);
      for (Path each : List.of(holder, laid(size), laid(""))) {
        assertThat(mode(each)).as(each.toString()).isEqualTo("775");
      }
      assertThat(names(holder)).containsExactly("a.b.jpg");
    }
  }

  @Test
  void oneThumbnailOfAnUploadLiesWhereItIsWanted() throws IOException {
    long photo = api.accepted("up.jpg", Picture.tiny().bytes());
    made(photo);
    String month =
        database
            .sql(
                "select concat(year(created_at), '/', lpad(month(created_at), 2, '0')) from images where id = :id")
            .param("id", photo)
            .query(String.class)
            .single();

    Answer answer = order(photo, "", target(folder + "/thumbs/{path}", "{stem}-{width}.{format}"));

    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.json().path("data").path("copy_to").asText())
        .isEqualTo("private:" + folder + "/thumbs/{path}/{stem}-{width}.{format}");
    assertThat(laid(month + "/up-20.jpg")).hasBinaryContent(served(photo, "cover-20x10"));
  }

  @Test
  void aPhotoThatCameAgainGetsItsCopiesToo() throws IOException {
    byte[] bytes = Picture.tiny().bytes();
    long photo = api.accepted("up.jpg", bytes);
    made(photo);

    Answer answer = refer("again.jpg", bytes, thumbs(SIZES + "-{stem}.jpg"));

    assertThat(answer.photo().path("status").asText()).isEqualTo("exists");
    eventually("all thumbnails of photo " + photo + " ended", () -> open(photo) == 0);
    assertThat(failures(photo)).isEmpty();
    assertThat(names(laid(""))).containsExactly("cover-300x300-up.jpg", "scale-1600x1600-up.jpg");
  }

  @Test
  void aFileThatIsThereIsLeftAloneAndCountsAsMade() throws IOException {
    Files.createDirectories(laid(""));
    Path theirs = Files.writeString(laid("a.jpg"), "theirs");
    Map<String, Object> before = Files.readAttributes(theirs, "unix:*");
    for (String name : List.of("a.jpg", "a.png")) {
      long photo = referred(name, thumbs("{method}.jpg"));
      made(photo);
      for (String query : List.of("", "?force=true")) {
        order(photo, query, thumbs("a.jpg"));
        assertThat(failures(photo)).isEmpty();
      }
      Files.delete(laid("cover.jpg"));
      Files.delete(laid("scale.jpg"));
      database
          .sql("delete from thumbnail_targets where image_id = :id")
          .param("id", photo)
          .update();
    }

    assertThat(Files.readAttributes(theirs, "unix:*")).isEqualTo(before);
    assertThat(
            count(
                "select count(*) from thumbnail_targets where path like '"
                    + folder
                    + "/thumbs/a.jpg'"))
        .isZero();
  }

  /** Was another photo's: a.jpg and a.png have one stem. */
  @Test
  void anotherPhotosCopyIsAFailureWithASentence() throws IOException {
    String target = thumbs(SIZES + "-{stem}.{format}");
    long first = referred("a.jpg", target);
    made(first);
    byte[] laid = Files.readAllBytes(laid("cover-300x300-a.jpg"));
    long second = referred("a.png", target);

    JsonNode job = made(second);

    assertThat(job.path("state").asText()).isEqualTo("failed");
    assertThat(job.path("cause").asText()).isEqualTo("target-taken");
    assertThat(job.path("error").asText())
        .contains("cover-300x300-a.jpg", "photo " + first)
        .endsWith(".");
    assertThat(served(second, "cover-300x300")).isNotEmpty();
    assertThat(laid("cover-300x300-a.jpg")).hasBinaryContent(laid);
    Files.delete(laid("cover-300x300-a.jpg"));
    api.post("/api/photos/" + second + "/jobs/thumbnails?force=true");
    eventually("all thumbnails of photo " + second + " ended", () -> open(second) == 0);
    assertThat(laid("cover-300x300-a.jpg")).as("it stays the first one's").doesNotExist();
  }

  @Test
  void anotherThumbnailOfTheSamePhotoIsNotTakenForIt() throws IOException {
    long photo = referred("a.jpg", thumbs(SIZES + ".jpg"));
    made(photo);

    order(photo, "", thumbs("cover-300x300.jpg"));

    assertThat(failures(photo)).hasSize(1).first().asString().startsWith("target-taken: ");
  }

  /** A kill may come before the file, before what it replaces is noted, or while it is written. */
  @Test
  void aStartThatWasKilledIsMadeGood() throws IOException {
    long photo = referred("a.jpg", thumbs(SIZES + ".jpg"));
    made(photo);
    String target = thumbs("one.jpg");
    order(photo, "", target);
    Path file = laid("one.jpg");
    byte[] whole = Files.readAllBytes(file);

    Files.delete(file);
    order(photo, "", target);
    assertThat(file).as("noted, and not yet there").hasBinaryContent(whole);

    database
        .sql("update thumbnail_targets set sha256 = :other where path like :path")
        .param("other", "0".repeat(64))
        .param("path", folder + "/thumbs/one.jpg")
        .update();
    order(photo, "?force=true", target);
    assertThat(failures(photo)).isEmpty();
    assertThat(file).as("there, and not yet noted").hasBinaryContent(whole);
    assertThat(
            count("select count(*) from thumbnail_targets where sha256 = '" + "0".repeat(64) + "'"))
        .isZero();
  }

  @Test
  void forceReplacesWhatCaravelWroteAndNothingElse() throws IOException {
    long photo = referred("a.jpg", thumbs(SIZES + ".jpg"));
    made(photo);
    Path file = laid("one.jpg");
    order(photo, "", thumbs("one.jpg"));
    byte[] made = Files.readAllBytes(file);

    Files.writeString(file, "edited by them");
    order(photo, "?force=true", thumbs("one.jpg"));
    assertThat(file).hasContent("edited by them");

    Files.writeString(file, "as it was made once");
    database
        .sql("update thumbnail_targets set sha256 = :was where path = :path")
        .param("was", Originals.fingerprint("as it was made once".getBytes(StandardCharsets.UTF_8)))
        .param("path", folder + "/thumbs/one.jpg")
        .update();
    order(photo, "", thumbs("one.jpg"));
    assertThat(file).hasContent("as it was made once");
    order(photo, "?force=true", thumbs("one.jpg"));
    assertThat(file).hasBinaryContent(made);
    assertThat(mode(file)).isEqualTo("664");
  }

  @ParameterizedTest
  @CsvSource({
    "out,              a.jpg",
    "folder,           a.jpg",
    "thumbs/in/linked, a.jpg",
    "a.jpg,            b.jpg",
  })
  void aLinkAFolderOrAFileInTheWayIsAFailure(String path, String filename) throws IOException {
    Path outside = Files.createDirectories(home("outside-" + folder));
    Files.createSymbolicLink(images.resolve("out"), outside);
    Files.createDirectories(images.resolve("folder/a.jpg"));
    Files.createDirectories(laid("in"));
    Files.createSymbolicLink(laid("in/linked"), Path.of("/"));
    long photo = referred("a.jpg", thumbs(SIZES + ".jpg"));
    made(photo);

    order(photo, "", target(folder + "/" + path, filename));

    assertThat(failures(photo)).as(path).hasSize(1).first().asString().endsWith(".");
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void aLinkInPlaceOfTheFileIsNotFollowed() throws IOException {
    Path secret = Files.writeString(home("secret-" + folder), "secret");
    Files.createDirectories(laid(""));
    Files.createSymbolicLink(laid("link.jpg"), secret);
    Files.createSymbolicLink(laid("dangling.jpg"), home("nothing-" + folder));
    long photo = referred("a.jpg", thumbs(SIZES + ".jpg"));
    made(photo);

    order(photo, "", thumbs("link.jpg"));
    order(photo, "", thumbs("dangling.jpg"));

    assertThat(failures(photo)).hasSize(2).allMatch(each -> each.startsWith("target-refused: "));
    assertThat(secret).hasContent("secret");
    assertThat(home("nothing-" + folder)).doesNotExist();
    assertThat(Files.isSymbolicLink(laid("link.jpg"))).isTrue();
  }

  @Test
  void caravelsOwnFoldersAndOriginalsAreKeptOut() throws IOException {
    long photo = referred("a.jpg", thumbs(SIZES + ".jpg"));
    made(photo);
    byte[] original = Files.readAllBytes(images.resolve("a.jpg"));
    String sha256 = "ab".repeat(32);

    order(photo, "", target(".incoming/x", "a.jpg"));
    order(photo, "", target("ab", sha256 + ".jpg"));
    assertThat(failures(photo)).hasSize(2).allMatch(each -> each.startsWith("target-refused: "));
    order(photo, "", target(folder, "a.jpg"));

    assertThat(images.resolve("a.jpg")).hasBinaryContent(original);
    assertThat(originals().resolve("ab/" + sha256 + ".jpg")).doesNotExist();
    assertThat(Files.exists(originals().resolve(".incoming/x"), LinkOption.NOFOLLOW_LINKS))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "private, ..,      a.jpg",
    "private, /etc,    a.jpg",
    "private, a/../b,  a.jpg",
    "private, a,       ..",
    "private, a,       b/c.jpg",
    "private, a,       '{name}.jpg'",
    "private, a,       '{stem'",
    "private, a\\u0000,a.jpg",
    "private, '',      .caravel-root",
    "private, '',      .caravel-adopt-root",
    "nowhere, a,       '{method}{stem}.jpg'",
    "'',      a,       a.jpg",
  })
  void whatCanNeverLieThereIsABadRequest(String disk, String path, String filename)
      throws IOException {
    String target =
        "{\"disk\":\"%s\",\"path\":\"%s\",\"filename\":\"%s\"}".formatted(disk, path, filename);
    long photos = count("select count(*) from images");
    Answer referred = refer("a.jpg", Picture.tiny().bytes(), target);
    assertThat(referred.status()).as(referred.text()).isEqualTo(400);
    assertThat(count("select count(*) from images")).isEqualTo(photos);
    Answer one = order(api.accepted("b.jpg", Picture.tiny().bytes()), "", target);
    assertThat(one.status()).as(one.text()).isEqualTo(400);
    assertThat(one.detail()).isNotBlank();
  }

  @Test
  void severalThumbnailsInOneFileAreABadRequest() throws IOException {
    Answer answer = refer("a.jpg", Picture.tiny().bytes(), thumbs("{stem}.jpg"));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.photo().path("error").asText()).contains("{method}-{width}x{height}");
  }
}
