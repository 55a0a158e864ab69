package io.caravel.crash;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.crash.Disk.Loss;
import io.caravel.place.StubGeocoder;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
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
import java.util.stream.Stream;

/**
 * Cuts the power at random moments of Caravel's start, work, rest and stop, on the embedded
 * database: kill -9, and what was not synced is gone, all of it or a part. After each cut all that
 * was answered must stand on the disk; at the end everything is let finish, and reckoned.
 */
public final class PowerCuts {
  private static final int PHOTOS_TO_LOOK_AFTER = 60;
  private static final int PHOTOS_A_ROUND = 60;
  private static final int ORDERS_A_ROUND = 40;

  /** When in its life the power goes. */
  private enum Moment {
    UPLOADS,
    STOP,
    BACKLOG,
    REST,
    START
  }

  private final CaravelProcess caravel;
  private final Disk disk;
  private final Home home;
  private final Sender sender;
  private final Curator curator;
  private final Standing standing;
  private final Random random;
  private final List<String> amiss = new ArrayList<>();
  private long startMillis = 8000;

  private PowerCuts(CaravelProcess caravel, Disk disk, long seed) {
    this.caravel = caravel;
    this.disk = disk;
    home = Home.embedded(caravel);
    random = new Random(seed);
    sender = new Sender(new Camera(seed, "seed " + seed), Integer.MAX_VALUE);
    curator = new Curator(sender, seed);
    standing = new Standing(home, sender, curator);
  }

  /** What came of it. */
  record Outcome(int accepted, Map<String, Integer> orders, List<String> findings) {}

  /** So many cuts, each of which loses all or, by turns, a part. */
  static Outcome run(int cuts, List<Loss> losses, long seed) throws Exception {
    try (Disk disk = new Disk();
        StubGeocoder geocoder = new StubGeocoder();
        CaravelProcess caravel = new CaravelProcess(settings(geocoder, disk), disk.mount())) {
      PowerCuts run = new PowerCuts(caravel, disk, seed);
      try {
        Outcome outcome = run.run(cuts, losses);
        if (!outcome.findings().isEmpty()) {
          keepLog(caravel);
        }
        return outcome;
      } catch (Exception | Error e) {
        run.amiss.forEach(System.out::println);
        keepLog(caravel);
        throw e;
      }
    }
  }

  private static Map<String, String> settings(StubGeocoder geocoder, Disk disk) {
    Map<String, String> settings = new HashMap<>(KillRounds.settings(geocoder));
    settings.put("CARAVEL_HOME", disk.root().resolve("data").toString());
    return settings;
  }

  private Outcome run(int cuts, List<Loss> losses) throws Exception {
    caravel.start();
    for (int sent = 0; sent < PHOTOS_TO_LOOK_AFTER; sent += 5) {
      sender.upload(caravel.baseUri(), 5);
    }
    KillRounds.awaitEnded(sender, caravel.baseUri(), home);
    caravel.terminate();
    try (Connection database = home.connect()) {
      curator.prepare(database);
    }
    for (int cut = 1; cut <= cuts; cut++) {
      Moment moment = Moment.values()[(cut - 1) % Moment.values().length];
      Loss loss = losses.get((cut - 1) / Moment.values().length % losses.size());
      workUntil(moment);
      String lost = disk.losePower(loss, random);
      List<String> found = standing.amiss();
      System.out.printf(
          "cut %d in %s, loses %s: %s; %d photos promised, %d dropped, orders %s; amiss %d%n",
          cut,
          moment,
          loss,
          lost,
          sender.promised().size(),
          sender.dropped().size(),
          curator.answered(),
          found.size());
      for (String each : found) {
        System.out.println("  " + each);
        amiss.add("after cut " + cut + ": " + each);
      }
      if (found.stream().anyMatch(each -> each.startsWith("the database"))) {
        break;
      }
    }
    if (amiss.stream().noneMatch(each -> each.contains("the database"))) {
      caravel.start();
      curator.finish(caravel.baseUri());
      KillRounds.awaitEnded(sender, caravel.baseUri(), home);
      caravel.terminate();
      amiss.addAll(Reckoning.of(home, sender, curator, false).findings());
    }
    return new Outcome(sender.promised().size(), curator.answered(), List.copyOf(amiss));
  }

  private void workUntil(Moment moment) throws Exception {
    long launched = System.nanoTime();
    caravel.launch();
    if (moment == Moment.START) {
      caravel.killWithin(startMillis * 5 / 4, random);
      return;
    }
    caravel.awaitReady();
    startMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - launched);
    try (Curator.Shift orders = curator.shift(caravel);
        Load load = new Load(sender, List.of(caravel), PHOTOS_A_ROUND)) {
      orders.begin();
      curator.awaitAnswered(1 + random.nextInt(ORDERS_A_ROUND));
      if (moment == Moment.UPLOADS) {
        load.awaitPromised(1 + random.nextInt(PHOTOS_A_ROUND / 2));
      } else {
        load.awaitSent();
      }
      if (moment == Moment.REST) {
        orders.end();
        awaitRest();
      }
      if (moment == Moment.STOP) {
        ProcessHandle.of(caravel.pid()).ifPresent(ProcessHandle::destroy);
      }
      caravel.killWithin(
          moment == Moment.STOP ? 4000 : moment == Moment.REST ? 15_000 : 1000, random);
    } // after the end: no answer came then
  }

  /** When it compacts and copies its database; one of the queues may be paused. */
  private void awaitRest() {
    await("rest")
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              JsonNode queues = sender.get(caravel.baseUri(), "/api/queues");
              return Stream.of("thumbnails", "metadata")
                  .map(queues::get)
                  .allMatch(each -> each.get("queued").asInt() + each.get("running").asInt() == 0);
            });
  }

  private static void keepLog(CaravelProcess caravel) throws IOException {
    Path log = Files.createTempFile("power-cuts-", ".log");
    Files.writeString(log, caravel.log());
    System.out.println("Caravel's log: " + log);
  }

  /** {@code PowerCuts all|some|both CUTS [SEED]}; exits 1 when something is not as promised. */
  public static void main(String[] arguments) throws Exception {
    List<Loss> losses =
        switch (arguments[0]) {
          case "all" -> List.of(Loss.ALL);
          case "some" -> List.of(Loss.SOME);
          default -> List.of(Loss.ALL, Loss.SOME);
        };
    int cuts = Integer.parseInt(arguments[1]);
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
    long began = System.nanoTime();
    Outcome outcome = run(cuts, losses, seed);
    outcome.findings().stream()
        .filter(each -> !each.startsWith("after cut"))
        .forEach(System.out::println);
    System.out.printf(
        "power cuts %d that lose %s: accepted %d, orders answered %s, amiss %d; seed %d, %d s%n",
        cuts,
        arguments[0],
        outcome.accepted(),
        outcome.orders(),
        outcome.findings().size(),
        seed,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
    System.exit(outcome.findings().isEmpty() ? 0 : 1);
  }
}
