package io.caravel.bench;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.crash.Camera;
import io.caravel.photo.DrawnPng;
import io.caravel.server.CaravelProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Whatever comes in from a bad street at once, and somebody honest beside it: clients that drip or
 * go away, guesses at the log-in, bombs, bodies that are not what they say. The first half of the
 * time without a log-in, the second with one, on one home.
 */
public final class HostileHour {
  private static final String TOKEN = "the-honest-one-of-this-measurement";
  private static final int DRIPPING = 200;
  private static final int PATIENCE_MS = 60_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final CaravelProcess caravel;
  private final boolean loggedIn;
  private final Camera camera;
  private final List<Long> accepted;
  private final long seconds;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> amiss = new ConcurrentLinkedQueue<>();
  private final Map<String, List<Long>> took = new TreeMap<>();
  private final AtomicLong most = new AtomicLong();
  private final List<byte[]> bombs;

  private HostileHour(
      CaravelProcess caravel,
      boolean loggedIn,
      Camera camera,
      List<byte[]> bombs,
      List<Long> accepted,
      long seconds) {
    this.caravel = caravel;
    this.bombs = bombs;
    this.loggedIn = loggedIn;
    this.camera = camera;
    this.accepted = accepted;
    this.seconds = seconds;
  }

  /** {@code HostileHour MINUTES}. */
  public static void main(String[] arguments) throws Exception {
    long half = Integer.parseInt(arguments[0]) * 30L;
    Path home = Files.createTempDirectory("hostile");
    Path tokens = Files.writeString(home.resolve("tokens"), "honest " + sha256(TOKEN) + " *\n");
    Camera camera = new Camera(1, "hostile", 640, 480, 7);
    List<byte[]> bombs = bombs();
    List<Long> accepted = new ArrayList<>();
    Map<String, String> open =
        new TreeMap<>(Map.of("CARAVEL_HOME", home.toString(), "CARAVEL_GEOCODING", "off"));
    Map<String, String> closed = new TreeMap<>(open);
    closed.put("CARAVEL_USER", "anna");
    closed.put("CARAVEL_PASSWORD", "correct horse battery");
    closed.put("CARAVEL_TOKENS", tokens.toString());
    int wrong = 0;
    for (Map<String, String> settings : List.of(open, closed)) {
      boolean loggedIn = settings == closed;
      System.out.println(loggedIn ? "With a log-in:" : "Without a log-in:");
      try (CaravelProcess caravel = new CaravelProcess(settings)) {
        caravel.start();
        HostileHour hour = new HostileHour(caravel, loggedIn, camera, bombs, accepted, half);
        hour.run();
        wrong += hour.report();
        if (loggedIn) {
          hour.reckon();
        }
        caravel.terminate();
        String log = caravel.log();
        System.out.printf(
            "log %d kB, %d lines of errors or stacks%n",
            log.length() / 1000,
            log.lines().filter(line -> line.matches(".* ERROR .*|\tat .*")).count());
        log
            .lines()
            .filter(line -> line.matches(".* (ERROR|WARN) .*"))
            .collect(
                Collectors.groupingBy(
                    line -> line.replaceAll("^\\S+ ", "").replaceAll("[0-9a-f-]{6,}|\\d+", "#"),
                    Collectors.counting()))
            .entrySet()
            .stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .limit(12)
            .forEach(line -> System.out.println("  " + line.getValue() + " x " + line.getKey()));
      }
    }
    System.exit(wrong == 0 ? 0 : 1);
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private interface Deed {
    void run(Random random) throws Exception;
  }

  private void run() throws Exception {
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(again("broken off", 100, this::breakOff));
      all.add(again("malformed", 100, this::malformed));
    }
    for (int i = 0; i < 4; i++) {
      all.add(again("guess", 50, this::guess));
    }
    all.add(again("bomb", 20_000, this::bomb));
    all.add(again("honest upload", 500, random -> timed("upload", this::upload)));
    all.add(again("honest look", 500, random -> timed("look", () -> look(random))));
    all.add(again("liveness", 500, random -> timed("liveness", this::liveness)));
    all.add(
        again(
            "memory",
            200,
            random ->
                most.accumulateAndGet(BombsBench.kilobytes(caravel.pid()) / 1024, Math::max)));
    try (SlowClients slow = new SlowClients(port(), DRIPPING)) {
      over.await(seconds, TimeUnit.SECONDS); // nobody ends it sooner
      over.countDown();
      for (Thread each : all) {
        each.join();
      }
      System.out.printf(
          "%d dripping clients came %d times: %s%n", DRIPPING, slow.connected(), slow.ends());
    }
  }

