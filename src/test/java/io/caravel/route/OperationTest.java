package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.health.HealthIndicator;

/**
 * What an operator sees and sets: nodes, workers, metrics. {@link OperationOnMariaDbTest} runs the
 * same on a server.
 */
class OperationTest extends FlowTest {
  @Autowired
  @Qualifier("workersHealthIndicator")
  HealthIndicator workers;

  @AfterEach
  void asItWas() {
    api.post("/api/queues/metadata/workers", "{\"workers\":2}");
  }

  @Test
  void aQueueHasAsManyWorkersAsItIsGivenAtOnceAndForGood() {
    Api.Answer answer = api.post("/api/queues/metadata/workers", "{\"workers\":5}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("workers").asInt()).isEqualTo(5);
    eventually("five work", () -> told("metadata").equals("5 of 5"));
    assertThat(told("thumbnails")).isEqualTo("2 of 2");
    assertThat(api.get("/api/queues").json().path("metadata").path("workers").asInt()).isEqualTo(5);
    assertThat(count("select workers from queue_workers where queue = 'metadata'")).isEqualTo(5);
    api.post("/api/queues/metadata/workers", "{\"workers\":1}");
    eventually("one is left", () -> told("metadata").equals("1 of 1"));
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    assertThat(ended(photo, "metadata").path("state").asText()).isEqualTo("done");
  }

  /** Set on another node: that one's request wrote the table, and told nobody here. */
  @Test
  void whatWasSetOnAnotherNodeHoldsHereWithinABeat() {
    database.sql("update queue_workers set workers = 4 where queue = 'metadata'").update();
    eventually("heard", () -> told("metadata").equals("4 of 4"));
  }

  @Test
  void theGeocoderIsAskedByOneWorkerAlone() {
    Api.Answer answer = api.post("/api/queues/geolocation/workers", "{\"workers\":2}");
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.detail()).contains("CARAVEL_NOMINATIM_PERIOD_MS");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"workers\":0}",
        "{\"workers\":65}",
        "{\"workers\":\"2\"}",
        "{\"workers\":1.5}",
        "{}",
        "{\"workers\":2,\"more\":1}",
        "null",
        "2"
      })
  void anythingButANumberOfWorkersIsRefused(String body) {
    Api.Answer answer = api.post("/api/queues/metadata/workers", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(api.post("/api/queues/nobody/workers", "{\"workers\":2}").status()).isEqualTo(404);
  }

  @Test
  void theNodesAreListedWithWhatTheyDo() {
    database
        .sql(
            """
            insert into node_info (node, owner, roles, version, since, heard_at, clock_ms) values
            ('gone-node', 'gone-node/1', 'faces', '0.0.9', timestampadd(day, -1, current_timestamp(3)),
              timestampadd(minute, -30, current_timestamp(3)), 7000),
            ('long-gone', 'long-gone/1', '', '0.0.9', timestampadd(day, -9, current_timestamp(3)),
              timestampadd(minute, -61, current_timestamp(3)), 0)
            """)
        .update();
    eventually(
        "forgotten", () -> count("select count(*) from node_info where node = 'long-gone'") == 0);
    JsonNode gone = node("gone-node");
    assertThat(gone.path("gone").asBoolean()).isTrue();
    assertThat(gone.path("clock_ms").asLong()).isEqualTo(7000);
    assertThat(gone.path("roles").path(0).asText()).isEqualTo("faces");
    JsonNode here = node(environment.getRequiredProperty("caravel.node"));
    assertThat(here.path("gone").asBoolean()).isFalse();
    assertThat(here.path("roles")).hasSize(6);
    assertThat(here.path("version").asText()).isNotBlank();
    assertThat(here.path("clock_ms").asLong()).isBetween(-60_000L, 60_000L);
    database.sql("delete from node_info where node = 'gone-node'").update();
  }

  private JsonNode node(String name) {
    for (JsonNode node : api.get("/api/nodes").json().path("items")) {
      if (node.path("node").asText().equals(name)) {
        return node;
      }
    }
    throw new AssertionError("no node " + name);
  }

  @Test
  void theMetricsTellWhatAnOperatorMustKnow() {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    ended(photo, "metadata");
    database
        .sql(
            "update jobs set state = 'failed', cause = 'a-test', error = 'A test.' where queue = 'metadata' and image_id = :id")
        .param("id", photo)
        .update();
    api.post("/api/queues/faces/pause");
    try {
      eventually(
          "counted",
          () -> metrics().contains("caravel_failures{cause=\"a-test\",queue=\"metadata\"} 1.0"));
      eventually("paused", () -> metrics().contains("caravel_queue_paused{queue=\"faces\"} 1.0"));
      eventually("lives", () -> metrics().matches("(?s).*\ncaravel_nodes [1-9].*"));
      assertThat(metrics())
          .contains(
              "caravel_queue_waiting{queue=\"metadata\"} ",
              "caravel_queue_workers{queue=\"metadata\"} 2.0",
              "caravel_geocoder_requests_total{outcome=\"answered\"} ",
              "caravel_geocoder_requests_total{outcome=\"refused\"} ",
              "caravel_geocoder_requests_total{outcome=\"unreachable\"} ",
              "caravel_uploads_total{outcome=\"accepted\"} ",
              "caravel_uploads_total{outcome=\"exists\"} ",
              "caravel_uploads_total{outcome=\"rejected\"} ")
          .containsPattern("caravel_children\\{tool=\"exiftool\"} [1-9]")
          .containsPattern("caravel_children\\{tool=\"decoder\"} [0-9]")
          .containsPattern("caravel_free_bytes\\{root=\"private\"} [1-9]");
      assertThat(metrics().contains("caravel_database_bytes")).isEqualTo(isEmbedded());
    } finally {
      api.post("/api/queues/faces/resume");
      api.post("/api/failures/replay?cause=a-test");
    }
  }

  boolean isEmbedded() {
    return true;
  }

  private String told(String queue) {
    return String.valueOf(workers.health().getDetails().get(queue));
  }

  private String metrics() {
    return api.get("/actuator/prometheus").text();
  }
}
