package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.route.Api.Answer;
import io.caravel.route.Api.Part;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a request may bring is bounded while it arrives, not when all of it lies on the disk. */
class ArrivingTest extends FlowTest {
  private static final int MB = 1 << 20;

  /** Of 8 MB. */
  private static final int LIMIT = 8 * MB;

  private static final String FILE =
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"large.jpg\"\r\n\r\n";

  private Path incoming() {
    return Path.of(environment.getRequiredProperty("caravel.incoming"));
  }

  private long arrived() throws IOException {
    try (Stream<Path> files = Files.list(incoming())) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void aFileThatNeverEndsIsRefusedWhileItArrives() throws IOException {
    long sent = 0;
    long most = 0;
    try (Socket socket = new Socket("localhost", port)) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /api/photos HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                  + "Content-Length: 2000000000\r\n\r\n"
                  + FILE)
              .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      byte[] bytes = new byte[MB];
      while (in.available() == 0 && sent < 200) {
        out.write(bytes);
        sent++;
        most = Math.max(most, arrived());
      }
      assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 413");
    }
    assertThat(sent).isLessThan(200);
    assertThat(most).isLessThan(LIMIT + MB);
    eventually("nothing of it is left", () -> arrived() == 0);
  }

  @Test
  void theOthersOfTheRequestAreTakenAndNoMoreThanTheLimitLiesOnTheDisk() throws IOException {
    Answer answer =
        api.upload(
            Part.file("large.jpg", new byte[5 * LIMIT]),
            Part.file("small.jpg", Picture.tiny().bytes()));
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.json().path("photos").findValuesAsText("status"))
        .containsExactly("rejected", "accepted");
    assertThat(arrived()).isZero();
  }

  @Test
  void moreThanTenThousandPartsAreRefused() throws IOException {
    Part[] parts =
        IntStream.rangeClosed(1, 10_001)
            .mapToObj(number -> Part.file(number + ".jpg", new byte[1]))
            .toArray(Part[]::new);
    Answer answer = api.upload(parts);
    assertThat(answer.status()).as(answer.text()).isEqualTo(413);
    assertThat(answer.detail()).contains("10000");
    assertThat(arrived()).isZero();
  }

  @Test
  void aFormsTextIsBounded() {
    byte[] text = new byte[2 * MB];
    Arrays.fill(text, (byte) 'a');
    Answer answer =
        api.form("/encode", Part.field("original_path", new String(text, StandardCharsets.UTF_8)));
    assertThat(answer.status()).as(answer.text()).isEqualTo(413);
  }
}
