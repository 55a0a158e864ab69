package io.caravel.bench;

import io.caravel.crash.Camera;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Many clients that send a byte every four seconds, of a head or of any kind of body, and come
 * again when they are sent away; beside them health is asked and photos are uploaded.
 */
public final class SlowClients implements AutoCloseable {
  private static final long BETWEEN_BYTES = Duration.ofSeconds(4).toNanos();
  private static final Duration ROUND = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final InetSocketAddress door;
  private final List<Drip> drips = new ArrayList<>();
  private final Map<String, Integer> ends = new TreeMap<>();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger connected = new AtomicInteger();

  /** Starts so many. */
  public SlowClients(int port, int clients) {
    door = new InetSocketAddress("127.0.0.1", port);
    for (int i = 0; i < clients; i++) {
      drips.add(new Drip(i));
    }
    clock.scheduleWithFixedDelay(
        () -> drips.forEach(Drip::go), 0, ROUND.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** {@code SlowClients CLIENTS SECONDS} */
  public static void main(String[] arguments) throws Exception {
    int clients = Integer.parseInt(arguments[0]);
    long seconds = Long.parseLong(arguments[1]);
    try (CaravelProcess caravel =
        new CaravelProcess(Map.of("CARAVEL_ROLES", "intake,thumbnails,metadata,web"))) {
      caravel.start();
      int port = caravel.baseUri().getPort();
      Camera camera = new Camera(1, "slow-clients", 640, 480, 1);
      for (int i = 0; i < 20; i++) { // warm
        upload(port, camera.shoot().bytes());
      }
      List<Long> health = new ArrayList<>();
      List<Long> uploads = new ArrayList<>();
      List<String> amiss = new ArrayList<>();
      try (SlowClients slow = new SlowClients(port, clients)) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < end) {
          time(health, amiss, () -> health(port), 200);
          time(uploads, amiss, () -> upload(port, camera.shoot().bytes()), 202);
        }
        System.out.printf(
            Locale.ROOT,
            "%d clients that drip, %d s: they came %d times (%s)%nhealth %s%nuploads %s%n%d amiss%n",
            clients,
            seconds,
            slow.connected(),
            slow.ends(),
            told(health),
            told(uploads),
            amiss.size());
      }
      amiss.stream().limit(10).forEach(System.out::println);
      System.out.println(
          Files.readString(Path.of("/proc/" + caravel.pid() + "/status"))
              .lines()
              .filter(line -> line.matches("(VmHWM|Threads):.*"))
              .map(line -> line.replaceAll("\\s+", " "))
              .toList());
      long said =
          caravel.log().lines().filter(line -> line.matches(".* (ERROR|WARN) .*|\tat .*")).count();
      System.out.printf("%d lines of warnings, errors or stacks%n", said);
    }
  }

  private static void time(List<Long> took, List<String> amiss, Callable<Integer> ask, int right) {
    long start = System.nanoTime();
    try {
      int status = ask.call();
      if (status != right) {
        amiss.add("status " + status);
      }
    } catch (Exception e) {
      amiss.add(e.toString());
    }
    took.add(System.nanoTime() - start);
  }

  private static String told(List<Long> nanos) {
    Collections.sort(nanos);
    return "%d: median %d ms, p99 %d ms, worst %d ms"
        .formatted(
            nanos.size(),
            nanos.get(nanos.size() / 2) / 1_000_000,
            nanos.get(nanos.size() * 99 / 100) / 1_000_000,
            nanos.get(nanos.size() - 1) / 1_000_000);
  }

  /** A connection of its own each time, as of a client that is new. */
  private static HttpResponse<Void> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient()
        .send(request.timeout(PATIENCE).build(), BodyHandlers.discarding());
  }

  /** The status of liveness. */
  public static int health(int port) throws Exception {
    return send(HttpRequest.newBuilder(uri(port, "/actuator/health/liveness"))).statusCode();
  }

  /** The status of an upload. */
  public static int upload(int port, byte[] photo) throws Exception {
    return send(uploading(port, photo)).statusCode();
  }

  static HttpRequest.Builder uploading(int port, byte[] photo) {
    String head =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n";
    return HttpRequest.newBuilder(uri(port, "/api/photos"))
        .header("Content-Type", "multipart/form-data; boundary=b")
        .POST(
            BodyPublishers.concat(
                BodyPublishers.ofString(head),
                BodyPublishers.ofByteArray(photo),
                BodyPublishers.ofString("\r\n--b--\r\n")));
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** How many connections there were. */
  public int connected() {
    return connected.get();
  }

  /** How they were ended, each with its number: the status that came, or "closed". */
  public Map<String, Integer> ends() {
    synchronized (ends) {
      return new TreeMap<>(ends);
    }
  }

  @Override
  public void close() {
    clock.shutdown();
    try {
      if (!clock.awaitTermination(1, TimeUnit.MINUTES)) {
        throw new IllegalStateException("The dripping does not end");
      }
      drips.forEach(Drip::close);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Drip {
    private static final List<String> HEADS =
        List.of(
            "POST /api/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{",
            "POST /api/photos HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 500000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n",
            "POST /compare HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 3000000\r\n\r\n{",
            "POST /encode HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5000\r\n--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");

    private final String head;
    private final ByteBuffer answer = ByteBuffer.allocate(4096);
    private @Nullable SocketChannel socket;
    private long next;

    Drip(int number) {
      head = HEADS.get(number % HEADS.size());
      next = System.nanoTime() + number % 40 * (BETWEEN_BYTES / 40);
    }

    void go() {
      long now = System.nanoTime();
      if (now < next) {
        return;
      }
      try {
        SocketChannel mine = socket == null ? connect() : socket;
        answer.clear();
        int read = mine.read(answer);
        if (read != 0) {
          ended(
              read < 0
                  ? "closed"
                  : new String(answer.array(), 0, Math.min(read, 12), StandardCharsets.US_ASCII)
                      .replaceAll("HTTP/1.1 ", ""));
          return;
        }
        mine.write(ByteBuffer.wrap(new byte[] {'a'}));
        next = now + BETWEEN_BYTES;
      } catch (IOException e) {
        ended("closed");
      }
    }

    private SocketChannel connect() throws IOException {
      SocketChannel fresh = SocketChannel.open(door);
      socket = fresh;
      connected.incrementAndGet();
      fresh.configureBlocking(false);
      fresh.write(StandardCharsets.US_ASCII.encode(head));
      return fresh;
    }

    private void ended(String how) {
      synchronized (ends) {
        ends.merge(how, 1, Integer::sum);
      }
      close();
      next = System.nanoTime();
    }

    void close() {
      SocketChannel mine = socket;
      socket = null;
      if (mine != null) {
        try {
          mine.close();
        } catch (IOException e) {
          // It is gone.
        }
      }
    }
  }
}
