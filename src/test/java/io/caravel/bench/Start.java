package io.caravel.bench;

import static org.awaitility.Awaitility.await;

import io.caravel.crash.Camera;
import io.caravel.crash.Sender;
import io.caravel.server.CaravelProcess;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

/** Seconds from exec to "Caravel is ready", on a home that has photos. */
public final class Start {
  private static final int PHOTOS = 200;
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private Start() {}

  /** {@code Start TIMES}. */
  public static void main(String[] arguments) {
    int times = Integer.parseInt(arguments[0]);
    double[] seconds = new double[times];
    double[] cpu = new double[times];
    try (CaravelProcess caravel = new CaravelProcess(Map.of())) {
      caravel.start();
      Camera camera = new Camera(1, "start", 120, 90, Integer.MAX_VALUE);
      Sender sender = new Sender(camera);
      FlowCpu.upload(caravel, sender, camera, PHOTOS);
      Finish.awaitAllEnded(sender, caravel.baseUri(), PHOTOS, LONGEST);
      for (int time = 0; time < times; time++) {
        caravel.terminate();
        int before = caravel.log().length();
        long launched = System.nanoTime();
        caravel.launch();
        await("Caravel is ready")
            .atMost(LONGEST)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(20))
            .until(() -> caravel.log().indexOf("Caravel is ready", before) >= 0);
        seconds[time] = (System.nanoTime() - launched) / 1e9;
        cpu[time] = Cpu.seconds(caravel.pid());
      }
    }
    System.out.printf(
        "median of %d starts: ready after %.1f s (%.1f to %.1f), %.1f s of CPU%n",
        times,
        Medians.of(seconds),
        Arrays.stream(seconds).min().orElseThrow(),
        Arrays.stream(seconds).max().orElseThrow(),
        Medians.of(cpu));
  }
}
