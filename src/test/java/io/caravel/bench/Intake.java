package io.caravel.bench;

import static org.awaitility.Awaitility.await;

import io.caravel.crash.Camera;
import io.caravel.crash.Sender;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/**
 * Megabytes a second of intake, by REST and by the inbox, against {@code cp} and {@code sync} of
 * the same files to the same file system, in turns. The queues are paused: intake alone.
 */
public final class Intake {
  private static final int BYTES = 3_000_000;
  private static final int PER_REQUEST = 20;
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private final Path room;
  private final List<Path> photos = new ArrayList<>();
  private final CaravelProcess caravel;
  private int stamp;

  private Intake(Path room, CaravelProcess caravel) {
    this.room = room;
    this.caravel = caravel;
  }

  /** Brings the photos in. Returns megabytes a second. */
  private interface Work {
    double run() throws Exception;
  }

  private record Way(String name, Work work, double[] rates) {}

  /** {@code Intake PHOTOS ROUNDS}: so many photos in each round by each way. */
  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    try (CaravelProcess caravel =
        new CaravelProcess(Map.of("CARAVEL_ROLES", "intake,thumbnails,metadata,geolocation,web"))) {
      caravel.start();
      Sender sender = new Sender(FlowCpu.camera());
      for (String queue : List.of("thumbnails", "metadata", "geolocation")) {
        sender.post(caravel.baseUri(), "/api/queues/" + queue + "/pause");
      }
      // Beside the home: the same file system.
      Path room = Files.createTempDirectory(caravel.home().resolve(".."), "intake");
      Intake intake = new Intake(room, caravel);
      intake.draw(count);
      Way copied = new Way("cp + sync", intake::copy, new double[rounds]);
      List<Way> ways =
          List.of(
              copied,
              new Way("REST, 1 connection", () -> intake.upload(1), new double[rounds]),
              new Way("REST, 4 connections", () -> intake.upload(4), new double[rounds]),
              new Way("inbox", intake::drop, new double[rounds]));
      for (int round = -1; round < rounds; round++) { // the first one warms up
        for (Way way : ways) {
          intake.stamp();
          run("sync");
          double rate = way.work().run();
          if (round >= 0) {
            way.rates()[round] = rate;
          }
          intake.clear();
        }
      }
      System.out.printf(
          "%d photos of %.0f MB by each way, median of %d rounds:%n",
          count * rounds, BYTES / 1e6, rounds);
      double cp = Medians.of(copied.rates());
      for (Way way : ways) {
        double rate = Medians.of(way.rates());
        System.out.printf("%s %.0f MB/s (%.2f of cp)%n", way.name(), rate, rate / cp);
      }
    }
  }

  private void draw(int count) throws IOException {
    Camera camera = FlowCpu.camera();
    Random random = new Random(1);
    Path folder = Files.createDirectory(room.resolve("photos"));
    for (int i = 0; i < count; i++) {
      byte[] shot = camera.shoot().bytes();
      byte[] rest = new byte[BYTES - shot.length];
      random.nextBytes(rest);
      Path photo = folder.resolve("IMG_%04d.jpg".formatted(i));
      Files.write(photo, shot);
      Files.write(photo, rest, java.nio.file.StandardOpenOption.APPEND);
      photos.add(photo);
    }
  }

  /** Makes other photos of them: the same bytes would not be taken in again. */
  private void stamp() throws IOException {
    stamp++;
    for (Path photo : photos) {
      try (RandomAccessFile file = new RandomAccessFile(photo.toFile(), "rw")) {
        file.seek(BYTES - 8);
        file.writeLong(stamp);
      }
    }
  }

  private double copy() throws Exception {
    Path target = room.resolve("copy");
    long start = System.nanoTime();
    run("cp", "-r", room.resolve("photos").toString(), target.toString());
    run("sync", "-f", target.toString());
    return rate(photos.size(), System.nanoTime() - start);
  }

  private double upload(int connections) throws Exception {
    List<List<Path>> shares = new ArrayList<>();
    for (int connection = 0; connection < connections; connection++) {
      shares.add(new ArrayList<>());
    }
    for (int i = 0; i < photos.size(); i++) {
      shares.get(i % connections).add(photos.get(i));
    }
    long start = System.nanoTime();
    List<Process> senders = new ArrayList<>();
    for (List<Path> share : shares) {
      senders.add(curl(share));
    }
    int accepted = 0;
    for (Process sender : senders) {
      String said = new String(sender.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      accepted += said.split("\"accepted\"", -1).length - 1;
    }
    long took = System.nanoTime() - start;
    if (accepted != photos.size()) {
      throw new IllegalStateException(accepted + " accepted\n" + caravel.tail());
    }
    return rate(photos.size(), took);
  }

  /** One process, so one connection; request after request. */
  private Process curl(List<Path> share) throws IOException {
    URI door = caravel.baseUri().resolve("/api/photos");
    List<String> command = new ArrayList<>(List.of("curl", "-sS"));
    for (int i = 0; i < share.size(); i++) {
      if (i > 0 && i % PER_REQUEST == 0) {
        command.addAll(List.of(door.toString(), "--next", "-sS"));
      }
      command.addAll(List.of("-F", "file=@" + share.get(i)));
    }
    command.add(door.toString());
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** From the first photo in .done to the last: what a file needs to settle is not intake. */
  private double drop() throws Exception {
    Path folder = room.resolve("card" + stamp);
    run("cp", "-r", room.resolve("photos").toString(), folder.toString());
    run("sync", "-f", folder.toString());
    Path done = caravel.home().resolve("inbox/.done").resolve(folder.getFileName());
    Files.move(folder, caravel.home().resolve("inbox").resolve(folder.getFileName()));
    long[] first = new long[2];
    await("the inbox")
        .atMost(LONGEST)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              int taken = count(done);
              if (taken > 0 && first[0] == 0) {
                first[0] = System.nanoTime();
                first[1] = taken;
              }
              return taken == photos.size();
            });
    return rate(photos.size() - (int) first[1], System.nanoTime() - first[0]);
  }

  private static int count(Path folder) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return (int) files.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes what was made of the photos; the rows stay. */
  private void clear() throws IOException {
    FileSystemUtils.deleteRecursively(room.resolve("copy"));
    FileSystemUtils.deleteRecursively(caravel.home().resolve("inbox/.done"));
    try (Stream<Path> folders = Files.list(caravel.home().resolve("originals"))) {
      for (Path folder : folders.filter(each -> !each.endsWith(".incoming")).toList()) {
        FileSystemUtils.deleteRecursively(folder);
      }
    }
  }

  private static double rate(int photos, long nanos) {
    return photos * (BYTES / 1e6) / (nanos / 1e9);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }
}
