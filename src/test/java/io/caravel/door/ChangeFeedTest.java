package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.change.Changes;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;

@DoorTest
class ChangeFeedTest {
  @Autowired Changes changes;

  @Test
  void aHundredWaitAndNoMore() {
    ChangeFeed feed = new ChangeFeed(changes, () -> {}, 20, 3_600_000);
    feed.start();
    try {
      long last = changes.last();
      for (int i = 0; i < 100; i++) {
        assertThat(feed.next(last, Duration.ofHours(1)).hasResult()).isFalse();
      }
      assertThatThrownBy(() -> feed.line(last))
          .isInstanceOfSatisfying(
              ErrorResponseException.class,
              full -> assertThat(full.getStatusCode()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE));
    } finally {
      feed.stop();
    }
  }
}
