package io.caravel.bench;

import static org.awaitility.Awaitility.await;

import io.caravel.crash.Camera;
import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A database server that is away for minutes, as those outside see it. */
public final class Outage {
  private static final List<String> DOORS =
      List.of(
          "/api/photos",
          "/api/photos/1",
          "/api/queues",
          "/api/people",
          "/api/failures",
          "/api/changes",
          "/api/photos/1/original",
          "/actuator/prometheus",
          "/actuator/health/liveness",
          "/");

  /** Each door is asked by so many at once: who asks one after the other may wait for another. */
  private static final int CALLERS = 4;

  private final int port;
  private final byte[] photo;
  private final Map<String, Seen> answers = new TreeMap<>();
  private final CountDownLatch back = new CountDownLatch(1);

  private Outage(int port, byte[] photo) {
    this.port = port;
    this.photo = photo;
  }

  /** How often, and the longest in ms. */
  private static final class Seen {
    private long times;
    private long worst;

    private void add(long millis) {
      times++;
      worst = Math.max(worst, millis);
    }
  }

  /** {@code Outage MINUTES} */
  public static void main(String[] arguments) throws Exception {
    long seconds = Integer.parseInt(arguments[0]) * 60L;
    Camera camera = new Camera(1, "outage", 640, 480, 1_000_000);
    try (MariaDbNode node = new MariaDbNode()) {
      node.start();
      Map<String, String> settings =
          Map.of(
              "CARAVEL_DB_URL", node.createDatabase(),
              "CARAVEL_DB_USER", node.user(),
              "CARAVEL_DB_PASSWORD", node.password(),
              "CARAVEL_GEOCODING", "off");
      try (CaravelProcess caravel = new CaravelProcess(settings)) {
        caravel.start();
        int port = caravel.baseUri().getPort();
        SlowClients.upload(port, camera.shoot().bytes());
        Outage outage = new Outage(port, camera.shoot().bytes());
        long before = caravel.log().lines().count();
        node.kill9();
        Thread[] callers = new Thread[CALLERS];
        for (int i = 0; i < CALLERS; i++) {
          callers[i] = new Thread(outage::ask, "caller");
          callers[i].start();
        }
        outage.back.await(seconds, TimeUnit.SECONDS);
        outage.back.countDown();
        for (Thread caller : callers) {
          caller.join();
        }
        System.out.printf(
            "away for %d s: %d lines of log%n", seconds, caravel.log().lines().count() - before);
        outage.answers.forEach(
            (what, took) ->
                System.out.printf("  %s: %d, worst %d ms%n", what, took.times, took.worst));
        node.start();
        await("it goes on by itself")
            .atMost(Duration.ofMinutes(2))
            .ignoreExceptions()
            .until(() -> SlowClients.upload(port, camera.shoot().bytes()) == 202);
        System.out.println("it goes on by itself");
      }
    }
    System.exit(0);
  }

  private void ask() {
    try {
      do {
        for (String door : DOORS) {
          note("GET " + door, HttpRequest.newBuilder(uri(door)));
        }
        note("POST /api/photos", SlowClients.uploading(port, photo));
      } while (!back.await(500, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private void note(String what, HttpRequest.Builder request) throws InterruptedException {
    long start = System.nanoTime();
    String told;
    try {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(request.timeout(Duration.ofMinutes(1)).build(), BodyHandlers.ofString());
      told = String.valueOf(answer.statusCode());
      if (answer.statusCode() == 503 && answer.headers().firstValue("Retry-After").isEmpty()) {
        told += " without Retry-After";
      }
      if (answer.body().isEmpty()) {
        told += " without a body";
      }
    } catch (java.io.IOException e) {
      told = e.toString();
    }
    long millis = (System.nanoTime() - start) / 1_000_000;
    synchronized (answers) {
      answers.computeIfAbsent(what + " " + told, any -> new Seen()).add(millis);
    }
  }
}
