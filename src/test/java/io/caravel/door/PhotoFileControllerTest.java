package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.photo.Disks;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

@DoorTest
class PhotoFileControllerTest {
  private static final String SHA = "ab".repeat(32);
  private static final String BYTES = "0123456789";

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;
  @Autowired Disks disks;
  Caller caller;
  long id;

  @BeforeEach
  void storeAPhoto() throws Exception {
    caller = new Caller(port);
    jdbc.sql("delete from images").update();
    Path file = disks.root("private").resolve("ab/photo.bin");
    Files.createDirectories(file.getParent());
    Files.writeString(file, BYTES);
    Path thumbnail = disks.thumbnailFile(SHA, "cover-300x300", "jpg");
    Files.createDirectories(thumbnail.getParent());
    Files.writeString(thumbnail, "small");
    id = insert(SHA, "Straße \u202egpj.\"exe\"/../\n.jpg", "image/jpeg", "ab", "photo.bin");
  }

  long insert(String sha, String name, String type, String path, String file) {
    jdbc.sql(
            """
            insert into images (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)
            values (?, ?, ?, 10, 'private', ?, ?)
            """)
        .params(sha, name, type, path, file)
        .update();
    return jdbc.sql("select id from images where sha256 = ?").param(sha).query(Long.class).single();
  }

  HttpResponse<String> original(String... headers) {
    return caller.get("/api/photos/" + id + "/original", headers);
  }

