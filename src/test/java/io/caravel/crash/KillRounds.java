package io.caravel.crash;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.place.StubGeocoder;
import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import io.caravel.server.RabbitMqNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Kills Caravel with kill -9 at random moments of its start, of uploads and of a backlog, round
 * after round on the same home, lets it finish what is left, and reckons.
 */
public final class KillRounds {
  private static final int PHOTOS_A_ROUND = 150;
  private static final int PHOTOS_TO_LOOK_AFTER = 40;

  /** When in its life a round kills the program. */
  private enum Moment {
    START,
    UPLOADS,
    BACKLOG
  }

  private final CaravelProcess caravel;
  private final Home home;
  private final Sender sender;
  private final Curator curator;
  private final Standing standing;
  private final List<String> amiss = new ArrayList<>();
  private final Random random;
  private long startMillis = 8000;

  KillRounds(CaravelProcess caravel, Home home, long seed) {
    this.caravel = caravel;
    this.home = home;
    this.random = new Random(seed);
    this.sender = new Sender(new Camera(seed, "seed " + seed));
    this.curator = new Curator(sender, seed);
    this.standing = new Standing(home, sender, curator);
  }

  /** The queues of these rounds: the faces, which take long and want models, have their own. */
  static final List<String> QUEUES = List.of("thumbnails", "metadata", "geolocation");

  /** The settings under which places are asked of this geocoder, twenty a second. */
  static Map<String, String> settings(StubGeocoder geocoder) {
    Map<String, String> settings = new HashMap<>();
    settings.put("CARAVEL_NOMINATIM_URL", geocoder.url());
    settings.put("CARAVEL_NOMINATIM_PERIOD_MS", "50");
    settings.put("CARAVEL_ROLES", "intake,web," + String.join(",", QUEUES));
    return settings;
  }

  /** The settings for private servers, beside those given. */
  static Map<String, String> settings(
      Map<String, String> settings, MariaDbNode database, String url, String brokerUri) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("CARAVEL_DB_URL", url);
    all.put("CARAVEL_DB_USER", database.user());
    all.put("CARAVEL_DB_PASSWORD", database.password());
    if (!brokerUri.isEmpty()) {
      all.put("CARAVEL_RABBITMQ_URI", brokerUri);
    }
    return all;
  }

  /** So many kills, the first in a first start; then all is let finish and the program ended. */
  Reckoning run(int rounds) throws Exception {
    for (int round = 1; round <= rounds; round++) {
      Moment moment = Moment.values()[(round - 1) % Moment.values().length];
      kill(moment);
      for (String each : standing.amiss()) {
        amiss.add("after round " + round + ": " + each);
      }
      System.out.printf(
          "round %d: killed in %s, %d photos promised, %d dropped, orders answered %s%n",
          round, moment, sender.promised().size(), sender.dropped().size(), curator.answered());
      if (round == 1) {
        lookAfter();
      }
    }
    caravel.start();
    curator.finish(caravel.baseUri());
    awaitEnded(sender, caravel.baseUri(), home);
    caravel.terminate();
    Reckoning reckoning = Reckoning.of(home, sender, curator);
    reckoning.lost().addAll(0, amiss);
    return reckoning;
  }

  /** Gives the curator some photos whose jobs have ended. */
  private void lookAfter() throws Exception {
    caravel.start();
    for (int sent = 0; sent < PHOTOS_TO_LOOK_AFTER; sent += 5) {
      sender.upload(caravel.baseUri(), 5);
    }
    awaitEnded(sender, caravel.baseUri(), home);
    caravel.terminate();
    try (Connection database = home.connect()) {
      curator.prepare(database);
    }
  }

  private void kill(Moment moment) throws Exception {
    long launched = System.nanoTime();
    caravel.launch();
    if (moment != Moment.START) {
      caravel.awaitReady();
      startMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - launched);
    }
    try (Curator.Shift orders = curator.shift(caravel);
        Load load = new Load(sender, List.of(caravel), PHOTOS_A_ROUND)) {
      orders.begin();
      if (moment == Moment.BACKLOG) {
        load.awaitSent();
      }
      caravel.killWithin(moment == Moment.START ? startMillis * 5 / 4 : 2500, random);
    }
  }

  /** Waits until the inbox has let go of every file and no job is queued or runs. */
  static void awaitEnded(Sender sender, URI base, Home home) {
    await("the end of all jobs")
        .atMost(Duration.ofMinutes(8))
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptionsMatching(problem -> problem instanceof IOException)
        .until(() -> home.waitingInInbox().isEmpty() && ended(sender, base));
  }

  private static boolean ended(Sender sender, URI base) throws IOException {
    long photos = sender.get(base, "/api/photos?size=1").get("total").asLong();
    JsonNode queues = sender.get(base, "/api/queues");
    for (String name : QUEUES) {
      JsonNode queue = queues.get(name);
      long ended =
          queue.get("done").asLong() + queue.get("skipped").asLong() + queue.get("failed").asLong();
      if (queue.get("queued").asLong() + queue.get("running").asLong() > 0 || ended < photos) {
        return false;
      }
    }
    return true;
  }

  /** {@code KillRounds h2|servers ROUNDS [SEED]}; exits 1 when something is not as promised. */
  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[1]);
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
    long began = System.nanoTime();
    Reckoning reckoning =
        arguments[0].equals("h2") ? onEmbedded(rounds, seed) : onServers(rounds, seed);
    reckoning.findings().forEach(System.out::println);
    System.out.printf(
        "%s: rounds %d, accepted %d, lost %d, doubled %d, torn %d, parked %d, other %d; seed %d, %d s%n",
        arguments[0],
        rounds,
        reckoning.accepted(),
        reckoning.lost().size(),
        reckoning.doubled().size(),
        reckoning.torn().size(),
        reckoning.parked().size(),
        reckoning.others().size(),
        seed,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
    System.exit(reckoning.clean() ? 0 : 1);
  }

  static Reckoning onEmbedded(int rounds, long seed) throws Exception {
    try (StubGeocoder geocoder = new StubGeocoder();
        CaravelProcess caravel = new CaravelProcess(settings(geocoder))) {
      return run(caravel, Home.embedded(caravel), rounds, seed);
    }
  }

  static Reckoning onServers(int rounds, long seed) throws Exception {
    MariaDbNode database = MariaDbNode.shared();
    String url = database.createDatabase();
    String broker = RabbitMqNode.shared().createVirtualHost();
    try (StubGeocoder geocoder = new StubGeocoder();
        CaravelProcess caravel =
            new CaravelProcess(settings(settings(geocoder), database, url, broker))) {
      return run(caravel, Home.mariaDb(caravel, database, url), rounds, seed);
    }
  }

  private static Reckoning run(CaravelProcess caravel, Home home, int rounds, long seed)
      throws Exception {
    try {
      Reckoning reckoning = new KillRounds(caravel, home, seed).run(rounds);
      if (!reckoning.clean()) {
        keepLog(caravel);
      }
      return reckoning;
    } catch (Exception | Error e) {
      keepLog(caravel);
      throw e;
    }
  }

  private static void keepLog(CaravelProcess caravel) throws IOException {
    Path log = Files.createTempFile("kill-rounds-", ".log");
    Files.writeString(log, caravel.log());
    System.out.println("Caravel's log: " + log);
  }
}
