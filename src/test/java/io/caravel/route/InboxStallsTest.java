package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/**
 * Copies into the inbox that stall in the middle for longer than a file is waited for, and go on:
 * none torn, none doubled. {@code -Dcaravel.test.stalls=20}: so many of each way
 * (src/bench/inbox-stalls).
 */
class InboxStallsTest extends FlowTest {
  private static final int EACH = Integer.getInteger("caravel.test.stalls", 2);

  /** One way to copy a file, which calls {@code stall} when half of it is there. */
  private interface Way {
    void copy(Path target, byte[] bytes, Stall stall) throws Exception;
  }

  private interface Stall {
    void on(Path file) throws Exception;
  }

  /** Until the inbox has had its time: a file that was dropped later is done. */
  private void stall(Path file) throws IOException {
    for (int times = 0; times < 2; times++) {
      String name = "later-" + UUID.randomUUID() + ".jpg";
      Files.write(inbox().resolve(name), Picture.tiny().bytes());
      eventually(name + " is done", () -> Files.exists(inbox().resolve(".done").resolve(name)));
    }
  }

  /** As from another machine: a mapped file is open in no process. Waits until it was taken. */
  private void reserved(Path target, byte[] bytes, Stall stall) throws Exception {
    MappedByteBuffer mapped;
    try (RandomAccessFile file = new RandomAccessFile(target.toFile(), "rw")) {
      file.setLength(bytes.length);
      mapped = file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, bytes.length);
    }
    mapped.put(bytes, 0, bytes.length / 2);
    mapped.force();
    eventually(target + " is taken", () -> !Files.exists(target));
    stall.on(target);
    mapped.put(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
    mapped.force();
  }

  private void renamed(Path target, byte[] bytes, Stall stall) throws Exception {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    Files.write(part, Arrays.copyOf(bytes, bytes.length / 2));
    stall.on(part);
    Files.write(part, bytes);
    Files.move(part, target);
  }

  private void byCp(Path target, byte[] bytes, Stall stall) throws Exception {
    Path pipe = target.resolveSibling("." + target.getFileName() + ".pipe");
    run("mkfifo", pipe.toString());
    Process cp = new ProcessBuilder("cp", pipe.toString(), target.toString()).start();
    try (OutputStream out = Files.newOutputStream(pipe)) {
      out.write(bytes, 0, bytes.length / 2);
      out.flush();
      stall.on(target);
      out.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
    }
    assertThat(cp.waitFor()).isZero();
    Files.delete(pipe);
  }

  /** Stopped in its middle, in its own hidden file. */
  private void byRsync(Path target, byte[] bytes, Stall stall) throws Exception {
    Path source = Files.write(home("rsync-" + target.getFileName()), bytes);
    Process rsync =
        new ProcessBuilder("rsync", "--bwlimit=30", source.toString(), target.toString()).start();
    eventually(
        "rsync writes",
        () -> {
          try (var files = Files.list(target.getParent())) {
            return files.anyMatch(
                file -> file.getFileName().toString().startsWith("." + target.getFileName()));
          }
        });
    run("kill", "-STOP", String.valueOf(rsync.pid()));
    stall.on(target);
    run("kill", "-CONT", String.valueOf(rsync.pid()));
    assertThat(rsync.waitFor()).isZero();
  }

  private void byCurl(Path target, byte[] bytes, Stall stall) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, bytes.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes, 0, bytes.length / 2);
            out.flush();
            stall.on(target);
            out.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
          } catch (Exception e) {
            throw new IOException(e);
          }
        });
    server.start();
    try {
      run(
          "curl",
          "-sSf",
          "-o",
          target.toString(),
          "http://127.0.0.1:" + server.getAddress().getPort() + "/");
    } finally {
      server.stop(0);
    }
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
        .as(String.join(" ", command))
        .isZero();
  }

  private static boolean isThere(String command) {
    return Files.isExecutable(Path.of("/usr/bin", command));
  }

  @Test
  void copiesThatStallAndGoOnAreTornAndDoubledNever() throws Exception {
    Map<String, Way> ways = new LinkedHashMap<>();
    ways.put("reserved", this::reserved);
    ways.put("renamed", this::renamed);
    ways.put("cp", this::byCp);
    if (isThere("rsync")) {
      ways.put("rsync", this::byRsync);
    }
    if (isThere("curl")) {
      ways.put("curl", this::byCurl);
    }
    String mark = UUID.randomUUID().toString().substring(0, 8);
    Path folder = Files.createDirectories(inbox().resolve("stalls-" + mark));
    Map<String, byte[]> files = new LinkedHashMap<>();
    ExecutorService copiers = Executors.newFixedThreadPool(ways.size() * Math.min(EACH, 8));
    try {
      List<Future<?>> copies = new ArrayList<>();
      for (int count = 0; count < EACH; count++) {
        for (Map.Entry<String, Way> way : ways.entrySet()) {
          String name = way.getKey() + "-" + count + "-" + mark + ".jpg";
          byte[] bytes = photo();
          files.put(name, bytes);
          copies.add(
              copiers.submit(
                  () -> {
                    way.getValue().copy(folder.resolve(name), bytes, this::stall);
                    return null;
                  }));
        }
      }
      for (Future<?> copy : copies) {
        copy.get();
      }
    } finally {
      copiers.shutdownNow();
    }

    Path done = inbox().resolve(".done").resolve(folder.getFileName());
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      String sha256 =
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file.getValue()));
      eventually(
          file.getKey() + " is done, and the one photo of it is whole",
          () ->
              Files.exists(done.resolve(file.getKey()))
                  && Arrays.equals(Files.readAllBytes(done.resolve(file.getKey())), file.getValue())
                  && photos(file.getKey()).equals(List.of(sha256)));
    }
    try (var all = Files.walk(done)) {
      assertThat(all.filter(Files::isRegularFile)).hasSize(files.size());
    }
    FileSystemUtils.deleteRecursively(folder);
  }

  /** Of some 400 kB, so that rsync takes its time. */
  private static byte[] photo() {
    BufferedImage noise = new BufferedImage(700, 500, BufferedImage.TYPE_INT_RGB);
    Random random = new Random();
    for (int pixel = 0; pixel < 700 * 500; pixel++) {
      noise.setRGB(pixel % 700, pixel / 700, random.nextInt());
    }
    return Picture.of(noise).bytes();
  }

  private List<String> photos(String name) {
    return database
        .sql("select sha256 from images where filename = :name and deleted_at is null")
        .param("name", name)
        .query(String.class)
        .list();
  }
}
