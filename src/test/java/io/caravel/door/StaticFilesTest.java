package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The page's files: asked for each time, sent when they changed, and compressed. */
@DoorTest
class StaticFilesTest {
  private static final String STYLE = "/page/login.css";

  @LocalServerPort int port;
  Caller caller;

  @BeforeEach
  void call() {
    caller = new Caller(port);
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gzip"})
  void whatABrowserHasIsNotSentAgain(String encoding) {
    HttpResponse<String> first = caller.get(STYLE, "Accept-Encoding", encoding);
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(header(first, "Cache-Control")).isEqualTo("no-cache");
    // All files of the jar have the same date.
    assertThat(header(first, "Last-Modified")).isEmpty();
    String tag = header(first, "ETag");
    assertThat(tag).startsWith("W/\"");

    HttpResponse<String> again =
        caller.get(STYLE, "Accept-Encoding", encoding, "If-None-Match", tag);
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(header(again, "Cache-Control")).isEqualTo("no-cache");
    assertThat(header(caller.get("/page/icon.svg"), "ETag")).startsWith("W/\"").isNotEqualTo(tag);
    assertThat(caller.get(STYLE, "If-None-Match", "W/\"older\"").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {STYLE, "/openapi.json"})
  void wordsAreCompressedForThoseWhoTakeIt(String path) throws IOException {
    HttpResponse<String> plain = caller.get(path);
    assertThat(header(plain, "Content-Encoding")).isEmpty();
    assertThat(header(plain, "Vary")).containsIgnoringCase("accept-encoding");
    HttpResponse<InputStream> packed = caller.open(path, "Accept-Encoding", "gzip");
    assertThat(header(packed, "Content-Encoding")).isEqualTo("gzip");
    byte[] bytes = packed.body().readAllBytes();
    assertThat(bytes.length).isLessThan(plain.body().length() / 2);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes())
        .isEqualTo(plain.body().getBytes(StandardCharsets.UTF_8));
  }

  /** A compressed line would tell what happens when a buffer is full. */
  @Test
  void eventsAreNotCompressed() throws IOException {
    HttpResponse<InputStream> line = caller.open("/api/events", "Accept-Encoding", "gzip");
    assertThat(header(line, "Content-Encoding")).isEmpty();
    try (InputStream said = line.body()) {
      assertThat(said.read()).isEqualTo(':');
    }
  }
}
