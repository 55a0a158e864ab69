package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.server.CaravelProcess;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The page's files as they come out of the packaged jar. */
class StaticFilesIT {
  private static final String STYLE = "/page/login.css";

  @Test
  void theyAreKnownByTheirContentAndCompressed() {
    try (CaravelProcess caravel = new CaravelProcess(Map.of())) {
      Caller caller = new Caller(caravel.start().baseUri().getPort());
      HttpResponse<String> first = caller.get(STYLE, "Accept-Encoding", "gzip");
      assertThat(first.headers().firstValue("Content-Encoding")).hasValue("gzip");
      assertThat(first.headers().firstValue("Last-Modified")).isEmpty();
      String tag = first.headers().firstValue("ETag").orElseThrow();
      assertThat(caller.get(STYLE, "If-None-Match", tag).statusCode()).isEqualTo(304);
      assertThat(caller.get(STYLE, "If-None-Match", "W/\"older\"").statusCode()).isEqualTo(200);
      assertThat(caller.get("/page/icon.svg").headers().firstValue("ETag"))
          .isPresent()
          .isNotEqualTo(first.headers().firstValue("ETag"));
    }
  }
}
