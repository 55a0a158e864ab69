package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.route.Api.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.context.TestPropertySource;

/** A value that a caller sends is that value, whatever it looks like, and nothing else is one. */
@TestPropertySource(properties = "caravel.home=${test.home}/values")
class ValuesTest extends FlowTest {
  private static boolean there;

  /** Photos that are called like the values of programs; one of them with a failed job. */
  @BeforeEach
  void photos() {
    if (!there) {
      there = true;
      for (String name : new String[] {"null.jpg", "true.jpg", "plain.jpg", "${body}.jpg"}) {
        settled(api.accepted(name, Picture.tiny().bytes()));
      }
    }
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private long found(String query, String... headers) {
    Answer answer = api.get("/api/photos?" + query, headers);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json().path("total").asLong();
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "true", "${body}", "plain"})
  void whatLooksLikeAWordOfAProgramIsText(String text) {
    assertThat(found("q=" + encoded(text))).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "q=%22plain%22",
        "q='plain'",
        "q=%22",
        "q=%00",
        "q=${header.id}",
        "place=null",
        "place=true",
        "place=''",
        "camera=null",
        "camera=%22%22",
        "camera=#facets"
      })
  void whatNoPhotoHasFindsNone(String query) {
    assertThat(found(query.replace("${header.id}", encoded("${header.id}")).replace("#", "%23")))
        .isZero();
  }

  @Test
  void theCauseNullReplaysNothing() {
    database
        .sql("update jobs set state = 'failed', cause = 'undecodable' where queue = 'metadata'")
        .update();
    assertThat(api.post("/api/failures/replay?cause=null").json().path("queued").asInt()).isZero();
    assertThat(count("select count(*) from jobs where state = 'failed'")).isEqualTo(4);
    assertThat(api.post("/api/failures/replay?cause=undecodable").json().path("queued").asInt())
        .isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "true", "false", "inbox"})
  void aQueueThatIsCalledSoIsNone(String queue) {
    for (String what : new String[] {"pause", "resume", "missing", "failed", "all"}) {
      Answer answer = api.post("/api/queues/" + queue + "/" + what);
      assertThat(answer.status()).as(what).isEqualTo(404);
      assertThat(answer.detail()).contains("no queue \"" + queue + "\"");
    }
    assertThat(api.post("/api/photos/1/jobs/" + queue).status()).isEqualTo(404);
  }

  @Test
  void placesAndPeopleAreSoughtByTheTextItself() {
    assertThat(api.get("/api/places?q=null").json().path("items")).isEmpty();
    assertThat(api.get("/api/people?q=null").json().path("items")).isEmpty();
    assertThat(api.get("/api/people?q=%22").json().path("items")).isEmpty();
  }

  @Test
  void aHeaderThatIsCalledLikeAParameterIsNone() {
    assertThat(found("", "q", "null", "From", "1990-01-01", "To", "1990-01-01", "state", "failed"))
        .isEqualTo(4);
    Answer page = api.get("/api/photos?size=3", "size", "1", "page", "7");
    assertThat(page.json().path("items")).hasSize(3);
    assertThat(api.get("/api/failures", "queue", "nowhere").status()).isEqualTo(200);
    assertThat(api.get("/api/photos/1/faces", "encoding", "perhaps", "id", "2").status())
        .isEqualTo(200);
    long photo = count("select min(id) from images");
    assertThat(api.get("/api/photos/" + photo, "id", "7").json().path("id").asLong())
        .isEqualTo(photo);
  }

  @Test
  void aParameterOfAnotherOperationIsRefused() {
    assertThat(api.get("/api/photos?encoding=true").status()).isEqualTo(400);
    assertThat(api.get("/api/photos?id=1").status()).isEqualTo(400);
    assertThat(api.post("/api/failures/1/replay?queue=faces").status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"q=%zz", "q=%", "q=%ff%fe", "q=%c3", "q=%ed%a0%80", "%ff=1"})
  void aQueryThatIsNoTextIsRefused(String query) {
    Answer answer = api.raw("GET /api/photos?" + query + " HTTP/1.1\r\nHost: localhost\r\n");
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.detail()).contains("UTF-8").endsWith(".");
  }

  @Test
  void aBodyReachesItsBeanAsItIs() {
    for (String body : new String[] {"null", "\"x\"", "true", "[]", "1"}) {
      for (String door : new String[] {"/api/decisions", "/api/people/1/merge"}) {
        assertThat(api.post(door, body).status()).as(body).isEqualTo(400);
      }
    }
    assertThat(api.post("/api/photos/1/jobs/thumbnails", "null").status()).isEqualTo(400);
  }

  @Test
  void anETagComesThroughWithItsQuotes() {
    database
        .sql(
            "insert into faces (image_id, face_index, status, encoding) values (:photo, 0, 'process', :encoding)")
        .param("photo", count("select min(id) from images"))
        .param("encoding", "[" + String.join(",", Collections.nCopies(128, "0.1")) + "]")
        .update();
    long face = count("select max(id) from faces");
    String tag = api.get("/api/faces/" + face).header("ETag");
    assertThat(tag).matches("\"\\d+\"");
    for (String stale :
        new String[] {"\"999\"", "null", "999", "W/" + tag, tag.replace("\"", "")}) {
      assertThat(unknownIf(stale, face)).as(stale).isEqualTo(412);
    }
    assertThat(unknownIf("\"5\", " + tag, face)).isEqualTo(200);
  }

  private int unknownIf(String match, long face) {
    return api.send(
            "PATCH",
            "/api/faces/" + face,
            "{\"status\":\"unknown\"}".getBytes(StandardCharsets.UTF_8),
            "Content-Type",
            "application/json",
            "If-Match",
            match)
        .status();
  }
}
