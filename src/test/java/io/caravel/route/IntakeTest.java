package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.route.Api.Answer;
import io.caravel.route.Api.Part;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code intake.camel.yaml}: what comes in over {@code POST /api/photos}. */
class IntakeTest extends FlowTest {
  @Autowired DataSource source;
  private static final byte[] NO_PICTURE = "no picture".getBytes(StandardCharsets.US_ASCII);

  private Path stored(String sha256) {
    return originals().resolve(sha256.substring(0, 2)).resolve(sha256 + ".jpg");
  }

  private static List<String> texts(Answer answer, String field) {
    return answer.json().path("photos").findValuesAsText(field);
  }

  @Test
  void manyFilesOfOneRequestAreTakenInUnderAnyPartNameAndInTheirOrder() {
    Answer answer =
        api.upload(
            new Part("file", "a.jpg", Picture.tiny().bytes()),
            new Part("file", "b.jpg", Picture.tiny().bytes()),
            new Part("photos[]", "weiße Blüte – 花 🌸.jpg", Picture.tiny().bytes()),
            new Part("Bild ä", "café.png", Picture.tiny().bytes()));

    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(texts(answer, "status")).hasSize(4).containsOnly("accepted");
    assertThat(texts(answer, "filename"))
        .containsExactly("a.jpg", "b.jpg", "weiße Blüte – 花 🌸.jpg", "café.png");
    for (JsonNode photo : answer.json().path("photos")) {
      JsonNode settled = settled(photo.path("id").asLong());
      assertThat(settled.path("filename").asText()).isEqualTo(photo.path("filename").asText());
      assertThat(settled.path("mime_type").asText()).isEqualTo("image/jpeg");
      assertThat(settled.at("/jobs/thumbnails/state").asText()).isEqualTo("done");
      assertThat(settled.at("/jobs/metadata/state").asText()).isEqualTo("done");
    }
  }

  @Test
  void theOriginalLiesUnchangedUnderItsSha256() throws Exception {
    byte[] bytes = Picture.tiny().bytes();
    String sha256 = api.upload(Part.file("a.jpg", bytes)).photo().path("sha256").asText();
    assertThat(Files.readAllBytes(stored(sha256))).isEqualTo(bytes);
  }

  @Test
  void aRejectedFileIsListedAmongTheAcceptedAndHindersNone() {
    Answer answer =
        api.upload(
            Part.file("first.jpg", Picture.tiny().bytes()),
            Part.file("text.jpg", NO_PICTURE),
            Part.file("large.jpg", new byte[(8 << 20) + 1]),
            Part.file("last.jpg", Picture.tiny().bytes()));

    assertThat(answer.status()).isEqualTo(202);
    assertThat(texts(answer, "status"))
        .containsExactly("accepted", "rejected", "rejected", "accepted");
    assertThat(texts(answer, "cause")).containsExactly("not-a-picture", "too-large");
    assertThat(texts(answer, "error").get(1)).contains("CARAVEL_MAX_UPLOAD_MB");
  }

  @ParameterizedTest
  @CsvSource({
    "text,         415, not-a-picture",
    "large,        413, too-large",
    "wide,         413, too-many-pixels",
    "empty,        415, not-a-picture",
    "text+large,   413, not-a-picture",
    "large+text,   413, too-large"
  })
  void whenEveryFileIsRejectedTheStatusSaysWhyAndTheBodyListsThem(
      String files, int status, String cause) {
    List<Part> parts = new ArrayList<>();
    for (String file : files.split("\\+")) {
      parts.add(Part.file(file + ".jpg", rejected(file)));
    }
    Answer answer = api.upload(parts.toArray(Part[]::new));

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(texts(answer, "status")).hasSameSizeAs(parts).containsOnly("rejected");
    assertThat(texts(answer, "cause").get(0)).isEqualTo(cause);
  }

  private static byte[] rejected(String name) {
    return switch (name) {
      case "large" -> new byte[(8 << 20) + 1];
      case "wide" -> wide();
      case "empty" -> new byte[0];
      default -> NO_PICTURE;
    };
  }

