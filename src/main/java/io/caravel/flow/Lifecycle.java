package io.caravel.flow;

import io.caravel.ground.Nodes;
import io.caravel.job.Crews;
import io.caravel.job.Jobs;
import io.caravel.job.Queues;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** The first and the last word of the program. */
@Component
final class Lifecycle implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger("caravel");

  private static final String PUBLIC_GEOCODER = "nominatim.openstreetmap.org";

  /** https://operations.osmfoundation.org/policies/nominatim/: four a minute. */
  private static final long POLICY_MS = 15_000;

  private final Jobs jobs;
  private final Nodes nodes;
  private final Crews crews;
  private final Queues queues;
  private final String address;
  private volatile boolean running;

  Lifecycle(
      Jobs jobs,
      Nodes nodes,
      Crews crews,
      Queues queues,
      @Value("${caravel.address}") String address) {
    this.queues = queues;
    this.jobs = jobs;
    this.nodes = nodes;
    this.crews = crews;
    this.address = address;
  }

  /** Says where to open it; and, to those who ask the public Nominatim, what its policy asks. */
  @EventListener
  void ready(ApplicationReadyEvent event) {
    Environment environment = event.getApplicationContext().getEnvironment();
    boolean publicGeocoder =
        environment.getProperty("caravel.geocoding", Boolean.class, true)
            && environment.getProperty("caravel.nominatim.url", "").contains(PUBLIC_GEOCODER);
    if (publicGeocoder
        && environment.getProperty("caravel.nominatim.period-ms", Long.class, 0L) < POLICY_MS) {
      LOG.info(
          "Places are asked of the public server {}. Its policy asks scripts that run all the time for 4 requests a"
              + " minute: set CARAVEL_NOMINATIM_PERIOD_MS={}, or CARAVEL_NOMINATIM_URL to a server of your own.",
          PUBLIC_GEOCODER,
          POLICY_MS);
    }
    LOG.info(
        "Caravel is ready: http://{}:{}/",
        address.contains(":") ? "[" + address + "]" : address,
        environment.getProperty("local.server.port"));
  }

  /** Started before the routes and stopped after them, while the database is still open. */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  public void start() {
    nodes.beat(); // before the first claim: what it runs is known to be a living node's
    queues.open();
    crews.refresh(); // before the routes start their workers
    jobs.restoreClaims();
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    int released = jobs.release();
    if (released > 0) {
      LOG.info("{} jobs were not finished; they are started again with the program.", released);
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
