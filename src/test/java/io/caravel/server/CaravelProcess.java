package io.caravel.server;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Caravel itself: the packaged jar (system property {@code caravel.jar}; its JVM's options are
 * {@code caravel.jvm}) as a process on a free loopback port, with a CARAVEL_HOME of its own unless
 * one is given. It may be killed and started again, on the same port and home, as often as a test
 * likes; it ends with the test JVM.
 */
public final class CaravelProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(5);
  // C1 alone starts sooner: a test's processes live for seconds.
  private static final String JVM = "-Xmx512m -XX:+ExitOnOutOfMemoryError -XX:TieredStopAtLevel=1";
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private final Sandbox sandbox = new Sandbox("home");
  private final int port = Ports.free();
  private final Map<String, String> environment = new TreeMap<>();
  private final List<String> wrapper;
  private @Nullable Child program;

  /** Not yet started; {@code settings} are environment variables such as CARAVEL_DB_URL. */
  public CaravelProcess(Map<String, String> settings) {
    this(settings, List.of());
  }

  /** The same under another program, such as {@code strace -f -o FILE}. */
  public CaravelProcess(Map<String, String> settings, List<String> wrapper) {
    this.wrapper = List.copyOf(wrapper);
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("CARAVEL_HOME", sandbox.path("data").toString());
    environment.put("CARAVEL_ADDRESS", "127.0.0.1");
    environment.put("CARAVEL_PORT", Integer.toString(port));
    // A test asks nobody outside for a place unless it names a geocoder.
    environment.put("CARAVEL_NOMINATIM_URL", "http://127.0.0.1:9");
    environment.putAll(settings);
  }

  /** Starts it and waits until it is ready. */
  public CaravelProcess start() {
    launch();
    return awaitReady();
  }

  /**
   * Starts it with these words, such as {@code import}, and does not wait: not while it runs
   * otherwise.
   */
  public void launch(String... words) {
    launch(List.of(words));
  }

  private synchronized void launch(List<String> words) {
    if (program != null && program.alive()) {
      throw new IllegalStateException("Caravel runs already");
    }
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("caravel.jvm", JVM).split(" ")));
    command.addAll(Packaged.arguments());
    command.addAll(words);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .keySet()
        .removeIf(key -> key.startsWith("CARAVEL_") || key.startsWith("SPRING_"));
    builder.environment().putAll(environment);
    program = sandbox.start("caravel", builder);
  }

  /** Waits until GET /actuator/health/readiness answers 200. */
  public CaravelProcess awaitReady() {
    try {
      await("Caravel ready")
          .atMost(START)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> !alive() || ready());
    } catch (ConditionTimeoutException e) {
      throw new IllegalStateException("Caravel did not become ready\n" + tail(), e);
    }
    if (!alive()) {
      throw new IllegalStateException("Caravel ended at its start\n" + tail());
    }
    return this;
  }

  /** Whether it takes requests now. */
  public boolean ready() {
    HttpRequest request =
        HttpRequest.newBuilder(baseUri().resolve("/actuator/health/readiness"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** {@code http://127.0.0.1:port/}. */
  public URI baseUri() {
    return URI.create("http://127.0.0.1:" + environment.get("CARAVEL_PORT") + "/");
  }

  /** Its CARAVEL_HOME. */
  public Path home() {
    return Path.of(environment.getOrDefault("CARAVEL_HOME", ""));
  }

  /** The JVM's process id, also when another program is wrapped around it. */
  public long pid() {
    return java().pid();
  }

  public boolean alive() {
    return program != null && program.alive();
  }

  /** Ends the JVM at once: no shutdown hook runs, and its children are left to notice. */
  public synchronized void kill9() {
    if (program != null) {
      java().destroyForcibly();
      program.awaitEnd();
    }
  }

  /** {@link #kill9} at a moment of the next milliseconds that chance decides. */
  public void killWithin(long millis, Random random) {
    CompletableFuture.runAsync(
            this::kill9,
            CompletableFuture.delayedExecutor(
                (long) (random.nextDouble() * millis), TimeUnit.MILLISECONDS))
        .join();
  }

  /** Asks it to end (SIGTERM), and waits a minute for that. Returns its exit status. */
  public synchronized int terminate() {
    if (program == null) {
      throw new IllegalStateException("Caravel was not started");
    }
    java().destroy();
    return program.awaitEnd();
  }

  /** Waits until it has ended by itself. Returns its exit status. */
  public synchronized int awaitEnd() {
    if (program == null) {
      throw new IllegalStateException("Caravel was not started");
    }
    return program.awaitEnd();
  }

  /** All it printed, over all its lives. */
  public String log() {
    return program == null ? "" : program.log();
  }

  /** The last lines of it, for the message of a failed test. */
  public String tail() {
    return program == null ? "" : program.tail();
  }

  /** Ends it and removes its home, unless that was given. */
  @Override
  public void close() {
    sandbox.close();
  }

  private ProcessHandle java() {
    if (program == null) {
      throw new IllegalStateException("Caravel was not started");
    }
    ProcessHandle outer = program.handle();
    return wrapper.isEmpty()
        ? outer
        : outer
            .descendants()
            .filter(child -> child.info().command().orElse("").endsWith("/java"))
            .findFirst()
            .orElse(outer);
  }
}