  /** A JPEG whose header promises 65,000 x 65,000 pixels. */
  private static byte[] wide() {
    byte[] bytes = Picture.tiny().bytes();
    for (int at = 0; at < bytes.length - 9; at++) {
      if ((bytes[at] & 0xFF) == 0xFF && (bytes[at + 1] & 0xFF) == 0xC0 && bytes[at + 4] == 8) {
        bytes[at + 5] = bytes[at + 7] = (byte) 0xFD;
        bytes[at + 6] = bytes[at + 8] = (byte) 0xE8;
        return bytes;
      }
    }
    throw new AssertionError("no frame header");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "../../../etc/cron.d/evil.jpg | evil.jpg",
        "C:\\Users\\me\\IMG 1.jpg | IMG 1.jpg",
        "/abs/olute.jpg | olute.jpg",
        "-dash; $(echo hi) `x` && y.jpg | -dash; $(echo hi) `x` && y.jpg",
        ".. | ..",
        "a/ | unnamed"
      })
  void aPathLikeNameIsShownByItsLastPartAndUsedAsNoPath(String sent, String shown) {
    Answer answer = api.upload(Part.file(sent, Picture.tiny().bytes()));
    assertThat(answer.photo().path("filename").asText()).isEqualTo(shown);
    assertThat(stored(answer.photo().path("sha256").asText())).exists();
  }

  @Test
  void aRequestWithoutAFileIsABadRequest() {
    Answer none = api.upload();
    Answer field = api.upload(new Part("file", null, "text".getBytes(StandardCharsets.US_ASCII)));
    for (Answer answer : List.of(none, field, api.post("/api/photos"))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(400);
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(answer.detail()).isNotBlank();
    }
  }

  @Test
  void theSameBytesAreThePhotoThatExistsWhateverTheirName() {
    byte[] bytes = Picture.tiny().bytes();
    long id = api.accepted("a.jpg", bytes);
    long photos = count("select count(*) from images");

    Answer again = api.upload(Part.file("b.jpg", bytes), Part.file("c.jpg", bytes));

    assertThat(again.status()).isEqualTo(202);
    assertThat(texts(again, "status")).containsExactly("exists", "exists");
    assertThat(texts(again, "id")).containsOnly(String.valueOf(id));
    assertThat(count("select count(*) from images")).isEqualTo(photos);
    assertThat(count("select count(*) from jobs where queue = 'thumbnails' and image_id = " + id))
        .isEqualTo(1);
  }

  @Test
  void fiftySimultaneousUploadsOfOneFileAreAcceptedOnce() {
    byte[] bytes = Picture.tiny().bytes();
    List<CompletableFuture<String>> uploads =
        IntStream.range(0, 50)
            .mapToObj(
                n ->
                    CompletableFuture.supplyAsync(
                        () ->
                            api.upload(Part.file(n + ".jpg", bytes))
                                .photo()
                                .path("status")
                                .asText(),
                        command -> new Thread(command).start()))
            .toList();
    assertThat(uploads.stream().map(CompletableFuture::join))
        .containsOnlyOnce("accepted")
        .filteredOn(status -> !status.equals("accepted"))
        .hasSize(49)
        .containsOnly("exists");
  }

  @Test
  void bytesThatSomebodyElseIsJustAcceptingAreTheirPhotoOnceTheyHaveCommitted() throws Exception {
    byte[] bytes = Picture.tiny().bytes();
    String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    CompletableFuture<Answer> upload;
    try (Connection other = source.getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(
          "insert into idempotent_keys (processorName, messageId, createdAt) values ('intake', '%s', current_timestamp(3))"
              .formatted(sha256));
      statement.execute(
          "insert into images (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)"
              + " values ('%s', 'other.jpg', 'image/jpeg', 1, 'private', '%s', '%s.jpg')"
                  .formatted(sha256, sha256.substring(0, 2), sha256));
      upload = CompletableFuture.supplyAsync(() -> api.upload(Part.file("mine.jpg", bytes)));
      eventually("the upload is published", () -> Files.exists(stored(sha256)));
      other.commit();
    }
    assertThat(upload.join().photo().path("status").asText())
        .as(upload.join().text())
        .isEqualTo("exists");
  }

  @Test
  void aStoredOriginalThatHasDecayedIsReplacedWhenItsBytesComeAgain() throws Exception {
    byte[] bytes = Picture.tiny().bytes();
    String sha256 = api.upload(Part.file("a.jpg", bytes)).photo().path("sha256").asText();
    byte[] decayed = bytes.clone();
    decayed[decayed.length - 5] ^= 1;
    Files.write(stored(sha256), decayed);
    Answer asked = api.post("/api/queues/scrub/all");
    assertThat(asked.status()).as(asked.text()).isEqualTo(202);
    eventually("it is told", () -> changed(sha256).contains("upload a good copy"));
    eventually("health tells it", () -> health("originals").contains("UNKNOWN"));
    assertThat(Files.readAllBytes(stored(sha256))).as("never touched").isEqualTo(decayed);

    assertThat(api.upload(Part.file("a.jpg", bytes)).photo().path("status").asText())
        .isEqualTo("exists");
    assertThat(Files.readAllBytes(stored(sha256))).isEqualTo(bytes);
    eventually("it is forgotten", () -> changed(sha256).isEmpty());
    eventually("the round ends", () -> count("select count(*) from scrub where hurry") == 0);
    database.sql("delete from original_faults").update(); // what other tests have left broken
  }

  /** What is told of an original that is not what it was; empty: nothing. */
  private String changed(String sha256) {
    for (JsonNode group : api.get("/api/failures?queue=scrub").json().path("items")) {
      for (JsonNode failure : group.path("failures")) {
        if (failure.path("error").asText().contains(sha256)) {
          return group.path("cause").asText() + ": " + failure.path("error").asText();
        }
      }
    }
    return "";
  }

  private String health(String component) {
    return api.get("/actuator/health").json().path("components").path(component).toString();
  }

  @Test
  void anUploadLeavesNothingBehindButTheOriginal() throws Exception {
    api.upload(
        Part.file("a.jpg", Picture.tiny().bytes()),
        Part.file("text.jpg", NO_PICTURE),
        Part.file("large.jpg", new byte[(8 << 20) + 1]));
    try (Stream<Path> left = Files.walk(originals().resolve(".incoming"))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }
}
