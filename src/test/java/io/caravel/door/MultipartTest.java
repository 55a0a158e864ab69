package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.caravel.photo.Originals;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/** What a form leaves in memory and on the disk. */
class MultipartTest {
  @TempDir private Path directory = Path.of("");
  private final Originals originals = mock(Originals.class);
  private final Multipart multipart = new Multipart(originals, 8, 10_000);

  private static HttpServletRequest form(String... parts) {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", "/api/photos");
    request.setContentType("multipart/form-data; boundary=b");
    request.setContent(
        ("--b\r\n" + String.join("\r\n--b\r\n", parts) + "\r\n--b--\r\n")
            .getBytes(StandardCharsets.UTF_8));
    return request;
  }

  private static String file(String name, String filename, String type) {
    return "Content-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\nContent-Type: %s\r\n\r\nbytes"
        .formatted(name, filename, type);
  }

  /** Was kept as it came, 16 kB a part: two requests of 10,000 parts ended the heap. */
  @Test
  void longNamesAreCutAsTheyCome() throws IOException {
    when(originals.stage()).thenReturn(directory.resolve("one"));
    String longName = "n".repeat(5000);
    try (Multipart.Form form =
        multipart.read(form(file(longName, longName + ".jpg", "image/" + longName)))) {
      MultipartHttpServletRequest read = (MultipartHttpServletRequest) form.of(form());
      List<MultipartFile> files =
          read.getMultiFileMap().values().stream().flatMap(List::stream).toList();
      assertThat(files).hasSize(1);
      assertThat(files.get(0).getOriginalFilename()).hasSizeLessThan(1001);
      assertThat(files.get(0).getContentType()).hasSizeLessThan(300);
      assertThat(files.get(0).getName()).hasSizeLessThan(300);
    }
  }

  @Test
  void noPartIsPassedOver() throws IOException {
    AtomicInteger number = new AtomicInteger();
    when(originals.stage()).thenAnswer(call -> directory.resolve("" + number.incrementAndGet()));
    try (Multipart.Form form =
        multipart.read(
            form(
                "Content-Disposition: form-data; filename=\"without.jpg\"\r\n\r\na",
                "Content-Disposition: attachment; name=\"file\"; filename=\"attached.jpg\"\r\n\r\nb",
                "Content-Type: image/jpeg\r\n\r\nc",
                "Content-Disposition: form-data; name=\"file\"; filename=\"\r\n\r\nd",
                "Content-Disposition: form-data; name=\"file\"; filename=\"=?UTF-8?B?!!!?=\"\r\n\r\ne",
                "Content-Disposition: form-data; name=\"file\"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
                    + "--c\r\nContent-Disposition: attachment; filename=\"one-of-two.jpg\"\r\n\r\nf\r\n"
                    + "--c\r\nContent-Disposition: attachment; filename=\"two-of-two.jpg\"\r\n\r\ng\r\n--c--",
                file("file", "last.jpg", "image/jpeg")))) {
      MultipartHttpServletRequest read = (MultipartHttpServletRequest) form.of(form());
      assertThat(read.getMultiFileMap().values().stream().flatMap(List::stream))
          .hasSize(8)
          .extracting(MultipartFile::getOriginalFilename)
          .contains("without.jpg", "attached.jpg", "one-of-two.jpg", "two-of-two.jpg", "last.jpg");
    }
  }

  @Test
  void whatWasStagedGoesThoughTheReadingMeetsAnError() {
    when(originals.stage())
        .thenReturn(directory.resolve("one"))
        .thenThrow(new OutOfMemoryError("a test"));
    assertThatThrownBy(
            () ->
                multipart.read(
                    form(file("a", "a.jpg", "image/jpeg"), file("b", "b.jpg", "image/jpeg"))))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(directory).isEmptyDirectory();
  }
}
