package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.place.StubGeocoder;
import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes, of which one has the file of a step of the user's: its jobs wait for that one. */
class OwnStepOfOneNodeIT {
  private static final String LABELS =
      """
      - route:
          id: labels-make
          from:
            uri: direct:labels-make
            steps:
              - setBody: { constant: { expression: "{\\"label\\": \\"mine\\"}" } }
      """;

  @Test
  void itsJobsWaitForTheNodeThatHasItAndTheOtherSaysSo(@TempDir Path steps) throws Exception {
    Files.writeString(steps.resolve("labels.camel.yaml"), LABELS);
    MariaDbNode database = MariaDbNode.shared();
    String url = database.createDatabase();
    try (StubGeocoder geocoder = new StubGeocoder();
        CaravelProcess with =
            new CaravelProcess(settings(geocoder, database, url, steps, "intake,web"));
        CaravelProcess without =
            new CaravelProcess(
                on(with, settings(geocoder, database, url, steps.resolve("none"), "all")));
        CaravelProcess worker =
            new CaravelProcess(on(with, settings(geocoder, database, url, steps, "labels,web")))) {
      with.launch();
      without.launch();
      with.awaitReady();
      without.awaitReady();
      Sender sender = new Sender(new Camera(7, url));
      assertThat(sender.upload(with.baseUri(), 1)).isTrue();
      await("what the other knows is done")
          .atMost(Duration.ofMinutes(2))
          .until(() -> job(sender, without, "faces").equals("done"));
      JsonNode waits = photo(sender, without).at("/jobs/labels");
      assertThat(waits.path("state").asText()).isEqualTo("queued");
      assertThat(waits.path("waiting").asText())
          .contains("labels.camel.yaml", "a node that has it");
      JsonNode listed = sender.get(without.baseUri(), "/api/queues").path("labels");
      assertThat(listed.path("queued").asInt()).isEqualTo(1);
      assertThat(listed.path("waiting").asText()).contains("labels.camel.yaml");

      worker.start();
      await("the node that has it does it")
          .atMost(Duration.ofMinutes(1))
          .until(() -> job(sender, without, "labels").equals("done"));
      assertThat(photo(sender, without).at("/results/labels/label").asText()).isEqualTo("mine");
    }
  }

  private static JsonNode photo(Sender sender, CaravelProcess node) throws Exception {
    return sender.get(node.baseUri(), "/api/photos/1");
  }

  private static String job(Sender sender, CaravelProcess node, String step) throws Exception {
    return photo(sender, node).at("/jobs/" + step + "/state").asText();
  }

  private static Map<String, String> settings(
      StubGeocoder geocoder, MariaDbNode database, String url, Path steps, String roles) {
    Map<String, String> settings =
        new HashMap<>(KillRounds.settings(KillRounds.settings(geocoder), database, url, ""));
    settings.put("CARAVEL_ROUTES_EXTRA", steps + "/*.camel.yaml");
    settings.put("CARAVEL_ROLES", roles);
    return settings;
  }

  private static Map<String, String> on(CaravelProcess first, Map<String, String> settings) {
    Map<String, String> shared = new HashMap<>(settings);
    shared.put("CARAVEL_HOME", first.home().toString());
    return shared;
  }
}
