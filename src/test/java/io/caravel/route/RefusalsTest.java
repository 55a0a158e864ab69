package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.route.Api.Answer;
import io.caravel.route.Api.Part;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.spi.RouteController;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Whatever is refused, by whomever, is refused in words: a status, its name, and what to do. */
@ExtendWith(OutputCaptureExtension.class)
class RefusalsTest extends FlowTest {
  private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff, (byte) 0xe0, 0, 16};
  private static final String LOCAL = "Host: localhost\r\n";

  @Autowired CamelContext camel;

  private static void inWords(Answer answer, int status, String title) throws Exception {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    JsonNode problem = answer.json();
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("title").asText()).isEqualTo(title);
    assertThat(problem.path("detail").asText())
        .hasSizeGreaterThan(20)
        .endsWith(".")
        .doesNotContain("static resource", "is not supported", "Acceptable representations");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /api/photos/1%2foriginal | 400 | Bad Request",
        "GET /api/photos/1%5coriginal | 400 | Bad Request",
        "GET /api/photos/1%00 | 400 | Bad Request",
        "GET /api/photos;x=1 | 400 | Bad Request",
        "GET //api/photos | 400 | Bad Request",
        "GET /../../etc/passwd | 400 | Bad Request",
        "GET /api/photos?q[]=1 | 400 | Bad Request",
        "GET /api/photos?q={x} | 400 | Bad Request",
        "GET /api/photos?q=a&q=b | 400 | Bad Request",
        "TRACE /api/photos | 405 | Method Not Allowed",
        "TRACE / | 405 | Method Not Allowed",
        "TRACK /api/photos | 405 | Method Not Allowed",
        "PROPFIND / | 405 | Method Not Allowed",
        "GET /api/failures/replay | 405 | Method Not Allowed",
        "GET /api/decisions/1/undo | 405 | Method Not Allowed",
        "GET /encode | 405 | Method Not Allowed",
        "PUT /api/photos/5 | 405 | Method Not Allowed",
        "PUT / | 405 | Method Not Allowed",
        "GET /api/nothing | 404 | Not Found",
        "GET /actuator/env | 404 | Not Found",
        "GET /actuator/health/nothing | 404 | Not Found",
        "GET /api/photos/abc/original | 404 | Not Found",
        "GET /api/photos/99999999999999999999/original | 404 | Not Found"
      })
  void anAddressOrAMethodThatIsNone(String line, int status, String title) throws Exception {
    inWords(api.raw(line + " HTTP/1.1\r\n" + LOCAL), status, title);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Expect: nonsense | 417 | Expectation Failed",
        "Host: localhost | 400 | Bad Request",
        "B@d{}: x | 400 | Bad Request",
        "Content-Length: -3 | 400 | Bad Request",
        "Transfer-Encoding: gzip | 501 | Not Implemented",
        "Origin: http://evil.example | 403 | Forbidden",
        "Content-Type: application/json; charset=utf-99 | 405 | Method Not Allowed"
      })
  void aHeaderThatIsNone(String header, int status, String title) throws Exception {
    inWords(api.raw("PUT /api/photos/5 HTTP/1.1\r\n" + LOCAL + header + "\r\n"), status, title);
  }

  @Test
  void aHostThatIsNotOursIsMisdirected() throws Exception {
    inWords(
        api.raw("GET /api/photos HTTP/1.1\r\nHost: evil.example\r\n"), 421, "Misdirected Request");
    inWords(api.raw("GET /api/photos HTTP/1.1\r\n"), 400, "Bad Request");
    inWords(api.raw("GET /api/photos HTTP/9.1\r\n" + LOCAL), 505, "HTTP Version not supported");
    inWords(
        api.raw("GET /api/photos HTTP/1.1\r\n" + LOCAL + "X: " + "x".repeat(40_000) + "\r\n"),
        400,
        "Bad Request");
    inWords(
        api.raw("GET /page/app.js HTTP/1.1\r\n" + LOCAL + "Range: bytes=99999999-\r\n"),
        416,
        "Range Not Satisfiable");
    inWords(api.get("/api/events", "Accept", "application/json"), 406, "Not Acceptable");
  }

  /** RFC 9110, 9.3.2: as GET, without its body. */
  @ParameterizedTest
  @CsvSource({
    "/api/photos, 200",
    "/api/queues, 200",
    "/api/people?q=a, 200",
    "/health, 200",
    "/api/photos/999999, 404",
    "/api/photos?size=none, 400",
    "/encode, 405",
    "/api/nothing, 404"
  })
  void headIsAnsweredAsGetWithoutItsBody(String path, int status) {
    Answer head = api.raw("HEAD " + path + " HTTP/1.1\r\n" + LOCAL);
    assertThat(head.status()).isEqualTo(status);
    assertThat(head.body()).isEmpty();
    assertThat(head.header("Content-Type")).contains("json");
  }

  private Answer post(String path, String type, byte[] body) {
    return api.raw(
        "POST "
            + path
            + " HTTP/1.1\r\n"
            + LOCAL
            + (type.isEmpty() ? "" : "Content-Type: " + type + "\r\n")
            + "Content-Length: "
            + body.length
            + "\r\n",
        body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/api/photos", "/api/decisions", "/encode", "/compare", "/api/queues/faces/pause"})
  void aFormOfFieldsIsTakenNowhere(String door) throws Exception {
    String form = "application/x-www-form-urlencoded";
    inWords(post(door, form, bytes("a=b&c=%zz")), 415, "Unsupported Media Type");
  }

  @ParameterizedTest
  @CsvSource({
    "/api/decisions, application/json",
    "/api/photos, multipart/form-data; boundary=x",
    "/compare, application/json"
  })
  void aPackedBody(String door, String type) throws Exception {
    Answer answer = post(door, type + "\r\nContent-Encoding: gzip", new byte[] {31, -117, 8, 0});
    inWords(answer, 415, "Unsupported Media Type");
    assertThat(answer.header("Accept-Encoding")).isEqualTo("identity");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/changes?after=x", "/api/changes?wait=99", "/api/changes?x=1"})
  void aWrongQuestionAboutTheChanges(String door) throws Exception {
    Answer answer = api.get(door);
    inWords(answer, 400, "Bad Request");
    assertThat(answer.header("Cache-Control")).containsOnlyOnce("no-store");
  }

  @Test
  void aBodyThatIsNoUtf8() throws Exception {
    byte[] body =
        "{\"faces\":[1],\"action\":\"confirm\",\"name\":\"\u00ff\u00fe\"}"
            .getBytes(StandardCharsets.ISO_8859_1);
    inWords(post("/api/decisions", "application/json", body), 400, "Bad Request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/changes?after=0&x=1", "/api/backup?x=1", "/api/events?%78=1"})
  void aParameterThatNobodyDeclared(String door) throws Exception {
    Answer answer = api.get(door);
    inWords(answer, 400, "Bad Request");
    assertThat(answer.json().path("detail").asText()).startsWith("The parameter x is unknown here");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({"/api/decisions", "/api/people/1/merge", "/api/photos/1/jobs/thumbnails", "/compare"})
  void aBodyThatIsNoJson(String door) throws Exception {
    String json = "application/json";
    inWords(post(door, json, JPEG), 400, "Bad Request");
    inWords(post(door, "", JPEG), 400, "Bad Request");
    inWords(post(door, "image/jpeg", JPEG), 415, "Unsupported Media Type");
    inWords(
        post(door, json, new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}),
        400,
        "Bad Request");
    inWords(
        post(door, json, "{\"faces\":[1]}".getBytes(StandardCharsets.UTF_16)), 400, "Bad Request");
    inWords(post(door, json, bytes("{\"a\":1} x")), 400, "Bad Request");
    inWords(post(door, json, bytes("[".repeat(20_000))), 400, "Bad Request");
    inWords(post(door, json, bytes("{\"a\":")), 400, "Bad Request");
    inWords(
        post(door, "application/json; charset=iso-8859-1", bytes("{}")),
        415,
        "Unsupported Media Type");
    inWords(
        post(door, "application/json; charset=utf-99", bytes("{}")), 415, "Unsupported Media Type");
    inWords(
        post(door, "application/x-www-form-urlencoded", bytes("faces=1")),
        415,
        "Unsupported Media Type");
    inWords(post(door, ";;;", bytes("{}")), 415, "Unsupported Media Type");
    inWords(
        post(door, "multipart/form-data; boundary=B", bytes("--B--")),
        415,
        "Unsupported Media Type");
  }

  @Test
  void jsonThatIsReadOneWayHereAndAnotherThere() throws Exception {
    inWords(
        api.post("/api/decisions", "{\"faces\":[1],\"action\":\"unknown\",\"action\":\"confirm\"}"),
        400,
        "Bad Request");
    inWords(
        api.post("/api/decisions", "{\"faces\":[1],\"action\":\"unknown\"}{}"), 400, "Bad Request");
    assertThat(
            api.post("/api/decisions", "\uFEFF{\"faces\":[99999],\"action\":\"unknown\"}").status())
        .as("a byte order mark is no fault")
        .isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({"/api/photos", "/encode"})
  void anUploadThatIsNone(String door) throws Exception {
    byte[] part = part("a.jpg", JPEG, StandardCharsets.UTF_8);
    String form = "multipart/form-data";
    inWords(post(door, form, part), 400, "Bad Request");
    inWords(post(door, form + "; boundary=", part), 400, "Bad Request");
    inWords(post(door, form + "; boundary=X", part), 400, "Bad Request");
    inWords(post(door, form + "; boundary=" + "b".repeat(5_000), part), 400, "Bad Request");
    inWords(post(door, form + "; boundary=B", part), 400, "Bad Request"); // no end
    inWords(post(door, form + "; boundary=B", new byte[0]), 400, "Bad Request");
    inWords(post(door, form + "; boundary=B", bytes("--B--\r\n")), 400, "Bad Request");
    inWords(
        post(door, "application/x-www-form-urlencoded", bytes("file=1")),
        415,
        "Unsupported Media Type");
    if (door.equals("/api/photos")) { // which takes files that JSON names
      inWords(post(door, "application/json", bytes("{}")), 400, "Bad Request");
      inWords(post(door, "application/json", bytes("{")), 400, "Bad Request");
      inWords(post(door + "?x=1", "application/json", bytes("{}")), 400, "Bad Request");
    } else {
      inWords(post(door, "application/json", bytes("{}")), 415, "Unsupported Media Type");
    }
    inWords(post(door, "image/jpeg", JPEG), 415, "Unsupported Media Type");
    inWords(post(door, "", JPEG), 400, "Bad Request");
    inWords(
        post(door + "?original_path=x", form + "; boundary=B", bytes("--B--\r\n")),
        400,
        "Bad Request");
  }

  private static byte[] part(String filename, byte[] content, Charset charset) {
    ByteArrayOutputStream part = new ByteArrayOutputStream();
    part.writeBytes(
        ("--B\r\nContent-Disposition: form-data; name=\"file\"; filename" + filename + "\r\n\r\n")
            .getBytes(charset));
    part.writeBytes(content);
    part.writeBytes(bytes("\r\n"));
    return part.toByteArray();
  }

  /** Was: 500, and none of the request's files was taken. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "=\"a\u0000b.jpg\"",
        "*=UTF-8''%zz.jpg",
        "*=utf-99''a.jpg",
        "=\"\"",
        "=\"null\"",
        "=\"\\\"x\\\".jpg\"",
        "=\"../../etc/passwd\"",
        "=\"a\rb.jpg\"",
        "=\"\u00ff\u00fe.jpg\""
      })
  void oneBadNameDoesNotCostTheOtherFiles(String filename) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(
        part(filename.translateEscapes(), bytes("no picture"), StandardCharsets.ISO_8859_1));
    body.writeBytes(part("=\"good.jpg\"", Picture.tiny().bytes(), StandardCharsets.UTF_8));
    body.writeBytes(bytes("--B--\r\n"));
    Answer answer = post("/api/photos", "multipart/form-data; boundary=B", body.toByteArray());
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    JsonNode photos = answer.json().path("photos");
    assertThat(photos.findValuesAsText("status")).contains("accepted").doesNotContain("exists");
    for (JsonNode photo : photos) {
      assertThat(photo.path("filename").isTextual()).as(answer.text()).isTrue();
      if (photo.path("status").asText().equals("rejected")) {
        assertThat(photo.path("cause").asText()).isEqualTo("not-a-picture");
      }
    }
  }

  @Test
  void namesOf255BytesAreTakenAndLongerOnesCut() {
    String longest = "ä".repeat(125) + "x.jpg";
    assertThat(bytes(longest)).hasSize(255);
    for (String name : List.of(longest, "n".repeat(255), "n".repeat(999), "n".repeat(3000))) {
      Answer answer = api.upload(Part.file(name, Picture.tiny().bytes()));
      assertThat(answer.status()).as(answer.text()).isEqualTo(202);
      String kept = answer.photo().path("filename").asText();
      assertThat(kept).isEqualTo(name.length() > 1000 ? name.substring(0, 1000) : name);
      assertThat(api.photo(answer.photo().path("id").asLong()).path("filename").asText())
          .isEqualTo(kept);
    }
  }

  @Test
  void aFileThatIsCalledNullIsRejectedUnderItsName() {
    for (String name : List.of("null", "true", "${body}", "'x'")) {
      Answer answer = api.upload(Part.file(name, bytes("no picture")));
      assertThat(answer.status()).isEqualTo(415);
      assertThat(answer.photo().path("filename").asText()).isEqualTo(name);
    }
  }

  @Test
  void aDoorWhoseRouteWasStoppedIsUnavailable(CapturedOutput output) throws Exception {
    RouteController routes = camel.getRouteController();
    long photo = api.accepted("stopped.jpg", Picture.tiny().bytes());
    int before = output.getAll().length();
    String rest =
        camel.getRoutes().stream()
            .filter(route -> route.getEndpoint().getEndpointUri().startsWith("rest-openapi:"))
            .map(Route::getRouteId)
            .findFirst()
            .orElseThrow();
    for (String route : List.of("getPhoto", "answer", rest)) {
      // Once stopped, the route of all doors does not start anew: Camel would answer twice.
      for (boolean suspended : route.equals(rest) ? List.of(true) : List.of(false, true)) {
        if (suspended) {
          routes.suspendRoute(route);
        } else {
          routes.stopRoute(route);
        }
        try {
          Answer answer = api.get("/api/photos/" + photo);
          inWords(answer, 503, "Service Unavailable");
          assertThat(answer.header("Retry-After")).isNotEmpty();
        } finally {
          if (suspended) {
            routes.resumeRoute(route);
          } else {
            routes.startRoute(route);
          }
        }
        assertThat(api.get("/api/photos/" + photo).status()).isEqualTo(200);
      }
    }
    assertThat(output.getAll().substring(before)).doesNotContain("ERROR");
  }

  @Test
  void whatIsRefusedIsNoErrorOfTheProgram(CapturedOutput output) throws Exception {
    int before = output.getAll().length();
    anUploadThatIsNone("/api/photos");
    aBodyThatIsNoJson("/api/decisions");
    aHeaderThatIsNone("Expect: nonsense", 417, "Expectation Failed");
    anAddressOrAMethodThatIsNone("GET /api/nothing", 404, "Not Found");
    anAddressOrAMethodThatIsNone("GET /encode", 405, "Method Not Allowed");
    String told =
        output
            .getAll()
            .substring(before)
            .lines()
            .filter(line -> !line.contains("clock leap")) // of any pool, on a machine that is busy
            .collect(Collectors.joining("\n"));
    assertThat(told).doesNotContain("WARN", "ERROR", "\tat ");
  }
}
