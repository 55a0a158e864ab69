package io.caravel.bench;

import static org.awaitility.Awaitility.await;

import io.caravel.crash.Camera;
import io.caravel.crash.Sender;
import io.caravel.place.StubGeocoder;
import io.caravel.place.StubGeocoder.Reply;
import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two Caravels on one MariaDB ask a geocoder that answers, delays, refuses and drops in turn, while
 * they are killed and started again. The geocoder's own clock tells how close two requests came.
 */
public final class GeocoderPace {
  private static final Duration PERIOD = Duration.ofMillis(200);
  private static final int PER_REQUEST = 20;

  private static final List<Reply> REPLIES =
      List.of(
          StubGeocoder.answer(),
          StubGeocoder.delayed(Duration.ofMillis(150), StubGeocoder.answer()),
          StubGeocoder.drop(),
          StubGeocoder.answer(),
          StubGeocoder.status(503, null),
          StubGeocoder.unable(),
          StubGeocoder.status(429, "1"),
          StubGeocoder.delayed(Duration.ofMillis(400), StubGeocoder.answer()),
          // beyond the response time-out, then beyond the request time-out
          StubGeocoder.delayed(Duration.ofMillis(1200), StubGeocoder.answer()),
          StubGeocoder.answer(),
          StubGeocoder.status(503, "1"),
          StubGeocoder.drip());

  /**
   * What the geocoder saw.
   *
   * @param together requests that came while another was unanswered and its sender still waited
   * @param failed jobs that used up their tries
   * @param closest which two requests came closest, with the kills' times
   */
  record Seen(
      int photos,
      int requests,
      int kills,
      Duration smallestGap,
      int together,
      long failed,
      String closest) {
    boolean asPromised() {
      return smallestGap.compareTo(PERIOD) >= 0 && together == 0;
    }
  }

  private GeocoderPace() {}

  /** {@code GeocoderPace PHOTOS KILLS [SEED]}; exits 1 when the pace was not kept. */
  public static void main(String[] arguments) throws Exception {
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
    long began = System.nanoTime();
    Seen seen = run(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), seed);
    System.out.printf(
        "%d photos, two processes, %d kills, %d requests: smallest gap %.1f ms (period %d ms), two at once %d times, all jobs ended (%d failed after their tries); seed %d, %d s%n",
        seen.photos(),
        seen.kills(),
        seen.requests(),
        seen.smallestGap().toNanos() / 1e6,
        PERIOD.toMillis(),
        seen.together(),
        seen.failed(),
        seed,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
    if (!seen.asPromised()) {
      System.out.println(seen.closest());
    }
    System.exit(seen.asPromised() ? 0 : 1);
  }

  static Seen run(int photos, int kills, long seed) throws Exception {
    MariaDbNode database = MariaDbNode.shared();
    try (StubGeocoder geocoder = new StubGeocoder()) {
      AtomicInteger turn = new AtomicInteger();
      geocoder.usually(
          (out, stub) ->
              REPLIES.get(Math.floorMod(turn.getAndIncrement(), REPLIES.size())).send(out, stub));
      Map<String, String> settings = settings(database, geocoder);
      try (CaravelProcess one = new CaravelProcess(settings)) {
        settings.put("CARAVEL_HOME", one.home().toString());
        try (CaravelProcess other = new CaravelProcess(settings)) {
          return run(List.of(one, other), geocoder, photos, kills, seed);
        }
      }
    }
  }

  private static Seen run(
      List<CaravelProcess> pair, StubGeocoder geocoder, int photos, int kills, long seed)
      throws Exception {
    pair.forEach(CaravelProcess::launch);
    pair.forEach(CaravelProcess::awaitReady);
    Camera camera = new Camera(seed, "pace " + seed, 120, 90, 1);
    Sender sender = new Sender(camera);
    for (int sent = 0; sent < photos; sent += PER_REQUEST) {
      List<Camera.Shot> shots = new ArrayList<>();
      for (int i = sent; i < Math.min(sent + PER_REQUEST, photos); i++) {
        shots.add(camera.shoot());
      }
      if (!sender.send(pair.get(0).baseUri(), shots)) {
        throw new IllegalStateException("no 202 for an upload\n" + pair.get(0).tail());
      }
    }
    Random random = new Random(seed);
    List<Long> killed = new ArrayList<>();
    for (int kill = 1; kill <= kills; kill++) {
      int requests = geocoder.arrivals().size() + 1 + random.nextInt(photos / (kills + 1));
      await("request " + requests)
          .atMost(Duration.ofMinutes(5))
          .pollInterval(Duration.ofMillis(1 + random.nextInt(50)))
          .until(() -> geocoder.arrivals().size() >= requests);
      CaravelProcess victim = pair.get(random.nextInt(pair.size()));
      victim.kill9();
      killed.add(System.nanoTime());
      victim.start();
    }
    long failed =
        Finish.awaitAllEnded(sender, pair.get(0).baseUri(), photos, Duration.ofMinutes(10));
    return seen(geocoder, photos, killed, failed);
  }

  private static Seen seen(StubGeocoder geocoder, int photos, List<Long> killed, long failed) {
    List<StubGeocoder.Arrival> arrivals = new ArrayList<>(geocoder.arrivals());
    arrivals.sort(Comparator.comparingLong(StubGeocoder.Arrival::nanos));
    int closest = 1;
    for (int i = 1; i < arrivals.size(); i++) {
      if (gap(arrivals, i) < gap(arrivals, closest)) {
        closest = i;
      }
    }
    long start = arrivals.get(0).nanos();
    String which =
        "requests %d and %d came closest, %.3f s after the first; kills at %s s: %s"
            .formatted(
                closest,
                closest + 1,
                (arrivals.get(closest).nanos() - start) / 1e9,
                killed.stream().map(kill -> "%.3f".formatted((kill - start) / 1e9)).toList(),
                arrivals.subList(closest - 1, closest + 1));
    return new Seen(
        photos,
        arrivals.size(),
        killed.size(),
        Duration.ofNanos(gap(arrivals, closest)),
        geocoder.together(),
        failed,
        which);
  }

  private static long gap(List<StubGeocoder.Arrival> arrivals, int later) {
    return arrivals.get(later).nanos() - arrivals.get(later - 1).nanos();
  }

  private static Map<String, String> settings(MariaDbNode database, StubGeocoder geocoder) {
    Map<String, String> settings = new HashMap<>();
    settings.put("CARAVEL_DB_URL", database.createDatabase());
    settings.put("CARAVEL_DB_USER", database.user());
    settings.put("CARAVEL_DB_PASSWORD", database.password());
    settings.put("CARAVEL_NOMINATIM_URL", geocoder.url());
    settings.put("CARAVEL_NOMINATIM_PERIOD_MS", String.valueOf(PERIOD.toMillis()));
    settings.put("CARAVEL_NOMINATIM_RESPONSE_TIMEOUT_MS", "700");
    settings.put("CARAVEL_NOMINATIM_REQUEST_TIMEOUT_MS", "2000");
    // A try that failed is due again at once: as many as can be want to ask.
    settings.put("CARAVEL_QUEUE_GEOLOCATION_BACKOFF_SECONDS", "0");
    settings.put("CARAVEL_QUEUE_GEOLOCATION_TRIES", "12");
    settings.put("CARAVEL_QUEUE_INTERRUPTED_SECONDS", "1");
    return settings;
  }
}
