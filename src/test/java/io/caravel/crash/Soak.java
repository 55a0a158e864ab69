package io.caravel.crash;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.place.StubGeocoder;
import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import io.caravel.server.RabbitMqNode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Photos at a steady rate while all weather passes over the program: a geocoder, a broker and a
 * database that go away and come back, a disk that fills twice, children and the program itself
 * killed. Nobody mends anything by hand; in the end everything accepted must be complete.
 */
public final class Soak {
  private static final int UPLOAD_EVERY_MS = 2000; // two photos
  private static final int DROP_EVERY_MS = 7000; // one
  private static final int MOST_LOG_LINES = 100;

  /** What is done to the program, and for which part of the whole time. */
  private record Weather(double begin, double length, String name, Deed come, Deed go) {}

  @FunctionalInterface
  private interface Deed {
    void run() throws Exception;
  }

  private final Duration time;
  private final CaravelProcess caravel;
  private final @Nullable MariaDbNode database;
  private final @Nullable RabbitMqNode broker;
  private final Home home;
  private final Sender sender = new Sender(new Camera(15, "soak"), Integer.MAX_VALUE);
  private final Path filler;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private StubGeocoder geocoder;
  private volatile boolean diskFull;
  private volatile boolean killed;
  private volatile boolean sending = true;
  private volatile int restarts;
  private volatile long mostKilobytes;

  private Soak(
      Duration time,
      Path disk,
      StubGeocoder geocoder,
      @Nullable MariaDbNode database,
      @Nullable RabbitMqNode broker) {
    this.time = time;
    this.geocoder = geocoder;
    this.database = database;
    this.broker = broker;
    filler = disk.resolve("filler");
    Map<String, String> settings = new HashMap<>(KillRounds.settings(geocoder));
    settings.put("CARAVEL_HOME", disk.resolve("data").toString());
    if (database == null || broker == null) {
      caravel = new CaravelProcess(settings);
      home = Home.embedded(caravel);
    } else {
      String url = database.createDatabase();
      caravel = new CaravelProcess(KillRounds.settings(settings, database, url, broker.uri()));
      home = Home.mariaDb(caravel, database, url);
    }
  }

  /** {@code Soak h2|servers MINUTES DISK}: DISK is a small file system of its own, else "none". */
  public static void main(String[] arguments) throws Exception {
    Duration time = Duration.ofSeconds(Math.round(60 * Double.parseDouble(arguments[1])));
    boolean servers = arguments[0].equals("servers");
    Path disk =
        arguments[2].equals("none")
            ? Files.createTempDirectory("caravel-soak-")
            : Path.of(arguments[2]);
    boolean clean;
    if (servers) {
      try (MariaDbNode database = new MariaDbNode();
          RabbitMqNode broker = new RabbitMqNode()) {
        database.start();
        broker.start();
        clean =
            new Soak(time, disk, new StubGeocoder(), database, broker)
                .run(!arguments[2].equals("none"));
      }
    } else {
      clean =
          new Soak(time, disk, new StubGeocoder(), null, null).run(!arguments[2].equals("none"));
    }
    System.exit(clean ? 0 : 1);
  }

  private boolean run(boolean fills) throws Exception {
    ScheduledExecutorService senders =
        Executors.newScheduledThreadPool(
            4,
            work -> {
              Thread thread = new Thread(work, "sender");
              thread.setDaemon(true);
              return thread;
            });
    try (CaravelProcess program = caravel) {
      program.start();
      senders.scheduleAtFixedRate(this::upload, 0, UPLOAD_EVERY_MS, TimeUnit.MILLISECONDS);
      senders.scheduleAtFixedRate(this::drop, 0, DROP_EVERY_MS, TimeUnit.MILLISECONDS);
      senders.scheduleWithFixedDelay(this::watch, 5, 5, TimeUnit.SECONDS);
      long began = System.nanoTime();
      for (Weather each : weather(fills)) {
        observe(began, each.begin());
        say(each.name() + " begins");
        each.come().run();
        observe(began, each.begin() + each.length());
        each.go().run();
        say(each.name() + " is over");
        observe(began, each.begin() + each.length() + 0.015);
      }
      observe(began, 1);
      sending = false;
      say("nothing more is sent");
      program.awaitReady();
      await("all that was not answered is sent again")
          .forever()
          .until(() -> !sender.resend(program.baseUri()));
      try {
        KillRounds.awaitEnded(sender, program.baseUri(), home);
      } catch (ConditionTimeoutException e) {
        say("NOT ENDED: " + e.getMessage());
        say(queues());
      }
      senders.shutdownNow();
      senders.awaitTermination(2, TimeUnit.MINUTES);
      program.terminate();
      return reckon();
    } finally {
      geocoder.close();
      Files.deleteIfExists(filler);
    }
  }

  private List<Weather> weather(boolean fills) {
    List<Weather> all = new ArrayList<>();
    all.add(new Weather(0.04, 0.12, "geocoder away", geocoder::close, this::openGeocoder));
    if (fills) {
      all.add(new Weather(0.19, 0.08, "disk full", this::fill, this::makeRoom));
    }
    RabbitMqNode rabbit = broker;
    MariaDbNode maria = database;
    if (rabbit != null && maria != null) {
      all.add(new Weather(0.30, 0.06, "broker away", rabbit::kill9, rabbit::start));
      all.add(
          new Weather(
              0.40,
              0.05,
              "database stopped",
              () -> signal("STOP", "mariadbd", ProcessHandle.current()),
              () -> signal("CONT", "mariadbd", ProcessHandle.current())));
      all.add(new Weather(0.48, 0.05, "database away", maria::kill9, maria::start));
    }
    ProcessHandle[] children = new ProcessHandle[1];
    all.add(
        new Weather(
            0.56,
            0.03,
            "children killed, an ExifTool stopped",
            () -> {
              children[0] = ProcessHandle.of(caravel.pid()).orElseThrow();
              children[0].descendants().skip(1).forEach(ProcessHandle::destroyForcibly);
              signal("STOP", "", children[0]);
            },
            () -> signal("KILL", "", children[0])));
    all.add(new Weather(0.62, 0.03, "geocoder refuses", this::refuse, this::answer));
    all.add(new Weather(0.68, 0.02, "program killed", this::kill, this::startAgain));
    if (fills) {
      all.add(new Weather(0.76, 0.08, "disk full again", this::fill, this::makeRoom));
    }
    all.add(new Weather(0.88, 0.01, "program killed again", this::kill, this::startAgain));
    return all;
  }

