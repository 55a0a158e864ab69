package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.route.Api.Answer;
import io.caravel.route.Api.Part;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.context.TestPropertySource;

/** A disk that has less left than is to be kept free: nothing is taken in, and nothing lost. */
@ExtendWith(OutputCaptureExtension.class)
@TestPropertySource(
    properties = {"caravel.home=${test.home}/full", "caravel.keep-free-mb=1000000000"})
class DiskFullTest extends FlowTest {
  @Test
  void anUploadIsAnswered507WithItsCause() {
    Answer answer =
        api.upload(
            Part.file("text.jpg", "no picture".getBytes(StandardCharsets.US_ASCII)),
            Part.file("a.jpg", Picture.tiny().bytes()));
    assertThat(answer.status()).isEqualTo(507);
    assertThat(answer.json().path("photos").findValuesAsText("cause"))
        .containsExactly("not-a-picture", "disk-full");
    assertThat(count("select count(*) from images")).isZero();
  }

  @Test
  void aFileOfTheInboxStaysThere(CapturedOutput output) throws Exception {
    Path file = Files.createDirectories(inbox().resolve("holiday")).resolve("a.jpg");
    byte[] bytes = Picture.tiny().bytes();
    Files.write(file, bytes);
    eventually("it was tried", () -> output.getOut().contains("[disk-full] It stays in the inbox"));
    eventually("it is back", () -> Files.exists(file));
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    assertThat(inbox().resolve(".failed")).doesNotExist();
    assertThat(inbox().resolve(".done")).doesNotExist();
  }
}
