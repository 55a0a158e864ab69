package io.caravel.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.door.Caller;
import io.caravel.door.DoorTest;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

@DoorTest
class RestDoorsTest {
  @LocalServerPort int port;

  HttpResponse<String> send(String method, String path, @Nullable String body, String... headers) {
    return new Caller(port).send(method, path, body, headers);
  }

  JsonNode told(HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /api/photos,                     listPhotos",
    "GET,    /api/photos?page=1&size=500&damaged=true&state=failed&from=2024-01-31&q=a%20b, listPhotos",
    "GET,    /api/photos/5,                   getPhoto",
    "DELETE, /api/photos/5,                   trashPhoto",
    "POST,   /api/photos/5/restore,           restorePhoto",
    "GET,    /api/photos/5/metadata,          getMetadata",
    "GET,    /api/photos/5/journey,           getJourney",
    "POST,   /api/photos/5/jobs/thumbnails,   enqueueJob",
    "POST,   /api/photos/5/jobs/metadata?force=true, enqueueJob",
    "GET,    /api/people?q=a,                 listPeople",
    "GET,    /api/people?suggested=true&size=100, listPeople",
    "GET,    /api/faces?status=process&person=7&order=distance&size=200, listFaces",
    "GET,    /api/faces?status=process&suggested=false&after=0&size=40, listFaces",
    "GET,    /api/people/distances,           getDistances",
    "GET,    /api/decisions?size=5,           listDecisions",
    "POST,   /api/decisions/5/undo,           undoDecision",
    "GET,    /api/trash?page=1&size=500,      listTrash",
    "GET,    /api/cameras,                    listCameras",
    "GET,    /api/places?q=lis,               listPlaces",
    "GET,    /api/about,                      getAbout",
    "GET,    /api/queues,                     listQueues",
    "POST,   /api/queues/metadata/missing,    requeueMissing",
    "POST,   /api/queues/metadata/failed,     requeueFailed",
    "POST,   /api/queues/metadata/all,        requeueAll",
    "POST,   /api/queues/metadata/pause,      pauseQueue",
    "POST,   /api/queues/metadata/resume,     resumeQueue",
    "GET,    /api/nodes,                      listNodes",
    "GET,    /api/failures?queue=thumbnails,  listFailures",
    "POST,   /api/failures/7/replay,          replayFailure",
    "POST,   /api/failures/replay?cause=undecodable, replayFailures"
  })
  void eachOperationReachesItsRoute(String method, String path, String operation) throws Exception {
    assertThat(told(send(method, path, null)).path("operation").asText()).isEqualTo(operation);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST | /api/photos/5/jobs/metadata?force=true | {\"id\":5,\"queue\":\"metadata\",\"force\":true}",
        "POST | /api/photos/5/jobs/null | {\"id\":5,\"queue\":\"null\",\"force\":false}",
        "GET | /api/photos?q=null&damaged=false | {\"q\":\"null\",\"damaged\":false,\"order\":\"taken\",\"page\":0,\"size\":50}",
        "GET | /api/photos?q=%22%24%7Bbody%7D%22+%2B&size=7 | {\"q\":\"\\\"${body}\\\" +\",\"order\":\"taken\",\"page\":0,\"size\":7}",
        "GET | /api/photos/?place=%00%c3%a4 | {\"place\":\"\\u0000ä\",\"order\":\"taken\",\"page\":0,\"size\":50}",
        "GET | /api/people/distances | {}",
        "GET | /api/faces/3 | {\"id\":3,\"encoding\":false}",
        "GET | /api/failures | {}"
      })
  void declaredParametersReachTheRouteAsValues(String method, String path, String parameters)
      throws Exception {
    JsonNode told =
        told(
            send(
                method,
                path,
                null,
                "q",
                "x",
                "size",
                "2",
                "id",
                "9",
                "queue",
                "faces",
                "From",
                "1990-01-01",
                "encoding",
                "true",
                "If-Match",
                "\"1\""));
    assertThat(told.path("parameters")).isEqualTo(new ObjectMapper().readTree(parameters));
    assertThat(told.path("who").asText()).isEqualTo("local");
  }

  @Test
  void aHeaderThatIsDeclaredReachesTheRoute() throws Exception {
    JsonNode told =
        told(
            send(
                "PATCH",
                "/api/faces/3?",
                "{\"status\":\"ok\"}",
                "If-Match",
                "\"7\"",
                "Content-Type",
                "application/json"));
    assertThat(told.path("parameters").path("If-Match").asText()).isEqualTo("\"7\"");
    assertThat(told.path("body").path("status").asText()).isEqualTo("ok");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/photos?size=501",
        "/api/photos?size=0",
        "/api/photos?page=-1",
        "/api/photos?page=x",
        "/api/photos?damaged=perhaps",
        "/api/photos?state=lost",
        "/api/photos?from=yesterday",
        "/api/photos?palce=Lisboa",
        "/api/faces?order=size",
        "/api/faces?suggested=perhaps",
        "/api/photos/abc",
        "/api/photos/0",
        "/api/failures?queue=Nowhere"
      })
  void whatDoesNotFitTheContractIsAProblemWithASentence(String path) throws Exception {
    HttpResponse<String> answer = send("GET", path, null, "Accept", "application/json");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = new ObjectMapper().readTree(answer.body());
    assertThat(problem.path("status").asInt()).isEqualTo(400);
    assertThat(problem.path("detail").asText()).contains("/openapi.json").endsWith(".");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"method\":\"cover\",\"width\":0,\"height\":10} | 400",
        "{\"method\":\"stretch\",\"width\":10,\"height\":10} | 400",
        "{\"method\":\"cover\",\"width\":10} | 400",
        "{\"method\":\"cover\",\"width\":10,\"height\":10,\"path\":\"/etc\"} | 400",
        "{nonsense | 400",
        "{\"method\":\"cover\",\"width\":10,\"height\":10} | 200"
      })
  void aBodyIsHeldAgainstItsSchema(String body, int status) throws Exception {
    HttpResponse<String> answer =
        send("POST", "/api/photos/5/jobs/thumbnails", body, "Content-Type", "application/json");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    if (status == 200) {
      assertThat(told(answer).path("body")).isEqualTo(new ObjectMapper().readTree(body));
    }
  }

  @Test
  void anotherContentTypeIsRefused() throws Exception {
    assertThat(
            send("POST", "/api/photos/5/jobs/thumbnails", "<a/>", "Content-Type", "text/xml")
                .statusCode())
        .isEqualTo(415);
  }

  @Test
  void aHugeBodyIsRefused() throws Exception {
    HttpResponse<String> answer =
        send(
            "POST",
            "/api/photos/5/jobs/thumbnails",
            "{\"method\":\"" + "x".repeat(100_000) + "\"}",
            "Content-Type",
            "application/json");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
  }

  @Test
  void anUploadPassesUnread() throws Exception {
    String body =
        "--b\r\nContent-Disposition: form-data; name=\"any\"; filename=\"ä.jpg\"\r\n\r\nbytes\r\n--b--\r\n";
    HttpResponse<String> answer =
        send("POST", "/api/photos", body, "Content-Type", "multipart/form-data; boundary=b");
    assertThat(told(answer).path("operation").asText()).isEqualTo("uploadPhotos");
  }

  @Test
  void noHeaderComesInOrGoesBackThatIsNotOnTheList() throws Exception {
    HttpResponse<String> answer =
        send(
            "GET",
            "/api/photos?q=x&CamelHttpUri=http://evil.example",
            null,
            "Authorization",
            "Basic secretsecret",
            "Cookie",
            "a=secretcookie",
            "CamelFileName",
            "evil",
            "CAMELhttpresponsecode",
            "200",
            "X-Own",
            "evil");
    assertThat(answer.headers().map().toString() + answer.body())
        .doesNotContain("secret")
        .doesNotContain("CamelFileName")
        .doesNotContain("X-Own");
    HttpResponse<String> known =
        send(
            "GET",
            "/api/photos?q=x",
            null,
            "Authorization",
            "Basic s3",
            "Cookie",
            "a=s3",
            "CamelFileName",
            "s3",
            "X-Own",
            "s3");
    assertThat(known.statusCode()).isEqualTo(200);
    assertThat(known.headers().map().toString() + known.body()).doesNotContain("s3");
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, /api/photos/5, 405",
    "GET, /api/photos/5/nothing, 404",
    "GET, /api/nothing, 404",
    "POST, /api/photos/5/original, 405",
    "GET, /nothing, 404"
  })
  void whatTheContractDoesNotKnowIsAProblem(String method, String path, int status)
      throws Exception {
    HttpResponse<String> answer = send(method, path, null);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
  }
}
