package io.caravel.bench;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.caravel.crash.Camera;
import io.caravel.crash.Sender;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.util.FileSystemUtils;

/**
 * A step of the user's, {@code examples/steps/captions.camel.yaml}, against a server that fails a
 * third of the time: two in three of those answer 503, the others end without an answer.
 */
public final class OwnStep {
  private static final Duration LONGEST = Duration.ofHours(2);

  private OwnStep() {}

  /** {@code OwnStep PHOTOS [SEED]}. */
  public static void main(String[] arguments) throws Exception {
    int photos = Integer.parseInt(arguments[0]);
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
    Path steps = Files.createTempDirectory("own-step");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    Captioner captioner = new Captioner(seed);
    server.createContext("/caption", captioner::answer);
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.start();
    Files.writeString(
        steps.resolve("captions.camel.yaml"),
        Files.readString(Path.of("examples/steps/captions.camel.yaml"))
            .replace("127.0.0.1:8090", "127.0.0.1:" + server.getAddress().getPort()));
    Map<String, String> settings =
        Map.of(
            "CARAVEL_ROLES", "intake,captions,web",
            "CARAVEL_ROUTES_EXTRA", steps + "/*.camel.yaml",
            "CARAVEL_STEPS_CAPTIONS_WORKERS", "4",
            "CARAVEL_STEPS_CAPTIONS_BACKOFF_SECONDS", "1");
    boolean asPromised;
    try (CaravelProcess caravel = new CaravelProcess(settings)) {
      caravel.start();
      long begun = System.nanoTime();
      Camera camera = new Camera(1, "own-step", 120, 90, Integer.MAX_VALUE);
      Sender sender = new Sender(camera);
      FlowCpu.upload(caravel, sender, camera, photos);
      long parked = ended(sender, caravel, photos);
      for (long left = parked; left > 0; left = ended(sender, caravel, photos)) {
        sender.post(caravel.baseUri(), "/api/failures/replay?queue=captions");
      }
      long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
      caravel.terminate();
      try (Connection database = Library.Place.of("embedded", caravel.home()).connect()) {
        asPromised = reckon(database, captioner, photos, parked, seconds, seed);
      }
    } finally {
      server.stop(0);
      FileSystemUtils.deleteRecursively(steps);
    }
    System.exit(asPromised ? 0 : 1);
  }

  /** Waits until no job of the step is to be done; returns how many are parked. */
  private static long ended(Sender sender, CaravelProcess caravel, int photos) {
    long[] failed = new long[1];
    await("the end of all captions")
        .atMost(LONGEST)
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptionsMatching(problem -> problem instanceof IOException)
        .until(
            () -> {
              JsonNode queue = sender.get(caravel.baseUri(), "/api/queues").path("captions");
              failed[0] = queue.path("failed").asLong();
              return queue.path("queued").asLong() + queue.path("running").asLong() == 0
                  && queue.path("done").asLong() + failed[0] == photos;
            });
    return failed[0];
  }

  private static boolean reckon(
      Connection database, Captioner server, int photos, long parked, long seconds, long seed)
      throws SQLException {
    long lost =
        photos
            - count(
                database,
                """
                select count(*) from images i join results r on r.image_id = i.id and r.step = 'captions'
                join jobs j on j.image_id = i.id and j.queue = 'captions' and j.state = 'done'
                """);
    long doubled =
        count(
            database,
            """
            select coalesce(sum(ends - 1), 0) from (select count(*) as ends from journey
              where step = 'captions' and outcome = 'done' group by image_id) ends_of
            """);
    long told =
        count(
            database,
            """
            select count(*) from journey where step = 'captions' and outcome in ('retry', 'failed')
              and cause in ('captions-failed', 'step-unreachable') and sentence <> ''
            """);
    long amiss =
        count(
            database,
            "select count(*) from journey where step = 'captions' and outcome not in ('done', 'retry', 'failed')");
    long unexplained = Math.abs(server.failed() - told) + amiss;
    System.out.printf(
        "%d photos, seed %d: the server was asked %d times and failed %d (%.0f %%); %d parked after three tries and replayed; %d lost, %d doubled, %d unexplained (%d s)%n",
        photos,
        seed,
        server.asked(),
        server.failed(),
        100.0 * server.failed() / server.asked(),
        parked,
        lost,
        doubled,
        unexplained,
        seconds);
    return lost == 0 && doubled == 0 && unexplained == 0;
  }

  private static long count(Connection database, String sql) throws SQLException {
    try (Statement question = database.createStatement();
        ResultSet answer = question.executeQuery(sql)) {
      answer.next();
      return answer.getLong(1);
    }
  }

  /** Answers as examples/steps/Captioner.java does, or fails. */
  private static final class Captioner {
    private final Random random;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();

    private Captioner(long seed) {
      random = new Random(seed);
    }

    private void answer(HttpExchange exchange) throws IOException {
      int bytes = exchange.getRequestBody().readAllBytes().length;
      asked.incrementAndGet();
      int drawn = random.nextInt(9);
      if (drawn < 3) {
        failed.incrementAndGet();
        if (drawn < 2) {
          exchange.sendResponseHeaders(503, -1);
        }
        exchange.close();
        return;
      }
      byte[] json = "{\"caption\": \"%d bytes\"}".formatted(bytes).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, json.length);
      exchange.getResponseBody().write(json);
      exchange.close();
    }

    private int asked() {
      return asked.get();
    }

    private int failed() {
      return failed.get();
    }
  }
}
