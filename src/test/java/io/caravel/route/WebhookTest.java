package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** {@code changes-send}: what changes is sent on to a receiver that fails a third of the time. */
@Timeout(300)
@DirtiesContext
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/webhook",
      "caravel.webhook.url=${test.webhook}",
      "caravel.webhook.secret=" + WebhookTest.SECRET,
      "caravel.changes.send-ms=50",
      "caravel.changes.again-ms=100",
      "caravel.changes.rest-ms=100",
      "caravel.webhook.timeout-ms=3000"
    })
class WebhookTest extends FlowTest {
  static final String SECRET = "a secret that both know";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SIGNATURE = Pattern.compile("t=(\\d+),v1=([0-9a-f]{64})");

  private static final List<JsonNode> TAKEN = new CopyOnWriteArrayList<>();
  private static final List<String> WRONG = new CopyOnWriteArrayList<>();
  private static final Random RANDOM = new Random(7);
  private static HttpServer server;
  private static volatile boolean away;

  @BeforeAll
  static void receiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", WebhookTest::receive);
    server.start();
    System.setProperty(
        "test.webhook", "http://localhost:" + server.getAddress().getPort() + "/caravel?site=1");
  }

  @AfterAll
  static void end() {
    server.stop(0);
  }

  @BeforeEach
  void forget() {
    away = false;
    TAKEN.clear();
    WRONG.clear();
  }

  private static void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      verify(exchange, body);
      int what;
      synchronized (RANDOM) {
        what = RANDOM.nextInt(12);
      }
      if (away || what < 2) {
        exchange.sendResponseHeaders(500, -1);
      } else if (what == 2) {
        exchange.getResponseHeaders().add("Location", "/elsewhere");
        exchange.sendResponseHeaders(302, -1);
      } else if (what == 3) {
        exchange.sendResponseHeaders(200, 0); // taken, and the answer breaks off
        TAKEN.add(JSON.readTree(body));
        throw new IOException("broken off");
      } else {
        TAKEN.add(JSON.readTree(body));
        exchange.sendResponseHeaders(200, 4);
        try (OutputStream answer = exchange.getResponseBody()) {
          answer.write("fine".getBytes(StandardCharsets.US_ASCII));
        }
      }
    }
  }

  private static void verify(HttpExchange exchange, byte[] body) throws IOException {
    String sent = String.valueOf(exchange.getRequestHeaders().getFirst("Caravel-Signature"));
    Matcher signature = SIGNATURE.matcher(sent);
    List<String> wrong = new ArrayList<>();
    if (!signature.matches() || !signature.group(2).equals(sign(signature.group(1), body))) {
      wrong.add("signature " + sent);
    } else if (Math.abs(Instant.now().getEpochSecond() - Long.parseLong(signature.group(1)))
        > 300) {
      wrong.add("time " + sent);
    }
    if (!exchange.getRequestMethod().equals("POST")
        || !exchange.getRequestURI().toString().equals("/caravel?site=1")) {
      wrong.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    }
    if (!"application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
      wrong.add("type " + exchange.getRequestHeaders().getFirst("Content-Type"));
    }
    WRONG.addAll(wrong);
  }

  private static String sign(String time, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      mac.update((time + ".").getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private void numbered() {
    eventually(
        "all is done and numbered",
        () ->
            count("select count(*) from jobs where state in ('queued', 'running')") == 0
                && count("select count(*) from changes where seq is null") == 0);
  }

  private void sent() {
    numbered();
    eventually(
        "all is sent",
        () ->
            count(
                        "select count(*) from changes_sent s join changes_numbered n on n.numbered = s.sent")
                    == 1
                && count("select count(*) from changes_held") == 0);
  }

  private static Map<Long, List<Long>> byPhoto() {
    Map<Long, List<Long>> byPhoto = new TreeMap<>();
    for (JsonNode change : TAKEN) {
      List<Long> heard =
          byPhoto.computeIfAbsent(change.path("photo").asLong(), photo -> new ArrayList<>());
      long seq = change.path("seq").asLong();
      if (heard.isEmpty() || seq > heard.get(heard.size() - 1)) {
        heard.add(seq);
      }
    }
    return byPhoto;
  }

  private Map<Long, List<Long>> told(long after) {
    Map<Long, List<Long>> byPhoto = new TreeMap<>();
    for (JsonNode page = page(after);
        !page.path("items").isEmpty();
        page = page(page.path("last").asLong())) {
      for (JsonNode change : page.path("items")) {
        byPhoto
            .computeIfAbsent(change.path("photo").asLong(), photo -> new ArrayList<>())
            .add(change.path("seq").asLong());
      }
    }
    return byPhoto;
  }

  private JsonNode page(long after) {
    return api.get("/api/changes?after=" + after).json();
  }

  private long begin() {
    sent();
    TAKEN.clear();
    return count("select numbered from changes_numbered");
  }

  @Test
  void allIsSentInTheOrderOfEachPhotoThoughAThirdFails() {
    long begin = begin();
    List<Long> photos = new ArrayList<>();
    for (int n = 0; n < 12; n++) {
      photos.add(api.accepted(n + ".jpg", Picture.tiny().bytes()));
    }
    photos.forEach(this::settled);
    photos.forEach(photo -> api.delete("/api/photos/" + photo));

    sent();

    assertThat(byPhoto()).isEqualTo(told(begin)).hasSize(12);
    assertThat(WRONG).isEmpty();
    JsonNode first = page(begin).path("items").path(0);
    assertThat(TAKEN).contains(first);
  }

  @Test
  void aReceiverThatIsAwayGetsAllOnceItIsBack() {
    long begin = begin();
    away = true;
    List<Long> photos = new ArrayList<>();
    for (int n = 0; n < 6; n++) {
      photos.add(api.accepted(n + ".jpg", Picture.tiny().bytes()));
    }
    photos.forEach(this::settled);
    numbered();
    eventually("it rests", () -> count("select rests from changes_sent") > 1);
    assertThat(TAKEN).isEmpty();
    away = false;

    sent();

    assertThat(byPhoto()).isEqualTo(told(begin)).hasSize(6);
    assertThat(WRONG).isEmpty();
  }
}
