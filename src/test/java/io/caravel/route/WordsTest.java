package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.metadata.DrawnPhoto;
import io.caravel.route.Api.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The words in a photo's metadata: shown, and searched without case and accents. */
class WordsTest extends FlowTest {
  /** One photo for all tests of a class, which has a database of its own. */
  private static final Map<Class<?>, Long> WRITTEN = new HashMap<>();

  private static final String MARK = UUID.randomUUID().toString();
  private long written;

  @BeforeEach
  void takeIn(@TempDir Path directory) throws Exception {
    Long before = WRITTEN.get(getClass());
    written = before == null ? takenIn(directory) : before;
    WRITTEN.put(getClass(), written);
  }

  private long takenIn(Path directory) throws Exception {
    byte[] photo =
        Files.readAllBytes(
            DrawnPhoto.with(
                directory,
                "a.jpg",
                "-DateTimeOriginal=2012:07:14 18:30:05",
                "-XMP-dc:Title=Zürich am See",
                "-XMP-photoshop:Headline=Straßenfest",
                "-XMP-dc:Description=Ελλάς, Łódź & Ærø 100%",
                "-XMP-dc:Subject=Café",
                "-XMP-lr:HierarchicalSubject=Places|Österreich|Wien",
                "-XMP-dc:Creator=Zoë",
                "-XMP-dc:Rights=© Zoë",
                "-XMP-xmp:Rating=4",
                "-XMP-xmp:Label=Rot",
                "-XMP-iptcExt:PersonInImage=Renée",
                "-XMP-dc:Source=" + MARK));
    String decomposed = Normalizer.normalize("Müller " + MARK, Normalizer.Form.NFD);
    long id = api.accepted(decomposed + ".jpg", photo);
    ended(id, "metadata");
    return id;
  }

  private List<String> found(String query) {
    Answer answer = api.get("/api/photos?" + query);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json().path("items").findValuesAsText("sha256");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void thePhotoTellsItsWords() {
    JsonNode photo = api.get("/api/photos/" + written).json();
    assertThat(photo.path("title").asText()).isEqualTo("Zürich am See");
    assertThat(photo.path("headline").asText()).isEqualTo("Straßenfest");
    assertThat(photo.path("caption").asText()).isEqualTo("Ελλάς, Łódź & Ærø 100%");
    assertThat(photo.path("keywords"))
        .map(JsonNode::asText)
        .containsExactly("Café", "Places|Österreich|Wien");
    assertThat(photo.path("creator").asText()).isEqualTo("Zoë");
    assertThat(photo.path("copyright").asText()).isEqualTo("© Zoë");
    assertThat(photo.path("rating").asInt()).isEqualTo(4);
    assertThat(photo.path("label").asText()).isEqualTo("Rot");
    assertThat(photo.path("persons")).map(JsonNode::asText).containsExactly("Renée");
    JsonNode plain = api.get("/api/photos/" + plain()).json();
    assertThat(plain.path("title").isNull()).isTrue();
    assertThat(plain.path("keywords").isArray()).isTrue();
    assertThat(plain.path("keywords")).isEmpty();
  }

  private long plain() {
    long plain = api.accepted("plain.jpg", Picture.tiny().bytes());
    ended(plain, "metadata");
    return plain;
  }

  @ParameterizedTest
  @CsvSource({
    "zurich",
    "ZÜRICH",
    "Zürich am",
    "Zu\u0308rich",
    "strassenfest",
    "STRASSENFEST",
    "ελλας",
    "ΕΛΛΆΣ",
    "lodz",
    "aero",
    "100%",
    "cafe",
    "osterreich",
    "wien",
    "zoe",
    "rot",
    "renee",
    "july 2012",
    "14 July 2012",
    "2012-07",
    "müller",
    "muller",
    "mu\u0308ller"
  })
  void aPhotoIsFoundWithoutCaseAndAccents(String text) {
    String sha256 = api.get("/api/photos/" + written).json().path("sha256").asText();
    assertThat(found("size=500&q=" + encoded(text))).contains(sha256);
  }

  @ParameterizedTest
  @CsvSource({"zuerich", "see straße", "june 2012", "100_", "Zürich_am"})
  void whatIsNotWrittenIsNotFound(String text) {
    String sha256 = api.get("/api/photos/" + written).json().path("sha256").asText();
    assertThat(found("size=500&q=" + encoded(text))).doesNotContain(sha256);
  }

  @ParameterizedTest
  @CsvSource({
    "keyword=cafe, true",
    "keyword=CAF%C3%89, true",
    "keyword=caf, false",
    "keyword=Wien, true",
    "keyword=%C3%B6sterreich, true",
    "keyword=Places%7C%C3%96sterreich%7CWien, true",
    "keyword=z%C3%BCrich, false",
    "rating=4, true",
    "rating=-1, true",
    "rating=5, false",
    "rating=4&keyword=cafe, true",
  })
  void keywordAndRatingFilter(String filter, boolean matches) {
    assertThat(found(filter + "&q=" + MARK)).hasSize(matches ? 1 : 0);
    assertThat(api.get("/api/timeline?" + filter + "&q=" + MARK).json().path("total").asInt())
        .isEqualTo(matches ? 1 : 0);
  }

  @Test
  void aRatingThatIsNoneIsRefused() {
    assertThat(api.get("/api/photos?rating=6").status()).isEqualTo(400);
    assertThat(api.get("/api/photos?rating=-2").status()).isEqualTo(400);
    assertThat(api.get("/api/photos?keyword=").status()).isEqualTo(400);
  }

  @Test
  void wordsThatAreReadAgainReplaceThoseThatWere() {
    assertThat(api.post("/api/photos/" + written + "/jobs/metadata?force=true").status())
        .isLessThan(300);
    ended(written, "metadata");
    thePhotoTellsItsWords();
    assertThat(
            database
                .sql("select keyword from image_keywords where image_id = :id order by keyword")
                .param("id", written)
                .query(String.class)
                .list())
        .containsExactly("cafe", "osterreich", "places", "places|osterreich|wien", "wien");
  }
}
