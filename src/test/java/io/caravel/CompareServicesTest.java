package io.caravel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.caravel.photo.Corpus;
import io.caravel.route.FlowTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/**
 * {@code ./caravel compare}: the whole of Caravel, with the old service's search, against what that
 * service answered on the same photos, in its words.
 */
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/compare",
      "caravel.face.detector=hog",
      "caravel.geocoding=off",
      "test.finder=dlib"
    })
class CompareServicesTest extends FlowTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What each part of a form is called, up to its head's end. */
  private static final Pattern PART =
      Pattern.compile("name=\"([a-z_]+)\"[^\\n]*\\r\\n(?:[^\\r\\n]+\\r\\n)*\\r\\n");

  private static final List<String> REQUIRED =
      List.of("image", "original_path", "original_disk", "image_debug_subdir");

  /** Photos and how many faces that service found: 4, 2, 5, 1 and none. */
  private static final List<String> PHOTOS =
      List.of(
          "faces/groups/000_5.jpg",
          "faces/groups/010_2.jpg",
          "faces/groups/014_5.jpg",
          "faces/people/deepface_A/img11.jpg",
          "noface/limes.jpg");

  private final Map<String, ArrayNode> answers = new HashMap<>();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private @Nullable HttpServer old;

  @BeforeEach
  void answerAsTheOldService() throws IOException {
    Path reference = Corpus.directory().resolve("../reference/faces.json");
    Assumptions.assumeTrue(Files.isRegularFile(reference), "no answers at " + reference);
    JsonNode all = JSON.readTree(reference.toFile());
    for (String photo : PHOTOS) {
      byte[] bytes = Files.readAllBytes(Corpus.directory().resolve(photo));
      answers.put(latin1(bytes), (ArrayNode) all.path(photo).path("encodings"));
      settled(api.accepted(Path.of(photo).getFileName().toString(), bytes));
    }
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/encode", this::encode);
    server.start();
    old = server;
  }

  @AfterEach
  void end() {
    if (old != null) {
      old.stop(0);
    }
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** As FastAPI: 422 where a field is missing. */
  private void encode(HttpExchange exchange) throws IOException {
    String type = Objects.requireNonNull(exchange.getRequestHeaders().getFirst("Content-Type"));
    Map<String, String> form = new HashMap<>();
    String body = "\r\n" + latin1(exchange.getRequestBody().readAllBytes());
    for (String part : body.split(Pattern.quote("\r\n--" + type.split("boundary=")[1]), -1)) {
      Matcher head = PART.matcher(part);
      if (head.find()) {
        form.put(head.group(1), part.substring(head.end()));
      }
    }
    ArrayNode encodings = answers.get(form.getOrDefault("image", ""));
    boolean whole = form.keySet().containsAll(REQUIRED) && encodings != null;
    byte[] answer =
        JSON.writeValueAsBytes(
            whole
                ? Map.of("encodings", encodings, "debug_image_path", "caravel-compare/a.jpg")
                : Map.of("detail", List.of(Map.of("type", "missing", "msg", "Field required"))));
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(whole ? 200 : 422, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private String compared() {
    said.reset();
    int status =
        Comparison.run(
            List.of("http://127.0.0.1:" + Objects.requireNonNull(old).getAddress().getPort()),
            Map.of("CARAVEL_PORT", String.valueOf(port)),
            new PrintStream(said, true, StandardCharsets.UTF_8));
    String text = said.toString(StandardCharsets.UTF_8);
    assertThat(status).as(text).isZero();
    return text;
  }

  /** The distances of the last line: in the middle, nine of ten, and at most. */
  private static List<Double> apart(String text) {
    Matcher apart =
        Pattern.compile(
                "apart (\\d[.,]\\d+) in the middle, (\\d[.,]\\d+) nine of ten, (\\d[.,]\\d+) at most")
            .matcher(text);
    assertThat(apart.find()).as(text).isTrue();
    return Stream.of(1, 2, 3)
        .map(each -> Double.valueOf(apart.group(each).replace(',', '.')))
        .toList();
  }

  @Test
  void theSameSearchFindsTheSameFacesAndWhatDiffersIsToldWithItsDistance() {
    String same = compared();

    assertThat(same).contains("5 photos: as many faces in 5; 12 faces there, 12 here, 12 the same");
    assertThat(apart(same).get(2)).as(same).isLessThan(0.05);

    // One face fewer of the five, and the one of a photo of its own elsewhere by 0.3.
    answers.values().stream().filter(each -> each.size() == 5).forEach(each -> each.remove(4));
    answers.values().stream()
        .filter(each -> each.size() == 1)
        .map(each -> (ArrayNode) each.get(0))
        .forEach(each -> each.set(7, DoubleNode.valueOf(each.get(7).asDouble() + 0.3)));
    String other = compared();

    assertThat(other)
        .contains("(014_5.jpg): 4 faces there, 5 here, 4 the same")
        .contains("5 photos: as many faces in 4; 11 faces there, 12 here, 11 the same");
    assertThat(apart(other).get(0)).as(other).isLessThan(0.05);
    assertThat(apart(other).get(2)).as(other).isBetween(0.25, 0.35);
  }
}