  String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @Test
  void theOriginalComesWholeAsAnAttachmentUnderASafeName() {
    HttpResponse<String> answer = original();
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(BYTES);
    assertThat(header(answer, "Content-Type")).isEqualTo("image/jpeg");
    assertThat(header(answer, "ETag")).isEqualTo("\"" + SHA + "\"");
    assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(answer, "Cache-Control")).contains("private").contains("max-age");
    assertThat(header(answer, "Accept-Ranges")).isEqualTo("bytes");
    assertThat(header(answer, "Content-Disposition"))
        .startsWith("attachment;")
        .contains("filename*=UTF-8''Stra%C3%9Fe%20_gpj.")
        .doesNotContain("/")
        .doesNotContain("%0A")
        .doesNotContain("%E2%80%AE");
  }

  @Test
  void rangesAreAnswered() {
    HttpResponse<String> middle = original("Range", "bytes=2-4");
    assertThat(middle.statusCode()).isEqualTo(206);
    assertThat(middle.body()).isEqualTo("234");
    assertThat(header(middle, "Content-Range")).isEqualTo("bytes 2-4/10");
    assertThat(original("Range", "bytes=-2").body()).isEqualTo("89");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=20-30", "bytes=10-", "bytes=-0"})
  void aRangeThatTheFileHasNotIsToldItsLength(String range) {
    HttpResponse<String> beyond = original("Range", range);
    assertThat(beyond.statusCode()).isEqualTo(416);
    assertThat(header(beyond, "Content-Range")).isEqualTo("bytes */10");
    assertThat(beyond.body()).contains("10 bytes").doesNotContain("0123456789");
  }

  /** A half of the old picture and a half of the new one are no picture. */
  @Test
  void aRangeOfOtherBytesThanTheCallerHasIsAllOfThem() {
    String tag = "\"" + SHA + "\"";
    assertThat(original("Range", "bytes=2-4", "If-Range", tag).body()).isEqualTo("234");
    for (String other : new String[] {"\"other\"", "W/" + tag, "Tue, 01 Dec 2026 12:00:00 GMT"}) {
      HttpResponse<String> whole = original("Range", "bytes=2-4", "If-Range", other);
      assertThat(whole.statusCode()).as(other).isEqualTo(200);
      assertThat(whole.body()).as(other).isEqualTo(BYTES);
      assertThat(original("Range", "bytes=99-", "If-Range", other).body()).isEqualTo(BYTES);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=5-2",
        "lines=1-2",
        "bytes=0-1,3-4",
        "bytes=a-b",
        "bytes=99999999999999999999-"
      })
  void aRangeThatIsNoneIsAsIfItWereNotThere(String range) {
    HttpResponse<String> whole = original("Range", range);
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).isEqualTo("0123456789");
  }

  @Test
  void whatTheCallerHasIsNotSentAgain() {
    HttpResponse<String> answer = original("If-None-Match", "\"" + SHA + "\"");
    assertThat(answer.statusCode()).isEqualTo(304);
    assertThat(answer.body()).isEmpty();
    assertThat(original("If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
    HttpResponse<String> any = original("If-None-Match", "*", "Range", "bytes=99-");
    assertThat(any.statusCode()).isEqualTo(304);
    assertThat(any.body()).isEmpty();
    assertThat(header(any, "ETag")).isEqualTo("\"" + SHA + "\"");
  }

  @Test
  void headTellsTheLengthAlone() {
    HttpResponse<String> answer = caller.send("HEAD", "/api/photos/" + id + "/original", null);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "Content-Length")).isEqualTo("10");
    assertThat(answer.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cover-300x300", "cover-300x300.jpg"})
  void theThumbnailComesInlineAndMayBeKept(String name) {
    HttpResponse<String> answer = caller.get("/api/photos/" + id + "/thumbnails/" + name);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("small");
    assertThat(header(answer, "Content-Type")).isEqualTo("image/jpeg");
    assertThat(header(answer, "Cache-Control")).contains("no-cache").contains("private");
    assertThat(
            caller
                .get(
                    "/api/photos/" + id + "/thumbnails/" + name,
                    "If-None-Match",
                    header(answer, "ETag"))
                .statusCode())
        .isEqualTo(304);
  }

  @Test
  void eachFormatHasItsAddressItsTypeAndItsTag() throws Exception {
    Path webp = disks.thumbnailFile(SHA, "cover-300x300", "webp");
    Path other = disks.thumbnailFile(SHA, "scale-7x7", "webp");
    Files.writeString(webp, "web");
    Files.writeString(other, "web");
    String path = "/api/photos/" + id + "/thumbnails/";
    try {
      HttpResponse<String> answer = caller.get(path + "cover-300x300.webp");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("web");
      assertThat(header(answer, "Content-Type")).isEqualTo("image/webp");
      assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
      HttpResponse<String> plain = caller.get(path + "cover-300x300");
      assertThat(plain.body()).as("the default format").isEqualTo("small");
      assertThat(header(answer, "ETag")).startsWith("\"").isNotEqualTo(header(plain, "ETag"));
      assertThat(caller.get(path + "scale-7x7").statusCode())
          .as("of the default format there is none")
          .isEqualTo(404);
    } finally {
      Files.delete(webp);
      Files.delete(other);
    }
  }

  @Test
  void aFormatThatIsNotThereSaysHowToOrderIt() {
    HttpResponse<String> answer =
        caller.get("/api/photos/" + id + "/thumbnails/cover-300x300.webp", "Accept", "image/*");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body())
        .contains("POST /api/photos/" + id + "/jobs/thumbnails")
        .contains("\\\"format\\\":\\\"webp\\\"");
  }

  @Test
  void aThumbnailMadeAgainIsSentAgain() throws Exception {
    String path = "/api/photos/" + id + "/thumbnails/cover-300x300";
    String tag = header(caller.get(path), "ETag");
    Files.writeString(disks.thumbnailFile(SHA, "cover-300x300", "jpg"), "renewed");
    HttpResponse<String> answer = caller.get(path, "If-None-Match", tag);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("renewed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cover-300x300.webp",
        "scale-9x9",
        "cover-0x5",
        "stretch-3x3",
        "cover-300x300.png",
        "%2e%2e%2fcover-300x300"
      })
  void aThumbnailThatIsNotThereIsAProblem(String name) {
    HttpResponse<String> answer =
        caller.get("/api/photos/" + id + "/thumbnails/" + name, "Accept", "image/*");
    assertThat(answer.statusCode()).isIn(404, 400);
    if (answer.statusCode() == 404) {
      assertThat(header(answer, "Content-Type")).startsWith("application/problem+json");
      assertThat(answer.body()).contains("detail");
    }
  }

  @Test
  void aTrashedOrUnknownPhotoIsAProblem() {
    assertThat(caller.get("/api/photos/999999/original").statusCode()).isEqualTo(404);
    jdbc.sql("update images set deleted_at = current_timestamp(3)").update();
    HttpResponse<String> answer = original("Accept", "image/*");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(header(answer, "Content-Type")).startsWith("application/problem+json");
    assertThat(answer.body()).contains("trash");
    assertThat(caller.get("/api/photos/" + id + "/thumbnails/cover-300x300").statusCode())
        .isEqualTo(404);
  }

  @Test
  void aThumbnailOfTheTrashIsDeliveredWhileItsPhotoLiesThere() {
    String path = "/api/trash/" + id + "/thumbnails/cover-300x300";
    assertThat(caller.get(path, "Accept", "image/*").statusCode()).isEqualTo(404);
    jdbc.sql("update images set deleted_at = current_timestamp(3)").update();
    HttpResponse<String> answer = caller.get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("small");
    assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(answer, "Cache-Control")).contains("no-cache").contains("private");
    assertThat(caller.get("/api/trash/" + id + "/original").statusCode()).isEqualTo(404);
  }

  @Test
  void aTypeABrowserWouldRunIsSentAsPlainBytes() {
    long script = insert("cd".repeat(32), "a.svg", "image/svg+xml", "ab", "photo.bin");
    assertThat(header(caller.get("/api/photos/" + script + "/original"), "Content-Type"))
        .isEqualTo("application/octet-stream");
  }

  @Test
  void noFileOutsideItsDiskIsRead() throws Exception {
    Path outside = disks.root("private").resolveSibling("outside.txt");
    Files.writeString(outside, "secret", StandardCharsets.UTF_8);
    Path link = disks.root("private").resolve("ab/link.bin");
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, outside.toAbsolutePath());
    long linked = insert("ee".repeat(32), "a.jpg", "image/jpeg", "ab", "link.bin");
    long climbed = insert("ff".repeat(32), "a.jpg", "image/jpeg", "../", "outside.txt");
    for (long photo : new long[] {linked, climbed}) {
      HttpResponse<String> answer = caller.get("/api/photos/" + photo + "/original");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).doesNotContain("secret").contains("leads out");
    }
  }
}
