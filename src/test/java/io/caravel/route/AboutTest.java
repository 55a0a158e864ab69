package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.door.About;
import io.caravel.request.Request;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code doors.camel.yaml}: what the program tells of itself. */
class AboutTest extends FlowTest {
  @Autowired About about;

  private JsonNode told() {
    return api.get("/api/about").json();
  }

  private static Iterable<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asText).toList();
  }

  @Test
  void theProgramTellsItsVersionItsLimitsAndItsPlace() {
    JsonNode told = told();
    assertThat(told.path("version").asText()).matches("\\d+\\.\\d+.*");
    assertThat(told.path("node").asText())
        .isEqualTo(environment.getRequiredProperty("caravel.node"));
    assertThat(told.path("inbox").asText()).isEqualTo(inbox().toString());
    assertThat(texts(told.path("thumbnails"))).containsExactly("cover-300x300", "scale-1600x1600");
    assertThat(told.path("max_upload_mb").asInt()).isEqualTo(8);
    assertThat(told.path("trash_days").asInt()).isEqualTo(30);
    assertThat(told.path("face_threshold").asDouble()).isEqualTo(0.6);
    assertThat(told.path("geocoding").asBoolean()).isTrue();
    assertThat(told.at("/nominatim/url").asText()).isEqualTo(GEOCODER.url());
    assertThat(told.at("/nominatim/period_ms").asInt()).isEqualTo(5);
    assertThat(texts(told.path("roles")))
        .containsExactly("intake", "thumbnails", "metadata", "geolocation", "faces", "web");
  }

  @Test
  void theUserIsWhoeverLoggedInWhereThereIsALogIn() {
    assertThat(told().path("user").isNull()).isTrue();
    set("caravel.user", "anna");
    assertThat(about.told(new Request(Map.of(), null, "anna")).user()).isEqualTo("anna");
  }

  @Test
  void whatThisNodeDoesNotDoIsNotAmongItsRoles() {
    set("caravel.role.faces", false);
    set("caravel.geocoding", "off");
    assertThat(texts(told().path("roles"))).doesNotContain("faces").contains("web");
    assertThat(told().path("geocoding").asBoolean(true)).isFalse();
  }

  @Test
  void thePhotosInTheTrashDoNotCount() {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    long photos = told().path("photos").asLong();
    api.delete("/api/photos/" + photo);
    assertThat(told().path("photos").asLong()).isEqualTo(photos - 1);
  }
}
