package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.photo.Disks;
import io.caravel.photo.Leftovers;
import io.caravel.photo.Originals;
import io.caravel.photo.Photo;
import io.caravel.photo.Photos;
import io.caravel.route.Api.Answer;
import io.caravel.route.Api.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code reference.camel.yaml}: files that are taken as they lie on a disk. */
class ByReferenceTest extends FlowTest {
  /** Numbers of the other program that no photo has yet. */
  private static final AtomicLong NUMBERS = new AtomicLong(5_000_000_000L);

  @Autowired Photos photos;
  @Autowired Disks disks;
  @Autowired Leftovers leftovers;
  @Autowired Originals stored;
  @Autowired ProducerTemplate producer;
  private final long number = NUMBERS.getAndAdd(100);
  private Path images = Path.of("");

  @BeforeEach
  void folderOfTheOtherProgram() throws IOException {
    images = Files.createDirectories(originals().resolve("images"));
  }

  private Path file(String name, byte[] bytes) throws IOException {
    Path file = Files.write(images.resolve(number + name), bytes);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2019-05-04T03:02:01Z")));
    return file;
  }

  private static String named(long id, Path file) {
    return named(id, "private", "images", file.getFileName().toString());
  }

  private static String named(long id, String disk, String path, String name) {
    return "{\"image_id\":%d,\"source_disk\":\"%s\",\"source_path\":\"%s\",\"source_filename\":\"%s\"}"
        .formatted(id, disk, path, name);
  }

  private Answer refer(String json) {
    return api.post("/api/photos", json);
  }

  private long accepted(long id, Path file) {
    return outcome(id, file, "accepted");
  }

