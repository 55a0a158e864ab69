package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravel.place.StubGeocoder;
import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import io.caravel.server.RabbitMqNode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two nodes on one database and one home; one is killed and never comes back. */
class TwoNodesIT {
  @Test
  void theOtherNodeFinishesWhatAKilledOneHadWithoutABroker() throws Exception {
    theOtherFinishes("");
  }

  @Test
  void theOtherNodeFinishesWhatAKilledOneHadWithABroker() throws Exception {
    theOtherFinishes(RabbitMqNode.shared().createVirtualHost());
  }

  private static void theOtherFinishes(String broker) throws Exception {
    MariaDbNode database = MariaDbNode.shared();
    String url = database.createDatabase();
    try (StubGeocoder geocoder = new StubGeocoder();
        CaravelProcess killed = new CaravelProcess(settings(geocoder, database, url, broker));
        CaravelProcess other =
            new CaravelProcess(on(killed, settings(geocoder, database, url, broker)))) {
      killed.launch();
      other.launch();
      killed.awaitReady();
      other.awaitReady();
      Home home = Home.mariaDb(killed, database, url);
      Sender sender = new Sender(new Camera(7, url));
      try (Load load = new Load(sender, List.of(other, killed), 200)) {
        load.awaitPromised(80);
        killed.kill9();
        sender.leaveHalfAccepted(home);
        load.awaitPromised(180);
      }

      await("nothing left of the killed node")
          .atMost(Duration.ofMinutes(1))
          .until(() -> nodes(home) == 1 && Home.files(home.incoming()).isEmpty());
      KillRounds.awaitEnded(sender, other.baseUri(), home);
      assertThat(Reckoning.of(home, sender).findings()).isEmpty();
      assertThat(sender.promised()).hasSizeGreaterThanOrEqualTo(180);
    }
  }

  private static int nodes(Home home) throws Exception {
    try (Connection connection = home.connect();
        ResultSet row = connection.createStatement().executeQuery("select count(*) from nodes")) {
      row.next();
      return row.getInt(1);
    }
  }

  /** A node is gone sooner than in earnest. */
  private static Map<String, String> settings(
      StubGeocoder geocoder, MariaDbNode database, String url, String broker) {
    Map<String, String> settings =
        new HashMap<>(KillRounds.settings(KillRounds.settings(geocoder), database, url, broker));
    settings.put("CARAVEL_UPKEEP_BEAT_SECONDS", "2");
    settings.put("CARAVEL_UPKEEP_GONE_SECONDS", "8");
    settings.put("CARAVEL_UPKEEP_SWEEP_SECONDS", "2");
    return settings;
  }

  private static Map<String, String> on(CaravelProcess first, Map<String, String> settings) {
    Map<String, String> shared = new HashMap<>(settings);
    shared.put("CARAVEL_HOME", first.home().toString());
    return shared;
  }
}
