package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

@DoorTest
class ContractTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @LocalServerPort int port;
  private final Contract contract = new Contract();

  @Test
  void itIsServedAsJsonAndYaml() throws Exception {
    Caller caller = new Caller(port);
    JsonNode json = JSON.readTree(caller.get("/openapi.json").body());
    assertThat(json.path("openapi").asText()).startsWith("3.0");
    assertThat(json).isEqualTo(JSON.readTree(contract.json()));
    assertThat(caller.get("/openapi.yaml").body()).isEqualTo(contract.yaml());
  }

  /** An operation without a route stops the start; so this is about the others. */
  @Test
  void everyOperationOutsideTheRoutesIsAnsweredBySpring() throws Exception {
    Caller caller = new Caller(port);
    JsonNode paths = JSON.readTree(contract.json()).path("paths");
    int served = 0;
    for (var path : paths.properties()) {
      if (!path.getValue().path("get").has("x-served-by")
          || Set.of("/api/events", "/api/backup").contains(path.getKey())) {
        continue;
      }
      served++;
      String concrete =
          path.getKey().replace("{id}", "999999").replace("{thumbnail}", "cover-300x300");
      var answer = caller.get(concrete);
      assertThat(answer.statusCode()).as(concrete).isIn(200, 404, 503);
      if (answer.statusCode() == 404) {
        assertThat(answer.body()).as(concrete).containsPattern("There is no .*999999");
      }
    }
    assertThat(served).isEqualTo(11);
  }

  @Test
  void everyOperationHasASummaryAnswersProblemsAndHasAnIdOfItsOwn() throws Exception {
    JsonNode paths = JSON.readTree(contract.ofRoutes()).path("paths");
    assertThat(paths.findValuesAsText("operationId"))
        .containsExactlyInAnyOrder(
            "listPhotos",
            "uploadPhotos",
            "getTimeline",
            "decidePhotos",
            "listDuplicates",
            "getPhoto",
            "trashPhoto",
            "listTrash",
            "listCameras",
            "listPlaces",
            "restorePhoto",
            "getMetadata",
            "getJourney",
            "enqueueJob",
            "takeJob",
            "getPhotoFaces",
            "drawFace",
            "listFaces",
            "editFace",
            "listPeople",
            "getDistances",
            "mergePeople",
            "listDecisions",
            "decide",
            "undoDecision",
            "getFace",
            "encodeFaces",
            "compareFaces",
            "faceHealth",
            "listQueues",
            "requeueMissing",
            "rehearseStep",
            "requeueStale",
            "requeueFailed",
            "requeueAll",
            "pauseQueue",
            "resumeQueue",
            "setWorkers",
            "listNodes",
            "listFailures",
            "replayFailure",
            "replayFailures",
            "getAbout");
    for (JsonNode path : paths) {
      for (JsonNode operation : path) {
        if (operation.has("operationId")) {
          assertThat(operation.path("summary").asText()).isNotBlank();
          assertThat(operation.path("responses").has("default")).isTrue();
        }
      }
    }
  }
}
