package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

@DoorTest
@Timeout(300)
class EventsTest {
  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;
  @Autowired JourneyRows journey;
  long photo;

  @BeforeEach
  void aPhoto() {
    jdbc.sql("delete from images").update();
    jdbc.sql(
            """
            insert into images (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)
            values ('%s', 'a.jpg', 'image/jpeg', 1, 'private', '', 'a')
            """
                .formatted("ab".repeat(32)))
        .update();
    photo = jdbc.sql("select id from images").query(Long.class).single();
  }

  void step(String outcome) {
    jdbc.sql(
            """
            insert into journey (image_id, step, outcome, sentence, started_at, ended_at)
            values (?, 'metadata', ?, 'ä <b>', '2024-01-01 00:00:00', '2024-01-01 00:00:01.5')
            """)
        .params(photo, outcome)
        .update();
  }

  void stepAs(long id, String outcome) {
    jdbc.sql("insert into journey (id, image_id, step, outcome) values (?, ?, 'metadata', ?)")
        .params(id, photo, outcome)
        .update();
  }

  /** Waits for a line to come free: those of an earlier test are found gone at a heartbeat. */
  BufferedReader listen(String... headers) {
    Caller caller = new Caller(port);
    HttpResponse<InputStream> line =
        await()
            .until(() -> caller.open("/api/events", headers), answer -> answer.statusCode() == 200);
    return new BufferedReader(new InputStreamReader(line.body(), StandardCharsets.UTF_8));
  }

  String until(BufferedReader line, String text) throws IOException {
    for (String read = line.readLine(); read != null; read = line.readLine()) {
      if (read.contains(text)) {
        return read;
      }
    }
    throw new AssertionError("the line ended without " + text);
  }

  /** What comes before the listener has joined is not his: so steps are taken until one arrives. */
  void joined(BufferedReader line) throws IOException {
    until(line, ":still here");
    until(line, ":still here");
  }

  @Test
  void aStepIsToldAsItHappensToEveryListener() throws IOException {
    try (BufferedReader one = listen();
        BufferedReader other = listen()) {
      joined(one);
      joined(other);
      step("done");
      for (BufferedReader line : List.of(one, other)) {
        assertThat(until(line, "id:")).isEqualTo("id:" + journey.last());
        assertThat(until(line, "event:")).isEqualTo("event:step");
        assertThat(until(line, "data:"))
            .contains("\"photo_id\":" + photo)
            .contains("\"outcome\":\"done\"")
            .contains("\"at\":\"2024-01-01T00:00:01.500Z\"")
            .contains("\"duration_ms\":1500")
            .contains("ä <b>");
      }
    }
  }

  @Test
  void whoComesBackHearsWhatHeMissed() throws IOException {
    step("queued");
    long seen = journey.last();
    step("retry");
    step("done");
    try (BufferedReader line = listen("Last-Event-ID", Long.toString(seen))) {
      assertThat(until(line, "data:")).contains("retry");
      assertThat(until(line, "data:")).contains("done");
    }
  }

  @Test
  void whoMissedTooMuchIsToldToLoadAfresh() throws IOException {
    step("queued");
    long seen = journey.last();
    for (int i = 0; i < 1001; i++) {
      step("retry");
    }
    try (BufferedReader line = listen("Last-Event-ID", Long.toString(seen))) {
      assertThat(until(line, "event:")).isEqualTo("event:missed");
    }
  }

  @Test
  void aLateCommitIsToldOnceThoughItsIdIsSmaller() {
    Instant[] now = {Instant.EPOCH};
    JourneyTail tail = new JourneyTail(journey, () -> now[0]);
    long base = journey.last();
    stepAs(base + 2, "second");
    stepAs(base + 4, "fourth");
    List<String> told = new ArrayList<>();
    tail.next().forEach(step -> told.add(step.outcome()));
    stepAs(base + 1, "first");
    tail.next().forEach(step -> told.add(step.outcome()));
    tail.next().forEach(step -> told.add(step.outcome()));
    assertThat(told).containsExactly("second", "fourth", "first");
    now[0] = now[0].plus(Duration.ofMinutes(1));
    tail.next();
    stepAs(base + 3, "long rolled back");
    assertThat(tail.next()).isEmpty();
    jdbc.sql("alter table journey alter column id restart with " + (base + 100)).update();
  }

  /** The socket of a page that was closed takes one more sign, and breaks at the next. */
  private static final class GoneWithoutAWord extends SseEmitter {
    private final AtomicInteger signs = new AtomicInteger();

    @Override
    public void send(SseEventBuilder event) throws IOException {
      if (signs.incrementAndGet() > 2) {
        throw new IOException("Broken pipe");
      }
    }
  }

  @Test
  void thoseWhoAreGoneAreNotCounted() {
    Events events = new Events(journey, 20, 3_600_000);
    events.start();
    try {
      for (int i = 0; i < 250; i++) {
        assertThat(events.add(new GoneWithoutAWord(), null)).as("listener %d", i).isTrue();
      }
    } finally {
      events.stop();
    }
  }

  /** Was a listener for ever: of a body that is swallowed nobody hears that it goes nowhere. */
  @Test
  void aHeadIsNoListener() throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    for (String door : List.of("/api/events", "/api/changes")) {
      HttpRequest head =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + door))
              .header("Accept", "text/event-stream")
              .method("HEAD", HttpRequest.BodyPublishers.noBody())
              .build();
      for (int i = 0; i < 120; i++) {
        assertThat(client.send(head, HttpResponse.BodyHandlers.discarding()).statusCode())
            .as("%s, the %dth time", door, i)
            .isEqualTo(200);
      }
    }
  }

  @Test
  void aHundredListenAndNoMore() throws IOException {
    List<BufferedReader> lines = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        lines.add(listen());
      }
      for (BufferedReader line : lines) {
        joined(line);
      }
      assertThat(new Caller(port).get("/api/events", "Accept", "text/event-stream").statusCode())
          .isEqualTo(503);
    } finally {
      for (BufferedReader line : lines) {
        line.close();
      }
    }
  }
}
