package io.caravel;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Tells systemd that Caravel is ready, and from then on that it lives, as long as its door for that
 * answers (sd_notify(3); by systemd-notify, for Java has no datagrams of the local kind). Does
 * nothing where no systemd asked for it.
 */
@Component
class Systemd {
  private static final Logger LOG = LoggerFactory.getLogger(Systemd.class);
  private static final Duration LONGEST = Duration.ofSeconds(20);

  private final boolean asked;
  private final long watchdogMicros;
  private final Environment settings;

  Systemd(Environment settings) {
    this.settings = settings;
    this.asked = !settings.getProperty("NOTIFY_SOCKET", "").isEmpty();
    this.watchdogMicros = settings.getProperty("WATCHDOG_USEC", Long.class, 0L);
  }

  @EventListener(ApplicationReadyEvent.class)
  void ready() {
    if (asked) {
      Thread thread = new Thread(this::tell, "systemd");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void tell() {
    try {
      say("--ready", "--status=Caravel is ready");
      if (watchdogMicros > 0) {
        keepTelling();
      }
    } catch (IOException e) {
      LOG.warn("systemd cannot be told that Caravel is ready: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void keepTelling() throws InterruptedException {
    Duration pause = Duration.ofNanos(watchdogMicros * 1000 / 3);
    HttpClient client = HttpClient.newBuilder().connectTimeout(pause).build();
    Reach caravel =
        new Reach(
            Map.of(
                "CARAVEL_ADDRESS",
                settings.getProperty("caravel.address", ""),
                "CARAVEL_PORT",
                settings.getProperty("local.server.port", "")));
    while (true) {
      if (answers(client, caravel, pause)) {
        try {
          say("WATCHDOG=1");
        } catch (IOException e) {
          LOG.warn(
              "systemd cannot be told that Caravel lives; it is tried again: {}", e.getMessage());
        }
      }
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    }
  }

  private static boolean answers(HttpClient client, Reach caravel, Duration patience)
      throws InterruptedException {
    try {
      return client
              .send(
                  caravel.request("/actuator/health/liveness").timeout(patience).build(),
                  BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      LOG.warn("Caravel's own door does not answer: {}", e.toString());
      return false;
    }
  }

  private static void say(String... what) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("systemd-notify"));
    command.addAll(List.of(what));
    Process notify =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!notify.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
      notify.destroyForcibly();
    }
  }
}