  private void refuse() {
    geocoder.usually(StubGeocoder.status(503, null));
  }

  private void answer() {
    geocoder.usually(StubGeocoder.answer());
  }

  private void openGeocoder() {
    geocoder = new StubGeocoder(URI.create(geocoder.url()).getPort());
  }

  private void kill() {
    killed = true;
    caravel.kill9();
  }

  private void startAgain() {
    restarts++;
    caravel.launch();
    killed = false;
  }

  /** The children of this name of a process, all if it is empty. */
  private static void signal(String signal, String name, ProcessHandle parent) throws Exception {
    for (ProcessHandle child : parent.descendants().toList()) {
      if (child.info().command().orElse("").endsWith(name)) {
        new ProcessBuilder("kill", "-" + signal, "" + child.pid()).start().waitFor();
      }
    }
  }

  private void fill() throws IOException {
    diskFull = true;
    byte[] block = new byte[1 << 20];
    for (int size = block.length; size > 0; size /= 2) {
      try (OutputStream out =
          Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        while (true) {
          out.write(block, 0, size);
        }
      } catch (IOException e) {
        // that much does not fit any more
      }
    }
  }

  private void makeRoom() throws IOException {
    Files.deleteIfExists(filler);
    diskFull = false;
  }

  private void upload() {
    if (sending) {
      sender.upload(caravel.baseUri(), 2);
    }
  }

  private void drop() {
    if (sending && !diskFull && caravel.alive()) {
      sender.drop(home.inbox());
    }
  }

  /** Starts a program that has ended by itself, as launcher and unit do; looks at its memory. */
  private void watch() {
    try {
      if (!caravel.alive() && !killed) {
        say("  the program has ended by itself");
        startAgain();
      }
      for (String line : Files.readAllLines(Path.of("/proc/" + caravel.pid() + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          mostKilobytes = Math.max(mostKilobytes, Long.parseLong(line.replaceAll("\\D", "")));
        }
      }
    } catch (IOException | RuntimeException e) {
      // gone just now
    }
  }

  /** Says what health and the queues say of themselves, once it changes, until a part is over. */
  private void observe(long began, double part) {
    long end = began + (long) (time.toNanos() * part);
    AtomicReference<String> before = new AtomicReference<>("");
    await("the end of this part")
        .forever()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              String now = health();
              if (!now.equals(before.getAndSet(now))) {
                say("  health " + now);
              }
              return System.nanoTime() - end >= 0;
            });
  }

  private String health() {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(caravel.baseUri().resolve("/actuator/health"))
                  .timeout(Duration.ofSeconds(5))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      JsonNode parts = new ObjectMapper().readTree(answer.body());
      List<String> down = new ArrayList<>();
      for (Map.Entry<String, JsonNode> part : parts.path("components").properties()) {
        if (!part.getValue().path("status").asText().equals("UP")) {
          down.add(part.getKey() + ": " + part.getValue().at("/details/reason").asText());
        }
      }
      return parts.path("status").asText() + (down.isEmpty() ? "" : " " + down);
    } catch (IOException e) {
      return "does not answer";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private String queues() {
    try {
      return sender.get(caravel.baseUri(), "/api/queues").toString();
    } catch (IOException e) {
      return "no answer from /api/queues: " + e.getMessage();
    }
  }

  private static void say(String what) {
    System.out.println(LocalTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS) + " " + what);
  }

  private boolean reckon() throws Exception {
    Reckoning reckoning = Reckoning.of(home, sender);
    List<String> findings = reckoning.findings();
    findings.stream().limit(60).forEach(System.out::println);
    try (Connection connection = home.connect();
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    "select queue, cause, count(*), max(error) from jobs where state = 'failed' group by queue, cause")) {
      while (row.next()) {
        System.out.printf(
            "parked: %d of %s, %s: %s%n",
            row.getInt(3), row.getString(1), row.getString(2), row.getString(4));
      }
    }
    Path log = Files.createTempFile("soak-", ".log");
    Files.writeString(log, caravel.log());
    long lines = caravel.log().lines().count();
    System.out.printf("log: %d lines in %s%n", lines, log);
    System.out.printf("program: %d restarts, at most %d MB%n", restarts, mostKilobytes / 1024);
    System.out.printf(
        "soak of %d min on %s: accepted %d, dropped %d, refused meanwhile %d, lost %d, doubled %d, torn %d, parked %d, other %d, log lines %d%n",
        time.toMinutes(),
        database == null ? "H2" : "RabbitMQ and MariaDB",
        reckoning.accepted(),
        sender.dropped().size(),
        sender.refused(),
        reckoning.lost().size(),
        reckoning.doubled().size(),
        reckoning.torn().size(),
        reckoning.parked().size(),
        reckoning.others().size(),
        lines);
    return findings.isEmpty() && lines < MOST_LOG_LINES;
  }
}
