package io.caravel.door;

import io.caravel.ground.NodeRegister;
import io.caravel.job.Queues;
import io.caravel.metadata.ExifToolPool;
import io.caravel.photo.Roots;
import io.caravel.photo.Scrub;
import io.caravel.place.Geocoder;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Metrics of the machine around the queues: disks, database, children, geocoder, nodes. Whoever
 * reads them waits for no disk: they were looked at by {@link #look}. Thread-safe.
 */
@Component("measures")
public class Measures {
  /** The decoders' program, see src/main/cpp/build.sh. */
  private static final String DECODER = "caravel-decode";

  private final Queues queues;
  private final Roots roots;
  private final ExifToolPool exiftool;
  private final @Nullable Path database;
  private final Map<String, Double> seen = new ConcurrentHashMap<>();

  Measures(
      MeterRegistry metrics,
      Queues queues,
      NodeRegister nodes,
      Roots roots,
      ExifToolPool exiftool,
      Geocoder geocoder,
      Scrub scrub,
      @Value("${caravel.home}") Path home,
      @Value("${caravel.db.url}") String databaseUrl) {
    this.queues = queues;
    this.roots = roots;
    this.exiftool = exiftool;
    this.database =
        databaseUrl.startsWith("jdbc:h2:") ? home.resolve("database/caravel.mv.db") : null;
    for (String root : roots.paths().keySet()) {
      gauge(metrics, "caravel.free.bytes", "Room left on a storage root", List.of("root", root));
    }
    for (String tool : List.of("exiftool", "decoder")) {
      gauge(metrics, "caravel.children", "Processes of a tool", List.of("tool", tool));
    }
    if (database != null) {
      gauge(metrics, "caravel.database.bytes", "Size of the embedded database", List.of());
    }
    Gauge.builder("caravel.nodes", nodes, NodeRegister::living)
        .description("Nodes that live, as this one's last beat saw")
        .register(metrics);
    Gauge.builder("caravel.originals.changed", scrub, Scrub::faults)
        .description("Originals that are gone or have other bytes than they came with")
        .register(metrics);
    questions(metrics, geocoder, "answered", Geocoder::answers);
    questions(metrics, geocoder, "refused", Geocoder::refusals);
    questions(metrics, geocoder, "unreachable", Geocoder::failures);
  }

  private void gauge(MeterRegistry metrics, String name, String what, List<String> tag) {
    String key = String.join(" ", name, String.join(" ", tag));
    Gauge.builder(name, () -> seen.getOrDefault(key.strip(), Double.NaN))
        .description(what)
        .tags(tag.toArray(String[]::new))
        .register(metrics);
  }

  private static void questions(
      MeterRegistry metrics, Geocoder geocoder, String outcome, ToDoubleFunction<Geocoder> count) {
    FunctionCounter.builder("caravel.geocoder.requests", geocoder, count)
        .description("Questions to the geocoder, by what came of them")
        .tags("outcome", outcome)
        .register(metrics);
  }

  /** Looks at disks and children, for as long as somebody reads the metrics. Every few seconds. */
  public void look() {
    if (!queues.metricsAreRead()) {
      return;
    }
    roots
        .paths()
        .forEach(
            (name, root) ->
                seen.put(
                    "caravel.free.bytes root " + name, (double) root.toFile().getUsableSpace()));
    if (database != null) {
      seen.put("caravel.database.bytes", (double) database.toFile().length());
    }
    seen.put("caravel.children tool exiftool", (double) exiftool.pids().size());
    seen.put(
        "caravel.children tool decoder",
        (double)
            ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().orElse("").contains(DECODER))
                .count());
  }
}