  /** Does it until the end, with a rest of up to twice so many ms, on average that. */
  private Thread again(String name, int restMs, Deed deed) {
    Random random = new Random(name.hashCode() + Thread.activeCount());
    Thread thread =
        new Thread(
            () -> {
              try {
                do {
                  try {
                    deed.run(random);
                  } catch (Exception e) {
                    amiss.add(name + ": " + e);
                  }
                  count(name);
                } while (!over.await(random.nextInt(2 * restMs), TimeUnit.MILLISECONDS));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.start();
    return thread;
  }

  private void count(String what) {
    counts.computeIfAbsent(what, name -> new AtomicLong()).incrementAndGet();
  }

  private int port() {
    return caravel.baseUri().getPort();
  }

  private interface Ask {
    HttpResponse<String> send() throws Exception;
  }

  private void timed(String what, Ask ask) throws Exception {
    long start = System.nanoTime();
    HttpResponse<String> answer = ask.send();
    long nanos = System.nanoTime() - start;
    synchronized (took) {
      took.computeIfAbsent(what, name -> new ArrayList<>()).add(nanos);
    }
    if (answer.statusCode() >= 300) {
      amiss.add(what + " was answered " + answer.statusCode() + ": " + answer.body());
    }
  }

  private HttpResponse<String> ask(HttpRequest.Builder request) throws Exception {
    if (loggedIn) {
      request.header("Authorization", "Bearer " + TOKEN);
    }
    return HttpClient.newHttpClient()
        .send(request.timeout(Duration.ofMillis(PATIENCE_MS)).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
  }

  private HttpRequest.Builder sending(String filename, byte[] bytes) {
    return to("/api/photos")
        .header("Content-Type", "multipart/form-data; boundary=b")
        .POST(
            BodyPublishers.ofByteArrays(
                List.of(
                    part(filename).getBytes(StandardCharsets.UTF_8),
                    bytes,
                    "\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII))));
  }

  private static String part(String filename) {
    return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n"
        .formatted(filename);
  }

  private HttpResponse<String> upload() throws Exception {
    Camera.Shot shot = camera.shoot();
    HttpResponse<String> answer = ask(sending(shot.filename(), shot.bytes()));
    JsonNode photo = JSON.readTree(answer.body()).path("photos").path(0);
    if (photo.path("sha256").asText().equals(shot.sha256())) {
      accepted.add(photo.path("id").asLong());
    } else {
      amiss.add("upload: it is not this photo's answer: " + answer.body());
    }
    return answer;
  }

  private HttpResponse<String> look(Random random) throws Exception {
    List<String> doors =
        List.of("/api/photos?size=50", "/api/timeline", "/api/queues", "/api/people", "/");
    return ask(to(doors.get(random.nextInt(doors.size()))));
  }

  private HttpResponse<String> liveness() throws Exception {
    return ask(to("/actuator/health/liveness"));
  }

  /** A photo of 3 MB is announced, a part of it sent, and then nobody is there any more. */
  private void breakOff(Random random) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port())) {
      socket.setSoTimeout(PATIENCE_MS);
      byte[] sent = new byte[random.nextInt(300_000)];
      random.nextBytes(sent);
      socket
          .getOutputStream()
          .write(
              ("POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 3000000\r\n\r\n"
                          .formatted(
                              random.nextBoolean() ? "/api/photos" : "/encode",
                              authorization(random))
                      + part("gone.jpg"))
                  .getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(sent);
      if (random.nextBoolean()) {
        socket.setSoLinger(true, 0);
      }
    } catch (java.net.SocketException refused) {
      // Sent away before its body, or in the midst of it: as well.
    }
  }

  /** Right, wrong or none. */
  private String authorization(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> loggedIn ? "Authorization: Bearer " + TOKEN + "\r\n" : "";
      case 1 -> "Authorization: Bearer wrong" + random.nextInt() + "\r\n";
      default -> "";
    };
  }

  private void guess(Random random) throws Exception {
    String guessed = "guess" + random.nextInt(100_000);
    switch (random.nextInt(3)) {
      case 0 ->
          raw(
              "POST /login HTTP/1.1",
              "Content-Type: application/x-www-form-urlencoded\r\n",
              ("username=anna&password=" + guessed).getBytes(StandardCharsets.US_ASCII));
      case 1 ->
          raw(
              "GET /api/photos HTTP/1.1",
              "Authorization: Basic "
                  + java.util.Base64.getEncoder()
                      .encodeToString(("anna:" + guessed).getBytes(StandardCharsets.UTF_8))
                  + "\r\n",
              new byte[0]);
      default ->
          raw("GET /api/photos HTTP/1.1", "Authorization: Bearer " + guessed + "\r\n", new byte[0]);
    }
  }

  private void malformed(Random random) throws Exception {
    byte[] noise = new byte[random.nextInt(2_000)];
    random.nextBytes(noise);
    byte[] jpeg = camera.shoot().bytes();
    String json = "Content-Type: application/json\r\n";
    String form = "Content-Type: multipart/form-data; boundary=b\r\n";
    String right = loggedIn ? "Authorization: Bearer " + TOKEN + "\r\n" : "";
    switch (random.nextInt(13)) {
      case 0 -> raw("POST /api/photos HTTP/1.1", right + json, jpeg);
      case 1 -> raw("POST /api/decisions HTTP/1.1", right + json, noise);
      case 2 -> raw("POST /compare HTTP/1.1", right + json, noise);
      case 3 -> raw("POST /api/photos HTTP/1.1", right + form, noise);
      case 4 ->
          raw("POST /api/photos HTTP/1.1", right + "Content-Type: multipart/form-data\r\n", jpeg);
      case 5 ->
          raw(
              "POST /encode HTTP/1.1",
              right + "Content-Type: application/x-www-form-urlencoded\r\n",
              noise);
      case 6 ->
          raw(
              "POST /api/photos HTTP/1.1",
              right + form,
              join(
                  part("a\0\u0001b.jpg").getBytes(StandardCharsets.UTF_8),
                  noise,
                  "\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII)));
      case 7 -> raw("GET /api/photos?q[]=%zz HTTP/1.1", right, new byte[0]);
      case 8 -> raw("GET /api%2fphotos HTTP/1.1", right, new byte[0]);
      case 9 -> raw("TRACE / HTTP/1.1", right, new byte[0]);
      case 10 ->
          raw(
              "GET /api/photos HTTP/1.1",
              right + "X-Long: " + "x".repeat(30_000) + "\r\n",
              new byte[0]);
      case 11 ->
          raw(
              "POST /api/photos HTTP/1.1",
              right + form,
              (part("a.jpg") + "no end").getBytes(StandardCharsets.US_ASCII));
      default -> {
        ByteArrayOutputStream parts = new ByteArrayOutputStream();
        for (int i = 0; i < 10_001; i++) {
          parts.writeBytes(
              "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nv\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
        }
        parts.writeBytes("--b--\r\n".getBytes(StandardCharsets.US_ASCII));
        raw("POST /api/photos HTTP/1.1", right + form, parts.toByteArray());
      }
    }
  }

  /** Made once: to pack them takes longer than to send them. */
  private static List<byte[]> bombs() throws IOException {
    DrawnPng texts = new DrawnPng(8, 8);
    byte[] small = DrawnPng.packed(60);
    for (int text = 0; text < 40; text++) {
      texts.chunk("zTXt", DrawnPng.latin("Text" + text + "\0\0"), small);
    }
    return List.of(
        new DrawnPng(30_000, 30_000).pixels().end(),
        BombsBench.gif(10_000),
        BombsBench.tiff(),
        new DrawnPng(8, 8)
            .chunk("zTXt", DrawnPng.latin("Comment\0\0"), DrawnPng.packed(1500))
            .pixels()
            .end(),
        texts.pixels().end());
  }

  /** Each has bytes of its own, by what stands behind its end. */
  private void bomb(Random random) throws Exception {
    byte[] mark = DrawnPng.latin("Comment" + random.nextInt(1_000_000));
    byte[] bytes = join(bombs.get(random.nextInt(bombs.size())), mark);
    HttpResponse<String> answer = ask(sending("bomb.png", bytes));
    if (answer.statusCode() >= 500 || answer.body().isEmpty()) {
      amiss.add("bomb was answered " + answer.statusCode() + ": " + answer.body());
    }
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** An answer that is not refusing, is empty or tells of a fault of ours is amiss. */
  private void raw(String line, String headers, byte[] body) throws IOException {
    String status;
    String answer;
    try (Socket socket = new Socket("127.0.0.1", port())) {
      socket.setSoTimeout(PATIENCE_MS);
      String length = body.length > 0 ? "Content-Length: " + body.length + "\r\n" : "";
      byte[] head =
          "%s\r\nHost: localhost\r\nConnection: close\r\n%s%s\r\n"
              .formatted(line, headers, length)
              .getBytes(StandardCharsets.ISO_8859_1);
      try {
        socket.getOutputStream().write(join(head, body));
      } catch (java.net.SocketException refused) {
        // Answered before it had all: the answer is there all the same, if nothing was lost of it.
      }
      InputStream in = socket.getInputStream();
      answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (java.net.SocketException reset) {
      count("reset after a refusal");
      return;
    }
    status = answer.length() < 12 ? "none" : answer.substring(9, 12);
    count("answered " + status);
    int bodyAt = answer.indexOf("\r\n\r\n");
    boolean empty = bodyAt < 0 || bodyAt + 4 == answer.length();
    boolean redirect = status.equals("302") || status.equals("303");
    if (status.equals("500") || status.equals("none") || empty && !redirect) {
      amiss.add(line + " was answered " + answer);
    }
  }

  private int report() {
    System.out.println(counts);
    took.forEach(
        (what, nanos) -> {
          Collections.sort(nanos);
          System.out.printf(
              "%s: %d, median %d ms, p99 %d ms, worst %d ms%n",
              what,
              nanos.size(),
              nanos.get(nanos.size() / 2) / 1_000_000,
              nanos.get(nanos.size() * 99 / 100) / 1_000_000,
              nanos.get(nanos.size() - 1) / 1_000_000);
        });
    System.out.printf("at most %d MB with all children, %d amiss%n", most.get(), amiss.size());
    amiss.stream().limit(15).forEach(each -> System.out.println("  " + shortened(each)));
    return amiss.size();
  }

  private static String shortened(String text) {
    return text.substring(0, Math.min(400, text.length())).replaceAll("\\s+", " ");
  }

  /** Waits for the work of all honest photos, and tells what did not become of them. */
  private void reckon() throws Exception {
    long undone = 0;
    for (long id : accepted) {
      String state =
          await("the jobs of photo " + id)
              .atMost(Duration.ofMinutes(60))
              .until(() -> state(id), now -> !now.matches("queued|running"));
      if (!state.equals("done")) {
        undone++;
        System.out.println("  photo " + id + " is " + state);
      }
    }
    System.out.printf("%d honest photos, of %d not all is done%n", accepted.size(), undone);
  }

  private String state(long id) throws Exception {
    JsonNode jobs = JSON.readTree(ask(to("/api/photos/" + id)).body()).path("jobs");
    String worst = jobs.isEmpty() ? "without jobs" : "done";
    for (JsonNode job : jobs) {
      String state = job.path("state").asText();
      if (!state.matches("done|skipped")) {
        worst = state;
      }
    }
    return worst;
  }
}
