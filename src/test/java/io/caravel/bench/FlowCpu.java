package io.caravel.bench;

import io.caravel.crash.Camera;
import io.caravel.crash.Sender;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * JVM CPU per photo of the flow itself: of the whole program, less that of the same beans called
 * directly in a JVM of the same options, on the same photos after the same warm-up.
 */
public final class FlowCpu {
  private static final int PER_REQUEST = 20;
  private static final long SEED = 1;

  private FlowCpu() {}

  /** Milliseconds a photo. */
  private record Cost(double cold, double warm) {}

  /** {@code FlowCpu PHOTOS}: so many to warm up, then so many to measure. */
  public static void main(String[] arguments) throws Exception {
    int photos = Integer.parseInt(arguments[0]);
    Cost beans = beans(photos);
    Cost flow = flow(photos);
    System.out.printf(
        "JVM CPU a photo, %d after a warm-up of %d: program %.1f ms, the same beans alone %.1f ms, the flow itself %.1f ms%n",
        photos, photos, flow.warm(), beans.warm(), flow.warm() - beans.warm());
    System.out.printf(
        "cold, the first %d after the start: program %.1f ms, the same beans alone %.1f ms, the flow itself %.1f ms%n",
        photos, flow.cold(), beans.cold(), flow.cold() - beans.cold());
  }

  /** The photos of both measurements, the same bytes in the same order. */
  static Camera camera() {
    return new Camera(SEED, "flow-cpu", 120, 90, Integer.MAX_VALUE);
  }

  private static Cost flow(int photos) throws Exception {
    try (CaravelProcess caravel =
        new CaravelProcess(Map.of("CARAVEL_ROLES", "intake,thumbnails,metadata,geolocation,web"))) {
      caravel.start();
      Camera camera = camera();
      Sender sender = new Sender(camera);
      double start = Cpu.seconds(caravel.pid());
      upload(caravel, sender, camera, photos);
      Finish.awaitAllEnded(sender, caravel.baseUri(), photos, Duration.ofMinutes(10));
      double warm = Cpu.seconds(caravel.pid());
      upload(caravel, sender, camera, photos);
      Finish.awaitAllEnded(sender, caravel.baseUri(), 2L * photos, Duration.ofMinutes(10));
      double end = Cpu.seconds(caravel.pid());
      return new Cost((warm - start) * 1000 / photos, (end - warm) * 1000 / photos);
    }
  }

  static void upload(CaravelProcess caravel, Sender sender, Camera camera, int photos) {
    for (int sent = 0; sent < photos; sent += PER_REQUEST) {
      List<Camera.Shot> shots = new ArrayList<>();
      for (int i = sent; i < Math.min(sent + PER_REQUEST, photos); i++) {
        shots.add(camera.shoot());
      }
      if (!sender.send(caravel.baseUri(), shots)) {
        throw new IllegalStateException("no 202 for an upload\n" + caravel.tail());
      }
    }
  }

  private static Cost beans(int photos) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("caravel.jvm", "-Xmx512m").split(" ")));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            BeansAlone.class.getName(),
            String.valueOf(photos)));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var lines = process.inputReader()) {
      String line = lines.readLine();
      if (process.waitFor() != 0 || line == null) {
        throw new IOException("the beans alone failed: " + line);
      }
      String[] costs = line.split(" ");
      return new Cost(Double.parseDouble(costs[0]), Double.parseDouble(costs[1]));
    }
  }
}
