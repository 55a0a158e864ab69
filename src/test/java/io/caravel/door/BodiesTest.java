package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.ground.Failure;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

class BodiesTest {
  private static final int KB = 1024;

  private final Bodies bodies = new Bodies(1);

  private static MockHttpServletRequest request(int bytes) {
    MockHttpServletRequest request = new MockHttpServletRequest();
    request.setContent(new byte[bytes]);
    return request;
  }

  @Test
  void allBodiesTogetherAreBoundedAndSmallOnesAlwaysTaken() throws IOException {
    Bodies.Body large = bodies.read(request(1000 * KB), 2000 * KB);
    assertThatThrownBy(() -> bodies.read(request(100 * KB), 2000 * KB))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("try again");
    for (int i = 0; i < 100; i++) {
      MockHttpServletRequest small = request(16 * KB);
      assertThat(bodies.read(small, 2000 * KB).of(small).getInputStream().readAllBytes())
          .hasSize(16 * KB);
    }
    large.close();
    MockHttpServletRequest next = request(1000 * KB);
    assertThat(bodies.read(next, 2000 * KB).of(next).getInputStream().readAllBytes())
        .hasSize(1000 * KB);
  }

  @Test
  void aBodyIsRefusedByItsLengthOrWhileItArrives() {
    MockHttpServletRequest said = request(3 * KB);
    assertThatThrownBy(() -> bodies.read(said, 2 * KB)).isInstanceOf(Multipart.TooMuch.class);
    MockHttpServletRequest unsaid =
        new MockHttpServletRequest() {
          @Override
          public long getContentLengthLong() {
            return -1;
          }
        };
    unsaid.setContent(new byte[3 * KB]);
    assertThatThrownBy(() -> bodies.read(unsaid, 2 * KB)).isInstanceOf(Multipart.TooMuch.class);
    assertThat(unsaid.getContentLengthLong()).isEqualTo(-1);
  }
}
