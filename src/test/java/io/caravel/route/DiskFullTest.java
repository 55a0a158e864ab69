package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.route.Api.Answer;
import io.caravel.route.Api.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** A disk that has less left than is to be kept free: nothing is taken in, and nothing lost. */
@ExtendWith(OutputCaptureExtension.class)
@DirtiesContext // nobody shares it
@TestPropertySource(
    properties = {"caravel.home=${test.home}/full", "caravel.keep-free-mb=1000000000"})
class DiskFullTest extends FlowTest {
  @Test
  void anUploadIsAnswered507WithASentenceAndWhenToTryAgain() {
    Answer answer =
        api.upload(
            Part.file("a.jpg", Picture.tiny().bytes()), Part.file("b.jpg", new byte[3 << 20]));
    assertThat(answer.status()).isEqualTo(507);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.header("Retry-After")).isNotEmpty();
    assertThat(answer.json().path("detail").asText())
        .contains("make room")
        .contains("CARAVEL_KEEP_FREE_MB");
    assertThat(count("select count(*) from images")).isZero();
  }

  /** The embedded database closes itself when it cannot write. */
  @Test
  void whatWouldWriteToTheDatabaseIsRefusedAndReadingGoesOn() {
    for (String door : List.of("/api/queues/metadata/pause", "/api/failures/replay")) {
      Answer answer = api.post(door);
      assertThat(answer.status()).as(door).isEqualTo(507);
      assertThat(answer.json().path("detail").asText()).contains("make room");
    }
    for (String door : List.of("/api/photos", "/api/queues", "/api/failures", "/api/people")) {
      assertThat(api.get(door).status()).as(door).isEqualTo(200);
    }
    assertThat(
            api.get("/actuator/health", "Accept", "application/json")
                .json()
                .at("/components/storage/status")
                .asText())
        .isEqualTo("DOWN");
  }

  /** Was: each job that waited was parked with disk-full. */
  @Test
  void allQueuesRestWithTheReasonAndNoJobIsStarted() {
    for (String queue : List.of("thumbnails", "metadata", "geolocation", "faces")) {
      assertThat(api.get("/api/queues").json().path(queue).path("waiting").asText())
          .contains("make room");
    }
    database
        .sql(
            "insert into images (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)"
                + " values ('abc', 'a.jpg', 'image/jpeg', 1, 'private', 'ab', 'abc.jpg')")
        .update();
    database
        .sql(
            "insert into jobs (image_id, queue, job_key, data) select id, 'metadata', 'abc', '{}' from images")
        .update();
    assertThat(environment.getRequiredProperty("caravel.queue.feed-ms")).isEqualTo("500");
    eventually(
        "it was looked at",
        () -> api.get("/api/queues").json().at("/metadata/oldest_seconds").asLong() >= 2);
    assertThat(count("select count(*) from jobs where attempts = 0 and state = 'queued'")).isOne();
    database.sql("delete from images").update();
  }

  @Test
  void aFileOfTheInboxStaysWhereItIs(CapturedOutput output) throws Exception {
    Path file = Files.createDirectories(inbox().resolve("holiday")).resolve("a.jpg");
    byte[] bytes = Picture.tiny().bytes();
    Files.write(file, bytes);
    long before = System.nanoTime();
    eventually("it was looked at", () -> System.nanoTime() - before > 3_000_000_000L);
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    assertThat(inbox().resolve(".failed")).doesNotExist();
    assertThat(inbox().resolve(".done")).doesNotExist();
    assertThat(inbox().resolve(".taking")).doesNotExist();
    assertThat(output.getOut()).doesNotContain("It stays in the inbox");
  }
}
