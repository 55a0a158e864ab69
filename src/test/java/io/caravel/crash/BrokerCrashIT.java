package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.place.StubGeocoder;
import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import io.caravel.server.RabbitMqNode;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * One Caravel on MariaDB and a broker that is away at first, comes, and dies; at the end every
 * promise is looked for.
 */
@NullUnmarked
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BrokerCrashIT {
  private static final StubGeocoder GEOCODER = new StubGeocoder();
  private static final Sender SENDER = new Sender(new Camera(6, "broker"));

  private static RabbitMqNode broker;
  private static CaravelProcess caravel;
  private static Home home;

  @BeforeAll
  static void startWithoutABroker() {
    broker = new RabbitMqNode();
    MariaDbNode database = MariaDbNode.shared();
    String url = database.createDatabase();
    caravel =
        new CaravelProcess(
            KillRounds.settings(KillRounds.settings(GEOCODER), database, url, broker.uri()));
    home = Home.mariaDb(caravel, database, url);
  }

  @AfterAll
  static void reckon() throws Exception {
    try {
      KillRounds.awaitEnded(SENDER, caravel.baseUri(), home);
      assertThat(caravel.terminate()).isEqualTo(143);
      assertThat(Reckoning.of(home, SENDER).findings()).isEmpty();
    } finally {
      caravel.close();
      broker.close();
      GEOCODER.close();
    }
  }

  @Test
  @Order(1)
  void aBrokerThatIsAwayAtTheStartIsWaitedForWhileUploadsGoOn() throws Exception {
    caravel.start();
    try (Load load = new Load(SENDER, List.of(caravel), 30)) {
      load.awaitSent();
    }
    assertThat(SENDER.promised()).hasSizeGreaterThanOrEqualTo(30);
    assertThat(SENDER.get(caravel.baseUri(), "/api/queues").at("/thumbnails/done").asInt())
        .isZero();
    assertThat(SENDER.get(caravel.baseUri(), "/api/queues").at("/thumbnails/waiting").asText())
        .contains("RabbitMQ cannot be reached");

    broker.start();

    KillRounds.awaitEnded(SENDER, caravel.baseUri(), home);
    assertThat(SENDER.get(caravel.baseUri(), "/api/queues").at("/thumbnails/waiting").isNull())
        .isTrue();
  }

  @Test
  @Order(2)
  void aBrokerThatDiesInMidBacklogAndComesBackLosesNothing() throws Exception {
    for (String queue : KillRounds.QUEUES) {
      broker.awaitOnDisk(queue);
    }
    try (Load load = new Load(SENDER, List.of(caravel), 150)) {
      load.awaitPromised(50);
      broker.kill9();
      load.awaitSent();
      broker.start();
    }

    KillRounds.awaitEnded(SENDER, caravel.baseUri(), home);
    assertThat(SENDER.get(caravel.baseUri(), "/api/failures").get("items")).isEmpty();
  }

  @Test
  @Order(3)
  void fiftyWhoSendTheSamePhotoAtOnceShareOneOnMariaDb() throws Exception {
    assertThat(EmbeddedCrashIT.answersToFiftyAtOnce(SENDER, caravel))
        .containsExactly("accepted 1", "exists 49");
  }
}
