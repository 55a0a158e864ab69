package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.caravel.face.Crops;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.ErrorResponseException;

/** A crop is delivered as the other files are. */
class FaceCropControllerTest {
  @TempDir private Path directory = Path.of("");
  private final Crops crops = mock(Crops.class);
  private final FaceCropController controller = new FaceCropController(crops);

  @BeforeEach
  void aCrop() throws IOException {
    when(crops.file(7)).thenReturn(Files.writeString(directory.resolve("7.jpg"), "0123456789"));
  }

  private static MockHttpServletRequest asking(String header, String value) {
    MockHttpServletRequest request = new MockHttpServletRequest("GET", "/api/faces/7/crop");
    request.addHeader(header, value);
    return request;
  }

  /** Spring's own 416 sent all of it. */
  @Test
  void aRangeThatItHasNotIsToldItsLength() {
    ErrorResponseException beyond =
        catchThrowableOfType(
            ErrorResponseException.class, () -> controller.crop(7, asking("Range", "bytes=10-")));
    assertThat(beyond.getStatusCode().value()).isEqualTo(416);
    assertThat(beyond.getHeaders().getFirst("Content-Range")).isEqualTo("bytes */10");
  }

  @Test
  void whoHasAnyOfItIsNotSentIt() throws IOException {
    var answer = controller.crop(7, asking("If-None-Match", "*"));
    assertThat(answer.getStatusCode().value()).isEqualTo(304);
    assertThat(answer.getBody()).isNull();
    assertThat(answer.getHeaders().getETag()).isNotEmpty();
  }
}
