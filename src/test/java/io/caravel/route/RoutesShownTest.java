package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.door.Contract;
import io.caravel.job.ShippedSteps;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** The routes as the console shows them: in groups, each with what it does in words. */
class RoutesShownTest extends FlowTest {
  @Autowired CamelContext camel;

  /** As Hawtio makes folders of them: in the order of the groups' first routes. */
  private Map<String, List<String>> groups() {
    return camel.getRoutes().stream()
        .sorted((one, other) -> one.getRouteId().compareTo(other.getRouteId()))
        .collect(
            Collectors.groupingBy(
                route -> String.valueOf(route.getGroup()),
                LinkedHashMap::new,
                Collectors.mapping(Route::getRouteId, Collectors.toList())));
  }

  @Test
  void theFlowComesFirstAndDoorsStandApart() {
    Map<String, List<String>> groups = groups();
    assertThat(groups.keySet())
        .startsWith("flow")
        .containsExactlyInAnyOrder("flow", "steps", "upkeep", "doors");
    assertThat(groups.get("flow")).contains("inbox", "intake", "accept", "enqueue", "feed");
    for (String step : ShippedSteps.NAMES) {
      assertThat(groups.get("steps")).contains(step, step + "-make", step + "-commit");
    }
    assertThat(groups.get("upkeep")).contains("beat", "sweep", "clean");
    assertThat(groups.get("doors")).containsAll(new Contract().operations());
  }

  @Test
  void whatARouteDoesIsToldWithTheSettingsAsTheyAre() {
    for (Route route : camel.getRoutes()) {
      assertThat(route.getDescription()).as(route.getRouteId()).isNotBlank().doesNotContain("{{");
    }
    assertThat(Objects.requireNonNull(camel.getRoute("trash")).getDescription())
        .contains(" 30 days ");
    assertThat(Objects.requireNonNull(camel.getRoute("getJourney")).getDescription())
        .startsWith("GET /api/photos/{id}/journey");
    assertThat(Objects.requireNonNull(camel.getRoute("feed")).getNote())
        .endsWith("feed-queue for each of thumbnails,metadata,geolocation,faces");
  }
}
