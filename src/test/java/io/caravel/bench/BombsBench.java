package io.caravel.bench;

import io.caravel.crash.Camera;
import io.caravel.crash.Sender;
import io.caravel.photo.DrawnPng;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The most memory that the program and its children have at a time, over the photos of a directory,
 * pictures made to fill the machine, and many small photos.
 */
public final class BombsBench {
  private static final int EACH = 10;

  private BombsBench() {}

  /** {@code BombsBench PHOTOS DIRECTORY}. */
  public static void main(String[] arguments) throws Exception {
    int photos = Integer.parseInt(arguments[0]);
    Map<String, String> settings =
        Map.of(
            "CARAVEL_MAX_MEGAPIXELS", "1000",
            "CARAVEL_GEOCODING", "off",
            "CARAVEL_ROLES", System.getenv().getOrDefault("BENCH_ROLES", "all"),
            "CARAVEL_WORKERS_THUMBNAILS", "2");
    ScheduledExecutorService looker =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "looker");
              thread.setDaemon(true);
              return thread;
            });
    try (CaravelProcess caravel = new CaravelProcess(settings)) {
      caravel.start();
      Peak most = new Peak();
      looker.scheduleWithFixedDelay(() -> most.look(caravel.pid()), 0, 50, TimeUnit.MILLISECONDS);
      Sender sender = new Sender(new Camera(1, "bombs", 640, 480, 5));
      int sent = dropAll(caravel, Path.of(arguments[1]));
      report("the directory", caravel, sender, sent, most);
      bombs(caravel.home().resolve("inbox"));
      report("the bombs", caravel, sender, sent + 4, most);
      packed(caravel.home().resolve("inbox"));
      report("the packed texts", caravel, sender, sent + 4 + 2 * EACH, most);
      Camera camera = new Camera(2, "many", 640, 480, 5);
      FlowCpu.upload(caravel, sender, camera, photos);
      report(photos + " photos", caravel, sender, sent + 4 + 2 * EACH + photos, most);
    }
    System.exit(0);
  }

  private static int dropAll(CaravelProcess caravel, Path directory) throws IOException {
    int count = 0;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        Path to = caravel.home().resolve("inbox").resolve(count++ + "-" + file.getFileName());
        Files.copy(file, to);
      }
    }
    return count;
  }

  /** Waits until the inbox is empty and all jobs have ended. */
  private static void report(
      String what, CaravelProcess caravel, Sender sender, int atMost, Peak most) throws Exception {
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofMinutes(30))
        .ignoreExceptions() // files are taken away while they are counted
        .until(() -> waiting(caravel.home().resolve("inbox")) == 0);
    long failed = Finish.awaitAllEnded(sender, caravel.baseUri(), 1, Duration.ofMinutes(60));
    System.out.printf(
        "after %s (at most %d photos, %d jobs failed): most memory so far %d MB (%s), now %d MB%n",
        what, atMost, failed, most.kilobytes / 1024, most.parts, kilobytes(caravel.pid()) / 1024);
  }

  private static long waiting(Path inbox) throws IOException {
    try (Stream<Path> files = Files.walk(inbox)) {
      return files
          .filter(Files::isRegularFile)
          .filter(
              file -> {
                String name = inbox.relativize(file).toString();
                return !name.startsWith(".done") && !name.startsWith(".failed");
              })
          .count();
    }
  }

  /** The most there was at a time, and of what. */
  private static final class Peak {
    private volatile long kilobytes;
    private volatile String parts = "";

    private void look(long pid) {
      long now = BombsBench.kilobytes(pid);
      if (now > kilobytes) {
        kilobytes = now;
        parts =
            HeapGrowth.residentKilobytes(pid) / 1024
                + ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::descendants)
                    .map(
                        child ->
                            child.info().command().orElse("?").replaceAll(".*/", " ")
                                + " "
                                + HeapGrowth.residentKilobytes(child.pid()) / 1024)
                    .collect(java.util.stream.Collectors.joining());
      }
    }
  }

  /**
   * Resident memory of a process and all below it. One that is being started shows its parent's as
   * its own until it has become another program: it does not count.
   */
  static long kilobytes(long pid) {
    return HeapGrowth.residentKilobytes(pid)
        + ProcessHandle.of(pid).stream()
            .flatMap(ProcessHandle::descendants)
            .filter(child -> !isJava(child))
            .mapToLong(child -> HeapGrowth.residentKilobytes(child.pid()))
            .sum();
  }

  private static boolean isJava(ProcessHandle child) {
    return child.info().command().filter(command -> !command.endsWith("/java")).isEmpty();
  }

  private static void bombs(Path inbox) throws Exception {
    Files.write(inbox.resolve("bomb.png"), new DrawnPng(30_000, 30_000).pixels().end());
    Files.write(inbox.resolve("bomb.gif"), gif(10_000));
    Files.write(inbox.resolve("bomb.tif"), tiff());
    Path pixels = Files.createTempFile("bomb", ".v");
    Path jpeg = Files.createTempFile("bomb", ".jpg");
    run("vips", "black", pixels.toString(), "16000", "15600", "--bands", "3");
    run("vips", "jpegsave", pixels.toString(), jpeg.toString(), "--interlace");
    Files.copy(jpeg, inbox.resolve("bomb.jpg"));
    Files.delete(pixels);
    Files.delete(jpeg);
  }

  /** Texts of 1.5 GB, and of 40 times 60 MB, in a few that differ. */
  private static void packed(Path inbox) throws IOException {
    byte[] large = DrawnPng.packed(1500);
    byte[] small = DrawnPng.packed(60);
    for (int i = 0; i < EACH; i++) {
      DrawnPng one = new DrawnPng(8 + i, 8);
      one.chunk("zTXt", DrawnPng.latin("Comment\0\0"), large);
      Files.write(inbox.resolve("one-text-" + i + ".png"), one.pixels().end());
      DrawnPng many = new DrawnPng(8, 8 + i);
      for (int text = 0; text < 40; text++) {
        many.chunk("zTXt", DrawnPng.latin("Text" + text + "\0\0"), small);
      }
      Files.write(inbox.resolve("many-texts-" + i + ".png"), many.pixels().end());
    }
  }

  static byte[] gif(int frames) {
    ByteBuffer gif = ByteBuffer.allocate(19 + frames * 15 + 1).order(ByteOrder.LITTLE_ENDIAN);
    gif.put("GIF89a".getBytes(StandardCharsets.US_ASCII)).putShort((short) 64).putShort((short) 64);
    gif.put(new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, (byte) 255, (byte) 255, (byte) 255});
    for (int i = 0; i < frames; i++) {
      gif.put((byte) ',').putShort((short) (i % 64)).putShort((short) (i / 64 % 64));
      gif.putShort((short) 1).putShort((short) 1).put(new byte[] {0, 2, 2, 0x4C, 1, 0});
    }
    gif.put((byte) ';');
    return java.util.Arrays.copyOf(gif.array(), gif.position());
  }

  /** Whose directory of pictures is followed by itself. */
  static byte[] tiff() {
    int[][] tags = {
      {256, 3, 1, 8},
      {257, 3, 1, 8},
      {258, 3, 1, 8},
      {259, 3, 1, 1},
      {262, 3, 1, 1},
      {273, 4, 1, 8},
      {277, 3, 1, 1},
      {278, 3, 1, 8},
      {279, 4, 1, 64}
    };
    ByteBuffer tiff = ByteBuffer.allocate(300).order(ByteOrder.LITTLE_ENDIAN);
    tiff.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(72);
    for (int i = 0; i < 64; i++) {
      tiff.put((byte) (i * 4));
    }
    tiff.putShort((short) tags.length);
    for (int[] tag : tags) {
      tiff.putShort((short) tag[0]).putShort((short) tag[1]).putInt(tag[2]).putInt(tag[3]);
    }
    tiff.putInt(72);
    return java.util.Arrays.copyOf(tiff.array(), tiff.position());
  }

  private static void run(String... command) throws IOException, InterruptedException {
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }
}
