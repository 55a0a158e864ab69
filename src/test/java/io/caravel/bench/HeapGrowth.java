package io.caravel.bench;

import io.caravel.crash.Camera;
import io.caravel.crash.Sender;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program's heap after a collection and its RSS at few photos and at many, all jobs ended. */
public final class HeapGrowth {
  private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private HeapGrowth() {}

  /** Megabytes. */
  private record Memory(double heap, double resident) {}

  /** {@code HeapGrowth FEW MANY}. */
  public static void main(String[] arguments) throws Exception {
    int few = Integer.parseInt(arguments[0]);
    int many = Integer.parseInt(arguments[1]);
    try (CaravelProcess caravel =
        new CaravelProcess(Map.of("CARAVEL_ROLES", "intake,thumbnails,metadata,geolocation,web"))) {
      caravel.start();
      Camera camera = new Camera(1, "heap-growth", 120, 90, Integer.MAX_VALUE);
      Sender sender = new Sender(camera);
      Memory atFew = memory(caravel, sender, camera, few, few);
      Memory atMany = memory(caravel, sender, camera, many - few, many);
      System.out.printf(
          "at %d and %d photos: heap after GC %.1f and %.1f MB (ratio %.2f), RSS %.0f and %.0f MB (ratio %.2f)%n",
          few,
          many,
          atFew.heap(),
          atMany.heap(),
          atMany.heap() / atFew.heap(),
          atFew.resident(),
          atMany.resident(),
          atMany.resident() / atFew.resident());
    }
  }

  private static Memory memory(
      CaravelProcess caravel, Sender sender, Camera camera, int more, int all) throws Exception {
    FlowCpu.upload(caravel, sender, camera, more);
    Finish.awaitAllEnded(sender, caravel.baseUri(), all, Duration.ofMinutes(30));
    jcmd(caravel.pid(), "GC.run");
    jcmd(caravel.pid(), "GC.run"); // what the first one had finalised
    return new Memory(
        kilobytes(USED, jcmd(caravel.pid(), "GC.heap_info")) / 1024,
        residentKilobytes(caravel.pid()) / 1024.0);
  }

  /** Resident memory of one process; 0 when it is gone. */
  static long residentKilobytes(long pid) {
    try {
      return (long)
          kilobytes(RESIDENT, Files.readString(Path.of("/proc", Long.toString(pid), "status")));
    } catch (IOException e) {
      return 0;
    }
  }

  /** The sum of what the pattern finds: a collector may have several generations. */
  private static double kilobytes(Pattern pattern, String text) {
    double sum = 0;
    Matcher found = pattern.matcher(text);
    while (found.find()) {
      sum += Double.parseDouble(found.group(1));
    }
    return sum;
  }

  static String jcmd(long pid, String command) throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process process =
        new ProcessBuilder(jcmd, Long.toString(pid), command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("jcmd " + command + ": " + said);
    }
    return said;
  }
}