  private long outcome(long id, Path file, String status) {
    Answer answer = refer(named(id, file));
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.photo().path("status").asText()).as(answer.text()).isEqualTo(status);
    return answer.photo().path("id").asLong();
  }

  private static Map<String, Object> state(Path file) throws IOException {
    return Files.readAttributes(
        file, "unix:size,lastModifiedTime,ctime,ino,nlink,mode", LinkOption.NOFOLLOW_LINKS);
  }

  private Path copy(Photo photo) {
    String sha256 = photo.sha256();
    return originals().resolve(sha256.substring(0, 2)).resolve(sha256 + ".jpg");
  }

  private List<Long> externalIds(long photo) {
    return LongStream.range(0, api.photo(photo).path("external_ids").size())
        .map(n -> api.photo(photo).path("external_ids").get((int) n).asLong())
        .boxed()
        .toList();
  }

  @Test
  void aFileIsTakenAsItLiesUnderTheNumberItIsKnownBy() throws IOException {
    byte[] bytes = Picture.of(60, 40).at(48.2085, 16.3731).bytes();
    Path file = file("ä b.jpg", bytes);
    Map<String, Object> before = state(file);

    assertThat(accepted(number, file)).isEqualTo(number);

    JsonNode photo = settled(number);
    assertThat(photo.path("filename").asText()).isEqualTo(number + "ä b.jpg");
    assertThat(photo.path("bytes").asLong()).isEqualTo(bytes.length);
    assertThat(photo.path("external_ids").isEmpty()).isTrue();
    for (String queue : List.of("thumbnails", "metadata", "geolocation", "faces")) {
      assertThat(photo.at("/jobs/" + queue + "/state").asText()).as(queue).isEqualTo("done");
    }
    assertThat(api.get("/api/photos/" + number + "/original").body()).isEqualTo(bytes);
    assertThat(copy(photos.photo(number))).doesNotExist();
    assertThat(state(file)).isEqualTo(before);
    assertThat(outcome(number, file, "exists")).isEqualTo(number);
  }

  @Test
  void aNumberThatAnotherPhotoHasIsAnExternalIdAndNeverTheBareOne() throws IOException {
    long upload = api.accepted("upload.jpg", Picture.tiny().bytes());
    settled(upload);
    Path file = file("taken.jpg", Picture.tiny().bytes());

    long photo = accepted(upload, file);

    settled(photo);
    assertThat(photo).isNotEqualTo(upload);
    assertThat(externalIds(photo)).containsExactly(upload);
    assertThat(externalIds(upload)).isEmpty();
    assertThat(api.photo(upload).path("filename").asText()).isEqualTo("upload.jpg");
    String address = "/api/photos/ext-" + upload;
    assertThat(api.get(address).json()).isEqualTo(api.photo(photo));
    for (String below : List.of("/metadata", "/journey", "/faces", "/original")) {
      assertThat(api.get(address + below).body())
          .as(below)
          .isEqualTo(api.get("/api/photos/" + photo + below).body());
    }
    assertThat(api.get(address + "/thumbnails/cover-300x300").status()).isEqualTo(200);
    assertThat(api.post(address + "/jobs/metadata").status()).isEqualTo(202);
    assertThat(api.delete(address).status()).isEqualTo(204);
    assertThat(api.get(address).status()).isEqualTo(404);
    assertThat(api.get("/api/trash/ext-" + upload + "/thumbnails/cover-300x300").status())
        .isEqualTo(200);
    assertThat(api.post(address + "/restore").json().path("id").asLong()).isEqualTo(photo);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ext-999999999999", "ext-", "ext-x", "ext--1", "ext-12345678901234567890"})
  void anExternalIdThatNobodyHasIsNoPhoto(String id) {
    Answer answer = api.get("/api/photos/" + id);
    assertThat(answer.status()).as(answer.text()).isIn(400, 404);
    assertThat(answer.detail()).endsWith(".");
  }

  @Test
  void furtherRowsOfTheSameBytesAreOnePhoto() throws IOException {
    byte[] bytes = Picture.tiny().bytes();
    long photo = accepted(number, file("one.jpg", bytes));
    settled(photo);

    assertThat(outcome(number + 1, file("two.jpg", bytes), "exists")).isEqualTo(photo);
    assertThat(outcome(number + 2, file("two.jpg", bytes), "exists")).isEqualTo(photo);

    assertThat(externalIds(photo)).containsExactly(number + 1, number + 2);
    assertThat(photos.photo(photo).file()).isEqualTo(number + "one.jpg");
    assertThat(api.get("/api/photos/" + (number + 1)).status()).isEqualTo(404);
    for (long each : List.of(number, number + 1, number + 2)) {
      assertThat(api.get("/api/photos/ext-" + each).json().path("id").asLong()).isEqualTo(photo);
    }
  }

  @Test
  void aListIsAnsweredFileByFile() throws IOException {
    Path one = file("a.jpg", Picture.tiny().bytes());
    Path text = file("b.jpg", "no picture".getBytes());
    Answer answer =
        refer("[%s,%s,%s]".formatted(named(number, one), named(number, text), named(number, one)));

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().path("photos").findValuesAsText("status"))
        .containsExactly("accepted", "rejected", "exists");
    assertThat(answer.json().path("photos").findValuesAsText("cause"))
        .containsExactly("not-a-picture");
  }

  @Test
  void theNumberMayBeLeftOut() throws IOException {
    Path file = file("a.jpg", Picture.tiny().bytes());
    Answer answer = refer(named(1, file).replace("\"image_id\":1,", ""));
    assertThat(answer.photo().path("status").asText()).isEqualTo("accepted");
    assertThat(externalIds(answer.photo().path("id").asLong())).isEmpty();
  }

  /** Beside H2's own counter, which knows of no number that was given. */
  @Test
  void uploadsGoOnBehindNumbersThatWereTaken() throws IOException {
    for (int n = 0; n < 30; n++) {
      accepted(number + n, file(n + ".jpg", Picture.tiny().bytes()));
    }
    assertThat(api.accepted("upload.jpg", Picture.tiny().bytes())).isGreaterThan(number + 29);
  }

  @Test
  void manyAtOnceWithOneNumberAreAllTakenAndOneHasIt() throws IOException {
    List<Path> files =
        IntStream.range(0, 8).mapToObj(n -> images.resolve(number + "same" + n + ".jpg")).toList();
    for (Path file : files) {
      Files.write(file, Picture.tiny().bytes());
    }
    List<CompletableFuture<Answer>> answers =
        files.stream()
            .map(
                file ->
                    CompletableFuture.supplyAsync(
                        () -> refer(named(number, file)), command -> new Thread(command).start()))
            .toList();
    List<Long> ids =
        answers.stream().map(answer -> answer.join().photo().path("id").asLong()).toList();
    assertThat(ids).doesNotHaveDuplicates().doesNotContain(0L).contains(number);
  }

  @ParameterizedTest
  @CsvSource({
    "private,  images,        ../../secret.jpg, 400, bad-request",
    "private,  ../..,         secret.jpg,       400, bad-request",
    "private,  /etc,          passwd,           400, bad-request",
    "private,  images/linked, secret.jpg,       400, bad-request",
    "private,  images,        link.jpg,         400, bad-request",
    "private,  '',            .,                400, bad-request",
    "private,  images,        a\\u0000.jpg,     400, bad-request",
    "nowhere,  images,        text.jpg,         400, bad-request",
    "private,  .incoming,     staged.jpg,       400, bad-request",
    "private,  images,        gone.jpg,         404, no-such-file",
    "private,  gone,          text.jpg,         404, no-such-file",
    "private,  images,        dangling.jpg,     404, no-such-file",
    "private,  images,        loop.jpg,         404, no-such-file",
    "private,  images,        text.jpg/a.jpg,   404, no-such-file",
    "private,  '',            images,           404, no-such-file",
    "private,  images,        pipe.jpg,         404, no-such-file",
    "private,  images,        text.jpg,         415, not-a-picture",
    "private,  images,        empty.jpg,        415, not-a-picture",
    "private,  images,        large.jpg,        413, too-large",
  })
  void whatIsNoPictureOfThatDiskIsRefusedWithASentence(
      String disk, String path, String name, int status, String cause) throws Exception {
    Path outside = Files.createDirectories(home("outside"));
    Files.write(outside.resolve("secret.jpg"), Picture.tiny().bytes());
    Files.write(originals().resolveSibling("secret.jpg"), Picture.tiny().bytes());
    Files.write(originals().resolve(".incoming/staged.jpg"), Picture.tiny().bytes());
    Files.writeString(images.resolve("text.jpg"), "no picture");
    Files.write(images.resolve("empty.jpg"), new byte[0]);
    Files.write(images.resolve("large.jpg"), new byte[(8 << 20) + 1]);
    link("linked", outside);
    link("link.jpg", outside.resolve("secret.jpg"));
    link("dangling.jpg", images.resolve("nothing.jpg"));
    link("loop.jpg", images.resolve("loop.jpg"));
    if (!Files.exists(images.resolve("pipe.jpg"))) {
      assertThat(new ProcessBuilder("mkfifo", images + "/pipe.jpg").start().waitFor()).isZero();
    }
    long photos = count("select count(*) from images");

    Answer answer = refer(named(number, disk, path, name));

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.photo().path("status").asText()).isEqualTo("rejected");
    assertThat(answer.photo().path("cause").asText()).isEqualTo(cause);
    assertThat(answer.photo().path("error").asText()).endsWith(".").contains(" ");
    assertThat(count("select count(*) from images")).isEqualTo(photos);
    Files.delete(originals().resolve(".incoming/staged.jpg"));
  }

  private void link(String name, Path target) throws IOException {
    Files.deleteIfExists(images.resolve(name));
    Files.createSymbolicLink(images.resolve(name), target);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "1.5",
        "\"7\"",
        "true",
        "9007199254740993",
        "99999999999999999999",
        "[1]"
      })
  void aNumberThatIsNoneIsABadRequest(String id) throws IOException {
    Path file = file("a.jpg", Picture.tiny().bytes());
    Answer answer = refer(named(1, file).replace("\"image_id\":1,", "\"image_id\":" + id + ","));
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.detail()).contains("image_id");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "7",
        "{\"source_disk\":\"private\",\"source_path\":\"images\"}",
        "{\"source_disk\":\"private\",\"source_path\":\"a\",\"source_filename\":\"a\",\"more\":1}"
      })
  void whatNamesNoFileIsABadRequest(String json) {
    Answer answer = refer(json);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.detail()).isNotBlank();
  }

  @Test
  void theTrashHidesItAndPurgingForgetsTheRowAlone() throws IOException {
    byte[] bytes = Picture.tiny().bytes();
    Path file = file("kept.jpg", bytes);
    Map<String, Object> before = state(file);
    accepted(number, file);
    settled(number);
    Photo photo = photos.photo(number);
    Path thumbnail = disks.thumbnailFile(photo.sha256(), "cover-300x300", "jpg");
    assertThat(thumbnail).exists();

    api.delete("/api/photos/" + number);
    assertThat(api.get("/api/photos/" + number).status()).isEqualTo(404);
    assertThat(outcome(number, file, "exists")).isEqualTo(number);
    assertThat(api.get("/api/photos/" + number).status()).isEqualTo(200);
    purge(number);

    assertThat(thumbnail).doesNotExist();
    assertThat(count("select count(*) from images where id = " + number)).isZero();
    assertThat(count("select count(*) from external_ids where image_id = " + number)).isZero();
    leftovers.sweep();
    stored.discardAbandoned();
    producer.sendBody("direct:adopt-each", "");
    assertThat(count("select count(*) from images where sha256 = '" + photo.sha256() + "'"))
        .isZero();
    assertThat(state(file)).isEqualTo(before);
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    assertThat(accepted(number, file)).isEqualTo(number);
  }

  private void purge(long photo) {
    api.delete("/api/photos/" + photo);
    lived(31);
    database
        .sql(
            "update images set deleted_at = timestampadd(day, -31, current_timestamp(3)) where id = :id")
        .param("id", photo)
        .update();
    producer.sendBody("direct:trash", "");
  }

  /** Its sender was told that it is there: it must not hang on what another program does. */
  @Test
  void theSameBytesUploadedAreCaravelsOwnFromThenOn() throws IOException {
    byte[] bytes = Picture.tiny().bytes();
    Path file = file("both.jpg", bytes);
    Map<String, Object> before = state(file);
    accepted(number, file);
    settled(number);

    Answer upload = api.upload(Part.file("again.jpg", bytes));

    assertThat(upload.photo().path("status").asText()).isEqualTo("exists");
    assertThat(upload.photo().path("id").asLong()).isEqualTo(number);
    Photo photo = photos.photo(number);
    assertThat(photo.referenced()).isFalse();
    assertThat(copy(photo)).hasBinaryContent(bytes);
    assertThat(outcome(number + 1, file, "exists")).isEqualTo(number);
    purge(number);
    assertThat(copy(photo)).doesNotExist();
    assertThat(state(file)).isEqualTo(before);
  }

  /** A crash between the rename of an upload and its commit leaves such a copy. */
  @Test
  void aCopyWithoutARowIsAdoptedAsThePhotosOwn() throws IOException {
    byte[] bytes = Picture.tiny().bytes();
    accepted(number, file("orphan.jpg", bytes));
    settled(number);
    Path copy = copy(photos.photo(number));
    Files.createDirectories(copy.getParent());
    Files.write(copy, bytes);

    producer.sendBody("direct:adopt-each", "");

    assertThat(photos.photo(number).referenced()).isFalse();
    assertThat(photos.photo(number).file()).isEqualTo(copy.getFileName().toString());
  }

  @Test
  void aFileThatWasMovedIsFoundWhereItIsNamedNext() throws IOException {
    Path file = file("old.jpg", Picture.tiny().bytes());
    accepted(number, file);
    settled(number);
    Path moved = Files.move(file, images.resolve(number + "new.jpg"));

    assertThat(outcome(number, moved, "exists")).isEqualTo(number);

    assertThat(photos.photo(number).file()).isEqualTo(number + "new.jpg");
    assertThat(api.get("/api/photos/" + number + "/original").status()).isEqualTo(200);
  }

  @Test
  void aFileThatWasChangedInPlaceIsAnotherPhotoOfTheSameNumber() throws IOException {
    Path file = file("edited.jpg", Picture.tiny().bytes());
    accepted(number, file);
    settled(number);
    file("edited.jpg", Picture.tiny().bytes());

    long now = accepted(number, file);

    settled(now);
    assertThat(api.get("/api/photos/" + number).status()).isEqualTo(404);
    assertThat(externalIds(now)).containsExactly(number);
    assertThat(
            database
                .sql("select sentence from journey where image_id = :id and outcome = 'trashed'")
                .param("id", number)
                .query(String.class)
                .single())
        .contains("changed in place");
    purge(number);
    assertThat(file).exists();
  }

  /** A folder of the other program may be called as Caravel's: two hexadecimal digits. */
  @Test
  void adoptionLeavesWhatIsNotNamedBySha256Alone() throws IOException {
    Path folder = Files.createDirectories(originals().resolve("ab"));
    Path file = Files.write(folder.resolve("ab" + number + ".jpg"), Picture.tiny().bytes());
    Map<String, Object> before = state(file);
    Answer answer = refer(named(number, "private", "ab", file.getFileName().toString()));
    assertThat(answer.photo().path("status").asText()).isEqualTo("accepted");
    settled(number);
    purge(number);

    producer.sendBody("direct:adopt-each", "");

    assertThat(count("select count(*) from images where id = " + number)).isZero();
    assertThat(state(file)).isEqualTo(before);
  }

  @Test
  void whatLiesWhereUploadsAreIsDeletedAsTheyAre() throws IOException {
    byte[] bytes = Picture.tiny().bytes();
    long upload = api.accepted("a.jpg", bytes);
    settled(upload);
    Photo photo = photos.photo(upload);

    Answer answer = refer(named(number, "private", photo.path(), photo.file()));

    assertThat(answer.photo().path("id").asLong()).isEqualTo(upload);
    assertThat(photos.photo(upload).referenced()).isFalse();
    assertThat(externalIds(upload)).containsExactly(number);
  }
}
